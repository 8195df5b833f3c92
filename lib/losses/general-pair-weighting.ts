import { type ReductionOptions, reductionCode } from '../nn/functional/reduction';
import { checkLabelled, ofAnchors, sameLabel } from '../nn/metric-learning/pairs';
import { rowDots, unitRows } from '../nn/metric-learning/rows';
import { checkedOptions } from '../tensor/checked';
import { where } from '../tensor/generated/root';
import { scope } from '../tensor/scope';
import { checkShapes } from '../tensor/shapes';
import type { Tensor } from '../tensor/tensor';
import { widened } from '../tensor/widened';

export interface GeneralPairWeightingOptions extends ReductionOptions {
  /** Give the embeddings length 1 first, so that similarities are cosines. Default true. */
  normalize?: boolean;
}

/**
 * General pair weighting: of each sample `sum over negatives of w_ij s_ij - sum over positives of w_ij s_ij`, s the scalar product. With the
 * weights `|dL / ds_ij|` of a loss of pairs, which `methods.pairWeights` gives, it has the gradient of that loss; its value is another.
 *
 * Shapes: embeddings [B, D], labels int64 [B], weights [B, B], which do not learn; a scalar, the mean over all B, or [B] without reduction. The
 * diagonal of the weights does not count.
 *
 * @throws for another shape
 *
 * Wang, Han, Huang, Dong, Scott: Multi-Similarity Loss with General Pair Weighting for Deep Metric Learning. CVPR 2019, arXiv 1904.06627
 */
export function generalPairWeightingLoss(
  embeddings: Tensor,
  labels: Tensor,
  weights: Tensor,
  options?: GeneralPairWeightingOptions,
): Tensor {
  const { normalize = true, reduction = 'mean' } = checkedOptions(options, 'generalPairWeightingLoss');
  reductionCode(reduction);
  const { B } = checkLabelled(embeddings, labels);
  checkShapes(['weights', weights, B, B]);
  const x = normalize ? unitRows(embeddings) : widened(embeddings);
  const signed = scope(() => {
    const w = weights.detach().to(x.dtype);
    return where(sameLabel(labels), w.neg(), w).fillDiagonal_(0);
  });
  // The weighted sum of the others first: similarities are not formed.
  return ofAnchors(rowDots(x, signed.mm(x)), reduction);
}
