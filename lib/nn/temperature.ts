/** Temperatures of logits, one for each sample: what divides by them and what they are predicted from. */

import { checkedOptions } from '../tensor/checked';
import { expected } from '../tensor/expected';
import { cat } from '../tensor/generated/root';
import { checkCount, checkPositive } from '../tensor/numbers';
import { scopedNoGrad } from '../tensor/scope';
import { checkShapes } from '../tensor/shapes';
import type { Tensor } from '../tensor/tensor';
import { checkAbove } from '../tensor/values';

/**
 * `logits / T`: above 1 a temperature makes predictions less certain, below 1 more. Which class is the largest stays.
 *
 * Shapes: logits [B, C], temperatures [B], or one for all, []; [B, C].
 *
 * @throws for other shapes, and for temperatures that are not above 0; those on other devices than the CPU are not looked into
 *
 * Guo, Pleiss, Sun, Weinberger: On Calibration of Modern Neural Networks. ICML 2017, arXiv 1706.04599
 */
export function applyTemperature(logits: Tensor, temperatures: Tensor): Tensor {
  checkTemperatures(logits, temperatures);
  return tempered(logits, temperatures);
}

/** Refuses what are no logits [B, C] with a positive temperature for each sample, or one for all. */
export function checkTemperatures(logits: Tensor, temperatures: Tensor): void {
  const { B } = checkShapes(['logits', logits, 'B', 'C']);
  if (temperatures?.shape?.length !== 0) checkShapes(['temperatures', temperatures, B]);
  checkAbove(temperatures, 0, 'temperatures');
}

/** `applyTemperature` without the checks. A product with the inverses: its gradient takes half the passes of the quotient's. */
export function tempered(logits: Tensor, temperatures: Tensor): Tensor {
  return logits.mul(temperatures.reciprocal().unsqueeze(-1));
}

export interface TemperatureBounds {
  /** Above 0. */
  minTemperature: number;
  /** From `minTemperature`. */
  maxTemperature: number;
}

/** Refuses bounds that are not positive or lie in the wrong order. */
export function checkTemperatureBounds({ minTemperature, maxTemperature }: TemperatureBounds): void {
  checkPositive(minTemperature, 'minTemperature');
  if (typeof maxTemperature !== 'number' || !(maxTemperature >= minTemperature))
    throw expected(`a number from minTemperature = ${minTemperature}`, 'maxTemperature', maxTemperature);
}

export interface CalibratorFeaturesOptions {
  /** How many of the classes with the largest logits, from 1. Default 4, the authors' number. */
  topK?: number;
}

/**
 * What a calibrator sees of a sample: the probabilities that transformed copies of it give to the `topK` classes that are the likeliest
 * without a transform, in their order. With `i_1, ..., i_k` the places of the largest logits:
 * `softmax(view_1)[i_1 ... i_k], softmax(view_2)[i_1 ... i_k], ...`. No gradient flows.
 *
 * The sample's own confidence is not among them; give the logits as one more view to have it.
 *
 * Shapes: logits [B, C], each of the L views [B, C]; [B, L topK]. Default: topK 4.
 *
 * @throws for no views, views of another shape, `topK` above the number of classes
 *
 * Liu, Wang, Zou, Zou, Zheng: Optimizing Calibration by Gaining Aware of Prediction Correctness. 2024, arXiv 2404.13016
 */
export function calibratorFeatures(logits: Tensor, transformedLogits: readonly Tensor[], options?: CalibratorFeaturesOptions): Tensor {
  const { topK = 4 } = checkedOptions(options, 'calibratorFeatures');
  checkCount(topK, 'topK', 1);
  const { B, C } = checkShapes(['logits', logits, 'B', 'C']);
  if (!Array.isArray(transformedLogits) || transformedLogits.length === 0)
    throw expected('an array of at least one tensor', 'transformedLogits', transformedLogits);
  for (const [k, view] of transformedLogits.entries()) checkShapes([`transformedLogits[${k}]`, view, B, C]);
  if (topK > C) throw expected(`at most the number of classes, ${C},`, 'topK', topK);
  return scopedNoGrad(() => {
    const best = logits.topk(topK, 1).indices;
    return cat(
      transformedLogits.map((view) => view.softmax(1).gather(1, best)),
      1,
    );
  });
}
