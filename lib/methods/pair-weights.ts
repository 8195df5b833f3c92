import { lowered, maskedLogSumExp } from '../nn/metric-learning/log-sums';
import { multiSimilarityWeights, outsideAll, outsideMined } from '../nn/metric-learning/multi-similarity';
import { checkSimilarities, type PairMasks, pairMasks } from '../nn/metric-learning/pairs';
import { tripletCounts } from '../nn/metric-learning/triplet-counts';
import { checkedOptions } from '../tensor/checked';
import { onesLike, where } from '../tensor/generated/root';
import { checkChoice, checkFinite, checkNotNegative, checkPositive } from '../tensor/numbers';
import { scopedNoGrad } from '../tensor/scope';
import type { Tensor } from '../tensor/tensor';
import { widened } from '../tensor/widened';

/** A loss of pairs, by what it makes of an anchor's similarities. */
export type PairWeightKind = 'contrastive' | 'triplet' | 'liftedStructure' | 'binomialDeviance' | 'multiSimilarity';

export interface PairWeightsOptions {
  /** Which loss. Default `'multiSimilarity'`. */
  kind?: PairWeightKind;
  /** Steepness for positive pairs, of binomial deviance and multi-similarity, above 0. Default 2. */
  alpha?: number;
  /** Steepness for negative pairs, of the same, above 0. Default 50. */
  beta?: number;
  /** Similarity between positive and negative pairs, of the same and of contrastive. Default 0.5. */
  base?: number;
  /** Margin of triplets, from 0. Default 0.1. */
  margin?: number;
  /** Slack of the mining of multi-similarity. Default null: all pairs. */
  epsilon?: number | null;
}

type Settings = Required<Omit<PairWeightsOptions, 'kind'>>;

const WEIGHTS: Readonly<Record<PairWeightKind, (s: Tensor, labels: Tensor, settings: Settings) => Tensor>> = {
  contrastive: (s, labels, { base }) => chosen(pairMasks(labels), onesLike(s), s.gt(base).to(s.dtype)),

  triplet: (s, labels, { margin }) => tripletCounts(s.neg(), pairMasks(labels), margin).abs_(),

  liftedStructure(s, labels, { base }) {
    const masks = pairMasks(labels);
    const { positive, negative } = masks;
    const bracket = maskedLogSumExp(s.neg(), positive, 1)
      .add(maskedLogSumExp(s, negative, 1))
      .add(base);
    const shares = chosen(masks, lowered(s.neg(), positive).softmax(1), lowered(s, negative).softmax(1));
    return shares.maskedFill_(bracket.le(0).unsqueeze(1), 0);
  },

  binomialDeviance(s, labels, { alpha, beta, base }) {
    const masks = pairMasks(labels);
    const from = s.sub(base);
    const [drawn, pushed] = [from.mul(-alpha).sigmoid_().mul_(alpha), from.mul(beta).sigmoid_().mul_(beta)];
    return chosen(masks, drawn.div_(masks.positive.sum(1, true)), pushed.div_(masks.negative.sum(1, true)));
  },

  multiSimilarity: (s, labels, settings) =>
    multiSimilarityWeights(s, settings.epsilon === null ? outsideAll(labels) : outsideMined(s, labels, settings.epsilon), settings),
};

/** One of two weights for the pairs of each kind, 0 for what is none. */
function chosen({ positive, negative }: PairMasks, drawn: Tensor, pushed: Tensor): Tensor {
  return where(positive, drawn, where(negative, pushed, 0));
}

/**
 * How much each pair of a batch counts for a loss of pairs: `|dL / ds_ij|` of the loss's sum over anchors, for `losses.generalPairWeightingLoss`.
 * Of one anchor, s its similarities, P and N its positives and negatives:
 *
 * ```text
 * contrastive       -sum of s over P + sum of [s - base]_+ over N
 * triplet           sum of [s_k - s_j + margin]_+ over j in P, k in N
 * liftedStructure   [log sum of exp(base - s) over P + log sum of exp(s) over N]_+
 * binomialDeviance  mean of softplus(alpha (base - s)) over P + mean of softplus(beta (s - base)) over N
 * multiSimilarity   1/alpha log(1 + sum of exp(-alpha (s - base)) over P) + 1/beta log(1 + sum of exp(beta (s - base)) over N)
 * ```
 *
 * Shapes: similarity [B, B], labels int64 [B]; [B, B], anchors in rows, 0 on the diagonal and for pairs that are not mined. No gradient flows.
 *
 * @throws for another shape, an unknown kind, an alpha or beta that is not above 0, a negative margin, a base or epsilon that is not finite
 *
 * Wang, Han, Huang, Dong, Scott: Multi-Similarity Loss with General Pair Weighting for Deep Metric Learning. CVPR 2019, arXiv 1904.06627
 */
export function pairWeights(similarity: Tensor, labels: Tensor, options?: PairWeightsOptions): Tensor {
  const {
    kind = 'multiSimilarity',
    alpha = 2,
    beta = 50,
    base = 0.5,
    margin = 0.1,
    epsilon = null,
  } = checkedOptions(options, 'pairWeights');
  checkChoice(kind, 'kind', Object.keys(WEIGHTS) as PairWeightKind[]);
  checkPositive(alpha, 'alpha');
  checkPositive(beta, 'beta');
  checkFinite(base, 'base');
  checkNotNegative(margin, 'margin');
  if (epsilon !== null) checkFinite(epsilon, 'epsilon');
  checkSimilarities(similarity, labels);
  return scopedNoGrad(() => {
    const s = widened(similarity);
    return s.numel() === 0 ? s.clone() : WEIGHTS[kind](s, labels, { alpha, beta, base, margin, epsilon });
  });
}
