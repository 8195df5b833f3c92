import { type ReductionOptions, reduced } from '../nn/functional/reduction';
import { checkedOptions } from '../tensor/checked';
import { checkClosedShare, checkShare } from '../tensor/numbers';
import type { Tensor } from '../tensor/tensor';
import { checkClassification, negativeLogLikelihood } from './classification';
import { compSum } from './comp-sum';

export interface GeneralizedCrossEntropyOptions extends ReductionOptions {
  /** From 0, cross-entropy, to 1, the mean absolute error. Default 0.7, from the paper. */
  q?: number;
  /** Probabilities of the label below it give a constant and no gradient; in [0, 1). Default 0: none do. */
  truncation?: number;
}

/**
 * Generalized cross-entropy, robust to wrong labels: `(1 - p_y^q) / q` of `p = softmax(logits)`, `-log p_y` for q = 0.
 *
 * Shapes: logits [B, C], labels int64 [B]; a scalar, or [B] without reduction.
 *
 * @throws for an empty batch, labels outside [0, C), another shape, `q` outside [0, 1], a truncation outside [0, 1)
 *
 * Zhang, Sabuncu: Generalized Cross Entropy Loss for Training Deep Neural Networks with Noisy Labels. NeurIPS 2018, arXiv 1805.07836
 */
export function generalizedCrossEntropyLoss(logits: Tensor, labels: Tensor, options?: GeneralizedCrossEntropyOptions): Tensor {
  const { q = 0.7, truncation = 0, reduction = 'mean' } = checkedOptions(options, 'generalizedCrossEntropyLoss');
  checkClosedShare(q, 'q');
  checkShare(truncation, 'truncation');
  checkClassification(logits, labels);
  const terms = compSum(negativeLogLikelihood(logits, labels), 1 + q);
  if (truncation === 0) return reduced(terms, reduction);
  const most = q === 0 ? -Math.log(truncation) : (1 - truncation ** q) / q;
  return reduced(terms.clampMax(most), reduction);
}

/**
 * The mean absolute error of `softmax(logits)` from the label: `1 - p_y`, half of the L1 distance from the one-hot vector.
 *
 * Shapes: logits [B, C], labels int64 [B]; a scalar, or [B] without reduction.
 *
 * @throws for an empty batch, labels outside [0, C), another shape
 *
 * Ghosh, Kumar, Sastry: Robust Loss Functions under Label Noise for Deep Neural Networks. AAAI 2017, arXiv 1712.09482
 */
export function softmaxMaeLoss(logits: Tensor, labels: Tensor, options?: ReductionOptions): Tensor {
  const { reduction = 'mean' } = checkedOptions(options, 'softmaxMaeLoss');
  checkClassification(logits, labels);
  return reduced(compSum(negativeLogLikelihood(logits, labels), 2), reduction);
}
