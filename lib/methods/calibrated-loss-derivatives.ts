import { checkedOptions, checkedTensor } from '../tensor/checked';
import { expected } from '../tensor/expected';
import { checkNotNegative, checkPositive } from '../tensor/numbers';
import { scopedNoGrad } from '../tensor/scope';
import { checkNotEmpty, checkShapes } from '../tensor/shapes';
import type { Tensor } from '../tensor/tensor';

export interface InverseBoxCoxOptions {
  /** The transform's parameter. Default 0: the exponential function. */
  exponent?: number;
}

/**
 * The inverse of the Box-Cox transform: `max(0, 1 + exponent x)^(1 / exponent)`, `exp(x)` for exponent 0. A negative exponent gives Infinity
 * where `1 + exponent x` is not above 0.
 *
 * Shapes: any, elementwise.
 *
 * @throws for an exponent that is not finite
 *
 * Box, Cox: An Analysis of Transformations. Journal of the Royal Statistical Society B, 1964
 */
export function inverseBoxCox(values: Tensor, options?: InverseBoxCoxOptions): Tensor {
  const { exponent = 0 } = checkedOptions(options, 'inverseBoxCox');
  checkNotEmpty(values, 'values');
  checkExponent(exponent);
  return exponent === 0
    ? values.exp()
    : values
        .mul(exponent)
        .add(1)
        .clampMin(0)
        .pow(1 / exponent);
}

export interface CalibratedLossOptions extends InverseBoxCoxOptions {
  /** No derivative is below minus this; above 0. Default 1, the authors'. */
  clip?: number;
  /** From this margin on derivatives fade as `tail / margin`, so that the loss stays bounded below; above 0. Default 1, the authors'. */
  tail?: number;
  /** Subtracted from all, so that all are below 0; from 0. Default 1e-6, the authors'. */
  shift?: number;
}

/**
 * Random derivatives that some convex, classification-calibrated loss could have at the given margins: the steepest goes to the smallest
 * margin. No gradient flows.
 *
 * `r = -inverseBoxCox(noise)` sorted and held above `-clip`; the j-th smallest to the j-th smallest margin (equal ones in their order); times
 * `tail / margin` above `tail`; minus `shift`.
 *
 * Shapes: margins and noise, drawn from N(0, 1), [N]; [N].
 *
 * @throws for an empty batch, lengths that differ, `clip` or `tail` not above 0, a negative shift
 *
 * Dai: EnsLoss: Stochastic Calibrated Loss Ensembles for Preventing Overfitting in Classification. ICML 2025, arXiv 2409.00908
 */
export function calibratedLossDerivatives(margins: Tensor, noise: Tensor, options?: CalibratedLossOptions): Tensor {
  const { exponent = 0, clip = 1, tail = 1, shift = 1e-6 } = checkedOptions(options, 'calibratedLossDerivatives');
  checkExponent(exponent);
  checkPositive(clip, 'clip');
  checkPositive(tail, 'tail');
  checkNotNegative(shift, 'shift');
  checkShapes(['margins', margins, 'N'], ['noise', noise, 'N']);
  checkNotEmpty(margins, 'margins');
  return scopedNoGrad(() => {
    const drawn = inverseBoxCox(noise, { exponent }).neg().to(margins.dtype);
    const rising = drawn.sort().values.clampMin(-clip);
    const order = margins.sort({ stable: true, dim: 0, descending: false }).indices;
    const derivatives = rising.newEmpty(rising.shape).scatter(0, order, rising);
    return derivatives.mul(tail).div(margins.clampMin(tail)).sub(shift);
  });
}

function checkExponent(exponent: number): void {
  if (typeof exponent !== 'number' || !Number.isFinite(exponent)) throw expected('a finite number', 'exponent', exponent);
}

/** Flat outputs of one logit for each sample: [N], or [N, 1]. */
export function flatOutputs(outputs: Tensor): Tensor {
  const { shape } = checkedTensor(outputs, 'outputs');
  if (shape.length === 1) return outputs;
  if (shape.length === 2 && shape[1] === 1) return outputs.squeeze(1);
  throw expected('shape [N] or [N, 1]', 'outputs', outputs);
}
