import { scopedNoGrad } from '../tensor/scope';
import type { Tensor } from '../tensor/tensor';
import { checkConfidences } from './confidences';
import { areaUnderRoc, thresholds } from './ranking';

/**
 * How well confidence tells right predictions from wrong ones: the probability that a right one has the higher confidence, ties counted half.
 * NaN when all are right or all wrong.
 *
 * Shapes: confidences [N] in [0, 1], correctness [N], bool or whole numbers 0 and 1; a scalar float64. No gradient flows.
 *
 * @throws for empty input, confidences outside [0, 1] or NaN, another correctness, shapes that differ
 *
 * Hendrycks, Gimpel: A Baseline for Detecting Misclassified and Out-of-Distribution Examples. ICLR 2017, arXiv 1610.02136
 */
export function confidenceRocAuc(confidences: Tensor, correctness: Tensor): Tensor {
  checkConfidences(confidences, correctness);
  return scopedNoGrad(() => areaUnderRoc(thresholds(confidences, correctness.ne(0))));
}
