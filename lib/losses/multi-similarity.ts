import { type ReductionOptions, reductionCode } from '../nn/functional/reduction';
import { multiSimilarityTerms, outsideAll, outsideMined } from '../nn/metric-learning/multi-similarity';
import { checkLabelled, ofAnchors, selfSimilarities } from '../nn/metric-learning/pairs';
import { checkedOptions } from '../tensor/checked';
import { checkFinite, checkPositive } from '../tensor/numbers';
import { scope } from '../tensor/scope';
import type { Tensor } from '../tensor/tensor';

export interface MultiSimilarityOptions extends ReductionOptions {
  /** Steepness for positive pairs, above 0. Default 2, of the paper. */
  alpha?: number;
  /** Steepness for negative pairs, above 0. Default 50, of the paper. */
  beta?: number;
  /** Similarity that positive pairs should be above and negative ones below. Default 0.5, of the authors' code. */
  base?: number;
  /**
   * Slack of the mining: negatives count that are less than it below the least similar positive, positives less than it above the most similar
   * negative. Default 0.1, of the paper; null: all pairs count.
   */
  epsilon?: number | null;
  /** Give the embeddings length 1 first, so that similarities are cosines. Default true. */
  normalize?: boolean;
}

/**
 * The multi-similarity loss: of each sample, over its mined pairs,
 * `1/alpha log(1 + sum over positives of exp(-alpha (s - base))) + 1/beta log(1 + sum over negatives of exp(beta (s - base)))`, s the scalar
 * product. `samplers.multiSimilarityPairs` says which pairs are mined.
 *
 * Shapes: embeddings [B, D], labels int64 [B]; a scalar, the mean over all B, or [B] without reduction, with 0 for samples without pairs. Without
 * any pair it is 0 with gradient 0.
 *
 * @throws for another shape, an alpha or beta that is not above 0, a base or epsilon that is not finite
 *
 * Wang, Han, Huang, Dong, Scott: Multi-Similarity Loss with General Pair Weighting for Deep Metric Learning. CVPR 2019, arXiv 1904.06627
 */
export function multiSimilarityLoss(embeddings: Tensor, labels: Tensor, options?: MultiSimilarityOptions): Tensor {
  const {
    alpha = 2,
    beta = 50,
    base = 0.5,
    epsilon = 0.1,
    normalize = true,
    reduction = 'mean',
  } = checkedOptions(options, 'multiSimilarityLoss');
  checkPositive(alpha, 'alpha');
  checkPositive(beta, 'beta');
  checkFinite(base, 'base');
  if (epsilon !== null) checkFinite(epsilon, 'epsilon');
  reductionCode(reduction);
  const { B } = checkLabelled(embeddings, labels);
  const similarity = selfSimilarities(embeddings, normalize);
  if (B === 0) return ofAnchors(similarity.sum(1), reduction);
  const outside = epsilon === null ? outsideAll(labels) : scope(() => outsideMined(similarity.detach(), labels, epsilon));
  return ofAnchors(multiSimilarityTerms(similarity, outside, { alpha, beta, base }), reduction);
}
