import { minedPairs } from '../nn/metric-learning/multi-similarity';
import { checkSimilarities, type PairMasks } from '../nn/metric-learning/pairs';
import { checkedOptions } from '../tensor/checked';
import { checkFinite } from '../tensor/numbers';
import { scope } from '../tensor/scope';
import type { Tensor } from '../tensor/tensor';

export interface MultiSimilarityPairsOptions {
  /** Slack: the larger, the more pairs. Default 0.1, of the paper. */
  epsilon?: number;
}

/**
 * The pairs that multi-similarity mining keeps: of each anchor the negatives that are more similar than its least similar positive less
 * `epsilon`, and the positives that are less similar than its most similar negative plus `epsilon`. An anchor without a positive, or without a
 * negative, keeps nothing.
 *
 * Shapes: similarity [B, B], labels int64 [B]; `positive` and `negative` bool [B, B], anchors in rows. A similarity that is NaN is kept, so that
 * it shows in the loss.
 *
 * @throws for another shape, an epsilon that is not finite
 *
 * Wang, Han, Huang, Dong, Scott: Multi-Similarity Loss with General Pair Weighting for Deep Metric Learning. CVPR 2019, arXiv 1904.06627
 */
export function multiSimilarityPairs(similarity: Tensor, labels: Tensor, options?: MultiSimilarityPairsOptions): PairMasks {
  const { epsilon = 0.1 } = checkedOptions(options, 'multiSimilarityPairs');
  checkFinite(epsilon, 'epsilon');
  checkSimilarities(similarity, labels);
  return scope(() => minedPairs(similarity.detach(), labels, epsilon));
}
