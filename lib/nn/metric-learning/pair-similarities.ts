/** Similarities of the pairs of a batch, and which of them are not too far out. */

import { checkedOptions } from '../../tensor/checked';
import { stack } from '../../tensor/generated/root';
import { checkNotNegative } from '../../tensor/numbers';
import { checkShapes } from '../../tensor/shapes';
import type { Tensor } from '../../tensor/tensor';
import { LOW } from './log-sums';
import { checkLabelled, sameLabel, selfSimilarities } from './pairs';

export interface PairSimilaritiesOptions {
  /** Cosines; else scalar products of the rows as they are. Default true. */
  normalize?: boolean;
}

export interface PairSimilarities {
  /** Of two samples of one label, [P]. */
  readonly positive: Tensor;
  /** Of two samples of two labels, [N]. */
  readonly negative: Tensor;
}

/**
 * The similarities of all pairs i < j of a batch, row by row, those of one label and those of two.
 *
 * Shapes: embeddings [B, D], labels int64 [B]; positive [P] and negative [N], P + N = B (B - 1) / 2. Differentiable. How many there are
 * depends on the labels, for which a device is waited for.
 *
 * @throws for another shape
 *
 * Jung, Lee, Oh, Park, Park, Son: UNPG. BMVC 2022, arXiv 2203.11593
 */
export function pairSimilarities(embeddings: Tensor, labels: Tensor, options?: PairSimilaritiesOptions): PairSimilarities {
  const { normalize = true } = checkedOptions(options, 'pairSimilarities');
  checkLabelled(embeddings, labels);
  const similarities = selfSimilarities(embeddings, normalize);
  return { positive: similarities.maskedSelect(positivePairs(labels)), negative: similarities.maskedSelect(negativePairs(labels)) };
}

/** Pairs i < j of one label, bool [B, B]. */
export function positivePairs(labels: Tensor): Tensor {
  return sameLabel(labels).triu_(1);
}

/** Pairs i < j of two labels, bool [B, B]. */
export function negativePairs(labels: Tensor): Tensor {
  return labels.unsqueeze(1).ne(labels).triu_(1);
}

export interface BoxAndWhiskerFilterOptions {
  /** How far from the box the whiskers reach, as a multiple of its length, from 0. Default 1.5. */
  whisker?: number;
}

/**
 * The similarities that are no outliers by Tukey's rule: those within `[Q1 - whisker IQR, Q3 + whisker IQR]`, Q1 and Q3 the values at the
 * places `floor(n / 4)` and `floor(3 n / 4)` in order, IQR = Q3 - Q1. Very high ones are probably of wrong labels, very low ones say nothing.
 *
 * Shapes: similarities [N]; [M], in ascending order. Differentiable in those that are left; the limits do not learn.
 *
 * @throws for another shape, a negative whisker
 *
 * Jung, Lee, Oh, Park, Park, Son: UNPG. BMVC 2022, arXiv 2203.11593
 */
export function boxAndWhiskerFilter(similarities: Tensor, options?: BoxAndWhiskerFilterOptions): Tensor {
  const { whisker = 1.5 } = checkedOptions(options, 'boxAndWhiskerFilter');
  checkNotNegative(whisker, 'whisker');
  const { N } = checkShapes(['similarities', similarities, 'N']);
  if (N === 0) return similarities.clone();
  const sorted = similarities.sort().values;
  const quartile = (quarters: number): Tensor => sorted.detach().select(0, Math.floor((quarters * N) / 4));
  return sorted.maskedSelect(outliers(sorted.detach(), quartile(1), quartile(3), whisker).logicalNot());
}

/** NaN is none, so that it stays to be seen. */
function outliers(values: Tensor, low: Tensor, high: Tensor, whisker: number): Tensor {
  const reach = high.sub(low).mul(whisker);
  return values.lt(low.sub(reach)).logicalOr_(values.gt(high.add(reach)));
}

/**
 * `log of the sum of exp(scale S_ij)` over the pairs of the mask that are no outliers among them, a scalar; about -1e30, with gradient 0,
 * without any. Nothing is waited for on a device.
 */
export function filteredLogSum(similarities: Tensor, mask: Tensor, scale: number, whisker: number | null): Tensor {
  const values = similarities.detach();
  const quartiles = whisker === null ? null : quartilesOf(values, mask);
  const left = mask.logicalNot();
  if (quartiles !== null && whisker !== null) left.logicalOr_(outliers(values, quartiles[0], quartiles[1], whisker));
  return similarities.mul(scale).maskedFill(left, LOW).flatten().logsumexp([0]);
}

/** The two quartiles of the box. */
export type Quartiles = readonly [low: Tensor, high: Tensor];

function quartilesOf(values: Tensor, mask: Tensor): Quartiles | null {
  return values.device === 'cpu' ? selectedQuartiles(values, mask) : sortedQuartiles(values, mask);
}

/** Q1 and Q3 of the values of a mask; null when there are none. */
export function selectedQuartiles(values: Tensor, mask: Tensor): Quartiles | null {
  const chosen = values.maskedSelect(mask);
  const count = chosen.numel();
  if (count === 0) return null;
  const quartile = (quarters: number): Tensor => chosen.kthvalue(Math.floor((quarters * count) / 4) + 1).values;
  return [quartile(1), quartile(3)];
}

/** The same where to pick values out would wait until it is known how many they are; infinite when there are none. */
export function sortedQuartiles(values: Tensor, mask: Tensor): Quartiles {
  const sorted = values.maskedFill(mask.logicalNot(), Number.POSITIVE_INFINITY).flatten().sort().values;
  const count = mask.sum();
  const places = stack([count, count.mul(3)]).floorDivide(4);
  const [low, high] = sorted.indexSelect(0, places).unbind(0) as [Tensor, Tensor];
  return [low, high];
}
