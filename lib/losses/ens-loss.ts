import { type CalibratedLossOptions, calibratedLossDerivatives, flatOutputs } from '../methods/calibrated-loss-derivatives';
import { softplus } from '../nn/functional';
import { type ReductionOptions, reduced } from '../nn/functional/reduction';
import { checkedOptions } from '../tensor/checked';
import { checkBinary } from '../tensor/labels';
import { checkChoice, checkNotNegative } from '../tensor/numbers';
import type { Tensor } from '../tensor/tensor';

export interface EnsLossOptions extends CalibratedLossOptions, ReductionOptions {}

/**
 * A surrogate whose gradient is that of a random calibrated loss, another one for each batch: the mean of `g_i s_i`, with margins
 * `s_i = (2 y_i - 1) f_i` and `g` from `methods.calibratedLossDerivatives`, detached.
 *
 * Its value means nothing and may be negative: follow the accuracy instead. Noise is drawn anew for every batch, and batches should have 16
 * samples or more. `methods.EnsLossSchedule` redraws the exponent.
 *
 * Shapes: outputs (logits) [N] or [N, 1], labels 0 or 1, int64 [N], noise from N(0, 1) [N]; a scalar, or [N] without reduction. Defaults: the
 * authors'.
 *
 * @throws for an empty batch, lengths that differ, labels other than 0 and 1, and as `methods.calibratedLossDerivatives`
 *
 * Dai: EnsLoss: Stochastic Calibrated Loss Ensembles for Preventing Overfitting in Classification. ICML 2025, arXiv 2409.00908
 */
export function ensLoss(outputs: Tensor, labels: Tensor, noise: Tensor, options?: EnsLossOptions): Tensor {
  const { reduction = 'mean', ...calibrated } = checkedOptions(options, 'ensLoss');
  const margins = marginsOf(outputs, labels);
  return reduced(calibratedLossDerivatives(margins.detach(), noise, calibrated).mul(margins), reduction);
}

/** A convex loss of the margin, or the focal loss. */
export type BinaryMarginKind = 'logistic' | 'hinge' | 'exponential' | 'focal';

const KINDS = ['logistic', 'hinge', 'exponential', 'focal'] as const;

export interface BinaryMarginOptions extends ReductionOptions {
  /** Default `'logistic'`. */
  kind?: BinaryMarginKind;
  /** How strongly the focal loss fades samples that are right, from 0. Default 2, from its paper. */
  gamma?: number;
}

/**
 * A loss of the margin `s = (2 y - 1) f`: logistic `log(1 + exp(-s))`, hinge `max(0, 1 - s)`, exponential `exp(-s)`, focal
 * `sigmoid(-s)^gamma log(1 + exp(-s))`.
 *
 * Shapes: outputs (logits) [N] or [N, 1], labels 0 or 1, int64 [N]; a scalar, or [N] without reduction.
 *
 * @throws for an empty batch, lengths that differ, labels other than 0 and 1, an unknown kind, a negative gamma
 *
 * Bartlett, Jordan, McAuliffe: Convexity, Classification, and Risk Bounds. JASA 2006; focal: Lin et al., ICCV 2017, arXiv 1708.02002
 */
export function binaryMarginLoss(outputs: Tensor, labels: Tensor, options?: BinaryMarginOptions): Tensor {
  const { kind = 'logistic', gamma = 2, reduction = 'mean' } = checkedOptions(options, 'binaryMarginLoss');
  checkChoice(kind, 'kind', KINDS);
  checkNotNegative(gamma, 'gamma');
  const against = marginsOf(outputs, labels).neg();
  switch (kind) {
    case 'logistic':
      return reduced(logistic(against), reduction);
    case 'hinge':
      return reduced(against.add(1).relu(), reduction);
    case 'exponential':
      return reduced(against.exp(), reduction);
    case 'focal':
      return reduced(against.sigmoid().pow(gamma).mul(logistic(against)), reduction);
  }
}

/** `log(1 + exp(x))`, to the last digit also where libtorch's softplus takes x itself. */
function logistic(x: Tensor): Tensor {
  return softplus(x, { threshold: 50 });
}

function marginsOf(outputs: Tensor, labels: Tensor): Tensor {
  const flat = flatOutputs(outputs);
  checkBinary(flat, labels, 'outputs');
  return flat.mul(labels.to(flat.dtype).mul(2).sub(1));
}
