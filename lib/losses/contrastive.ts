import { distances } from '../nn/metric-learning/distances';
import {
  atLeastOne,
  checkLabelled,
  checkPairReduction,
  type PairMasks,
  type PairReduction,
  type PairReductionOptions,
  pairMasks,
  weightedSum,
} from '../nn/metric-learning/pairs';
import { unitRows } from '../nn/metric-learning/rows';
import { checkedOptions } from '../tensor/checked';
import { checkNotNegative } from '../tensor/numbers';
import { scopedNoGrad } from '../tensor/scope';
import type { Tensor } from '../tensor/tensor';

export interface ContrastiveOptions extends PairReductionOptions {
  /** Distance up to which samples of one label are near enough, from 0. Default 0. */
  posMargin?: number;
  /** Distance from which samples of two labels are far enough, from 0. Default 1. */
  negMargin?: number;
  /** Square the terms, as in the paper. Default false, the form that is common in retrieval. */
  squared?: boolean;
  /** Give the embeddings length 1 first. Default true. */
  normalize?: boolean;
}

/**
 * The contrastive loss of all pairs of a batch: `[d_ij - posMargin]_+` of pairs of one label and `[negMargin - d_ij]_+` of pairs of two
 * labels, each kind reduced by itself, and their sum; d is the Euclidean distance.
 *
 * Shapes: embeddings [B, D], labels int64 [B]; a scalar, 0 with gradient 0 when no pair has a term.
 *
 * @throws for another shape, a negative margin, an unknown reduction
 *
 * Hadsell, Chopra, LeCun: Dimensionality Reduction by Learning an Invariant Mapping. CVPR 2006
 */
export function contrastiveLoss(embeddings: Tensor, labels: Tensor, options?: ContrastiveOptions): Tensor {
  const {
    posMargin = 0,
    negMargin = 1,
    squared = false,
    normalize = true,
    reduction = 'nonzero',
  } = checkedOptions(options, 'contrastiveLoss');
  checkNotNegative(posMargin, 'posMargin');
  checkNotNegative(negMargin, 'negMargin');
  checkPairReduction(reduction);
  checkLabelled(embeddings, labels);
  const masks = pairMasks(labels);
  // How much too far each pair is: a positive one should not be above 0, a negative one not below.
  const excess = distances(normalize ? unitRows(embeddings) : embeddings, null, 'euclidean')
    .sub(posMargin)
    .add(masks.negative, { alpha: posMargin - negMargin });
  const weights = scopedNoGrad(() => weightsOf(excess, masks, reduction, squared ? 1 : -1));
  return weightedSum(squared ? excess.square() : excess, weights);
}

/** Weights of the terms above 0; those of negative pairs with a sign. */
function weightsOf(excess: Tensor, { positive, negative }: PairMasks, reduction: PairReduction, sign: 1 | -1): Tensor {
  const tooFar = excess.gt(0).logicalAnd(positive);
  const tooNear = excess.lt(0).logicalAnd(negative);
  // Each pair is there twice.
  if (reduction === 'sum') return tooFar.to(excess.dtype).add(tooNear, { alpha: sign }).div(2);
  const [a, b] = reduction === 'mean' ? [positive, negative] : [tooFar, tooNear];
  return tooFar.div(atLeastOne(a, excess)).add(tooNear.div(atLeastOne(b, excess)), { alpha: sign });
}
