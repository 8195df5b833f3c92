import { checkedOptions } from '../tensor/checked';
import { tensor } from '../tensor/creation';
import { expected } from '../tensor/expected';
import type { Tensor } from '../tensor/tensor';
import { calculated, equalErrorRate } from './verification';

export interface PresentationAttackErrorsOptions {
  /** From which score on a sample counts as an attack; null: the threshold of the equal error rate. Default null. */
  threshold?: number | null;
}

/** All are scalars, float64. */
export interface PresentationAttackErrors {
  /** Share of the attacks that are accepted. */
  readonly apcer: Tensor;
  /** Share of the bona fide samples that are rejected. */
  readonly bpcer: Tensor;
  /** The mean of the two; at a threshold that other data gave it is known as the half total error rate. */
  readonly acer: Tensor;
  /** The equal error rate, of all thresholds. */
  readonly eer: Tensor;
  /** The threshold in use. */
  readonly threshold: Tensor;
}

/**
 * The errors of a detector of presentation attacks, as ISO/IEC 30107-3 names them: attacks that are taken for bona fide, and bona fide samples
 * that are taken for attacks.
 *
 * Shapes: scores of being an attack [M], labels int64 [M], 1 for attacks and 0 for bona fide; scalars.
 *
 * @throws as `equalErrorRate`, and for a threshold that is NaN or no number
 *
 * Narayan, Patel: Hyp-OC: Hyperbolic One Class Classification for Face Anti-Spoofing. FG 2024, arXiv 2404.14406
 */
export function presentationAttackErrors(
  scores: Tensor,
  labels: Tensor,
  options?: PresentationAttackErrorsOptions,
): PresentationAttackErrors {
  const { threshold = null } = checkedOptions(options, 'presentationAttackErrors');
  if (threshold !== null && (typeof threshold !== 'number' || Number.isNaN(threshold)))
    throw expected('a number or null', 'threshold', threshold);
  return calculated(() => {
    const balance = equalErrorRate(scores, labels);
    const from = threshold === null ? balance.threshold.double() : tensor(threshold, { dtype: 'float64', device: scores.device });
    const said = scores.double().ge(from).double();
    const attack = labels.double();
    const bonaFide = attack.neg().add(1);
    const apcer = said.neg().add(1).mul(attack).sum().div(attack.sum());
    const bpcer = said.mul(bonaFide).sum().div(bonaFide.sum());
    return { apcer, bpcer, acer: apcer.add(bpcer).div(2), eer: balance.eer, threshold: from };
  });
}
