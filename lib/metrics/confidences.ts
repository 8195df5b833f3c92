/** What the scores of confidence share: confidences of predictions and whether these were right, or probabilities of all classes. */

import { expected } from '../tensor/expected';
import { checkLabels } from '../tensor/labels';
import { checkNotEmpty, checkShapes } from '../tensor/shapes';
import type { Tensor } from '../tensor/tensor';
import { checkRange } from '../tensor/values';

/** Refuses what are no confidences [N] in [0, 1], with for each of them whether the prediction was right: bool, or whole numbers 0 and 1. */
export function checkConfidences(confidences: Tensor, correctness: Tensor): { N: number } {
  const sizes = checkShapes(['confidences', confidences, 'N'], ['correctness', correctness, 'N']);
  checkNotEmpty(confidences, 'confidences');
  checkRange(confidences, 0, 1, 'confidences', { refuseNaN: true });
  if (correctness.dtype !== 'bool') checkLabels(correctness, 2, 'correctness');
  return sizes;
}

/** Refuses what are no probabilities [N, C] in [0, 1] with labels [N]; whether they add up to 1 is not looked at. */
export function checkProbabilities(probabilities: Tensor, labels: Tensor): { N: number; C: number } {
  const sizes = checkShapes(['probabilities', probabilities, 'N', 'C'], ['labels', labels, 'N']);
  if (sizes.N === 0 || sizes.C === 0) throw expected('at least one sample and one class', 'probabilities', probabilities);
  checkRange(probabilities, 0, 1, 'probabilities', { refuseNaN: true });
  checkLabels(labels, sizes.C);
  return sizes;
}

/** How far each probability [N, C] lies above its target, 1 for the label and 0 for other classes; float64. */
export function overOneHot(probabilities: Tensor, labels: Tensor): Tensor {
  const place = labels.long().unsqueeze(1);
  // A product with 1 is a copy, also of what is float64 already.
  return probabilities
    .double()
    .mul(1)
    .scatterAdd_(1, place, probabilities.newFull([place.size(0), 1], -1, { dtype: 'float64' }));
}
