import { scopedNoGrad } from '../tensor/scope';
import type { Tensor } from '../tensor/tensor';
import { checkConfidences, checkProbabilities, overOneHot } from './confidences';

/**
 * The Brier score of confidences: `mean (p - c)^2`, from 0, where what is sure is right and what is unlikely wrong.
 *
 * Shapes: confidences [N] in [0, 1], correctness [N], bool or whole numbers 0 and 1; a scalar float64. No gradient flows.
 *
 * @throws for empty input, confidences outside [0, 1] or NaN, another correctness, shapes that differ
 *
 * Brier: Verification of forecasts expressed in terms of probability. Monthly Weather Review, 1950
 */
export function confidenceBrierScore(confidences: Tensor, correctness: Tensor): Tensor {
  checkConfidences(confidences, correctness);
  return scopedNoGrad(() => confidences.double().sub(correctness.double()).square().mean());
}

/**
 * The Brier score of class probabilities: the mean over samples of `sum over k of (p_k - [k = y])^2`, in [0, 2].
 *
 * Shapes: probabilities [N, C] in [0, 1], labels int64 [N]; a scalar float64. No gradient flows.
 *
 * @throws for empty input, probabilities outside [0, 1] or NaN, labels outside [0, C), another shape
 *
 * Brier, 1950
 */
export function multiclassBrierScore(probabilities: Tensor, labels: Tensor): Tensor {
  const { N } = checkProbabilities(probabilities, labels);
  return scopedNoGrad(() => overOneHot(probabilities, labels).square().sum().div(N));
}
