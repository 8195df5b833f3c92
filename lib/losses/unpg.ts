import { crossEntropy } from '../nn/functional';
import type { ReductionOptions } from '../nn/functional/reduction';
import { logOnePlusExp } from '../nn/metric-learning/log-sums';
import { checkHead, checkWeighted, directions, headLogits, type MarginHead } from '../nn/metric-learning/margin-softmax';
import { filteredLogSum, negativePairs, positivePairs } from '../nn/metric-learning/pair-similarities';
import { atLeastOne, checkLabelled, products, selfSimilarities, weightedSum } from '../nn/metric-learning/pairs';
import { checkedOptions } from '../tensor/checked';
import { cat } from '../tensor/generated/root';
import { checkNotNegative, checkPositive } from '../tensor/numbers';
import { checkShapes } from '../tensor/shapes';
import type { Tensor } from '../tensor/tensor';
import { widened } from '../tensor/widened';

interface WhiskerOptions {
  /**
   * Similarities of negative pairs farther than so many box lengths from the box of their quartiles are left out, from 0; null keeps all.
   * Default 1.5, the authors' for MS1MV2; 1 for K-FACE.
   */
  whisker?: number | null;
}

export interface UnpgOptions extends WhiskerOptions, ReductionOptions {
  /** The margin of the right class: of angles, of cosines, or none. Default `'arcface'`. */
  head?: MarginHead;
  /** What cosines are multiplied by, above 0. Default 64, the authors'. */
  scale?: number;
  /** By how much the right class has to lead, from 0; radians up to pi for `'arcface'`, unused for `'normface'`. Default 0.5, the authors'. */
  margin?: number;
}

export interface MetricUnpgOptions extends WhiskerOptions {
  /** What cosines are multiplied by, above 0. Default 64. */
  scale?: number;
  /** By how much the cosine of a positive pair has to lead, from 0. Default 0.1. */
  margin?: number;
}

export interface UnifiedPairOptions {
  /** What similarities are multiplied by, above 0. Default 64. */
  scale?: number;
  /** By how much similarities of positive pairs have to lead, from 0. Default 0. */
  margin?: number;
}

/**
 * UNPG: a softmax over the classes and, in the same denominator, over the negative pairs of the batch. Cross-entropy of
 * `scale [T(cos(x_i, w_j)), n_1, ..., n_M]`, T the margin of the head for the right class, n the cosines of all pairs i < j of two labels that
 * are no outliers (`samplers.boxAndWhiskerFilter`). They are shared by all samples, and so only their sum is formed. Without any it is the
 * head's own loss.
 *
 * Shapes: embeddings [B, D], weights [C, D] with a row for each class, labels int64 [B]; a scalar, or [B] without reduction.
 *
 * @throws for an empty batch, labels outside [0, C), another shape, an unknown head, a scale that is not above 0, a margin that the head cannot
 * have, a negative whisker
 *
 * Jung, Lee, Oh, Park, Park, Son: UNPG: Unified Negative Pair Generation toward Well-discriminative Feature Space for Face Recognition.
 * BMVC 2022, arXiv 2203.11593
 */
export function unpgLoss(embeddings: Tensor, weights: Tensor, labels: Tensor, options?: UnpgOptions): Tensor {
  const { head = 'arcface', scale = 64, margin = 0.5, whisker = 1.5, reduction = 'mean' } = checkedOptions(options, 'unpgLoss');
  checkHead(head, margin);
  checkPositive(scale, 'scale');
  checkWhisker(whisker);
  checkWeighted(embeddings, weights, labels);
  const rows = directions(embeddings, weights);
  const classes = labels.long();
  const logits = headLogits(rows, classes, head, scale, margin);
  const negatives = filteredLogSum(products(rows.x), negativePairs(labels), scale, whisker);
  // The negative pairs are one more class, of which no sample is.
  return crossEntropy(cat([logits, negatives.expand(logits.size(0), 1)], 1), classes, { reduction });
}

/**
 * UNPG without class weights: `log(1 + sum over m of exp(scale (n_m - S_p + margin)))` for each positive pair p, n the cosines of the negative
 * pairs of the batch that are no outliers, and their mean.
 *
 * Shapes: embeddings [B, D], labels int64 [B]; a scalar, 0 with gradient 0 without positive or without negative pairs.
 *
 * @throws for another shape, a scale that is not above 0, a negative margin, a negative whisker
 *
 * After Jung, Lee, Oh, Park, Park, Son, BMVC 2022, arXiv 2203.11593, who describe it; their code has it with class weights only
 */
export function metricUnpgLoss(embeddings: Tensor, labels: Tensor, options?: MetricUnpgOptions): Tensor {
  const { scale = 64, margin = 0.1, whisker = 1.5 } = checkedOptions(options, 'metricUnpgLoss');
  checkPositive(scale, 'scale');
  checkNotNegative(margin, 'margin');
  checkWhisker(whisker);
  checkLabelled(embeddings, labels);
  const similarities = selfSimilarities(embeddings, true);
  const positive = positivePairs(labels);
  const ceiling = filteredLogSum(similarities, negativePairs(labels), scale, whisker).add(scale * margin);
  return weightedSum(logOnePlusExp(ceiling.sub(similarities, { alpha: scale })), positive.div(atLeastOne(positive, similarities)));
}

/**
 * The loss that classification and metric learning have in common: `log(1 + sum over p, n of exp(scale (S_n - S_p + margin)))`. They differ in
 * the pairs they take: samples and class weights, samples of a batch, or both.
 *
 * Shapes: positive [P], negative [N]; a scalar, 0 with gradient 0 when one of them is empty.
 *
 * @throws for another shape, a scale that is not above 0, a negative margin
 *
 * Jung, Lee, Oh, Park, Park, Son, BMVC 2022, arXiv 2203.11593
 */
export function unifiedPairLoss(positive: Tensor, negative: Tensor, options?: UnifiedPairOptions): Tensor {
  const { scale = 64, margin = 0 } = checkedOptions(options, 'unifiedPairLoss');
  checkPositive(scale, 'scale');
  checkNotNegative(margin, 'margin');
  const { P, N } = checkShapes(['positive', positive, 'P'], ['negative', negative, 'N']);
  const [p, n] = [widened(positive), widened(negative)];
  if (P === 0 || N === 0) return p.sum().add(n.sum()).mul(0);
  const away = n.mul(scale).logsumexp([0]);
  return logOnePlusExp(away.add(p.mul(-scale).logsumexp([0])).add(scale * margin));
}

function checkWhisker(whisker: number | null): void {
  if (whisker !== null) checkNotNegative(whisker, 'whisker');
}
