/** What the losses of one label per sample share. */

import { crossEntropy } from '../nn/functional';
import { expected } from '../tensor/expected';
import { checkLabels } from '../tensor/labels';
import { checkShapes } from '../tensor/shapes';
import type { Tensor } from '../tensor/tensor';

/**
 * Refuses logits that are not [B, C] with at least one sample and one class, and labels that are not [B] class numbers.
 * Returns B and C.
 */
export function checkClassification(logits: Tensor, labels: Tensor, name = 'logits'): { B: number; C: number } {
  const sizes = checkShapes([name, logits, 'B', 'C'], ['labels', labels, 'B']);
  if (sizes.B === 0 || sizes.C === 0) throw expected('at least one sample and one class', name, logits);
  checkLabels(labels, sizes.C);
  return sizes;
}

/** `-log softmax(logits)` at the label, [B]: `log(1 + sum over the others of exp(h_k - h_y))`, and so never below 0. */
export function negativeLogLikelihood(logits: Tensor, labels: Tensor): Tensor {
  return crossEntropy(logits, labels.long(), { reduction: 'none' });
}

/** Each logit minus the label's, [B, C]: 0 at the label. */
export function logitsOverLabel(logits: Tensor, labels: Tensor): Tensor {
  return logits.sub(logits.gather(1, labels.long().unsqueeze(1)));
}
