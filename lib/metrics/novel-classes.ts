/** Classes by their direction: how well novel ones are told apart, how close samples are, how far apart classes. */

import { blocksOf } from '../nn/metric-learning/gallery';
import { checkedClasses, meanRows } from '../nn/metric-learning/prototypes';
import { unitRows } from '../nn/metric-learning/rows';
import { checkedOptions } from '../tensor/checked';
import { expected } from '../tensor/expected';
import { arange, cat } from '../tensor/generated/root';
import { checkLabels } from '../tensor/labels';
import { scope, scopedNoGrad } from '../tensor/scope';
import { checkNotEmpty, checkShapes } from '../tensor/shapes';
import type { Tensor } from '../tensor/tensor';
import { calculated } from './verification';

/** Among the novel classes alone. */
export interface DisjointAccuracy {
  /** Share of the queries that are most similar to their class of all novel ones, a scalar float64. */
  readonly disjoint: Tensor;
}

/** And among known and novel classes together. */
export interface NovelClassAccuracy extends DisjointAccuracy {
  /** Share of the queries that are most similar to their class of all classes, a scalar float64. */
  readonly joint: Tensor;
  /** Share of the queries that are taken for a known class, a scalar float64. */
  readonly leakage: Tensor;
}

/**
 * How often queries of novel classes find theirs, among the novel classes alone and, when weights of known classes are given, among all.
 * Known classes draw what is near them, so that the second is lower. Of equal cosines the first counts, known classes before novel ones; a
 * query with NaN is never right.
 *
 * It takes blocks of queries, so that any number of them fits in memory.
 *
 * Shapes: query [Q, D], labels int64 [Q] from 0 for the first novel class, novelWeights [C, D], knownWeights [K, D] or null.
 *
 * @throws for no query, labels outside [0, C), another shape
 *
 * Pereira, Joly, Valduriez, Porto: Hyperspherical embedding for novel class classification. 2021, arXiv 2102.03243
 */
export function novelClassAccuracy(
  query: Tensor,
  labels: Tensor,
  novelWeights: Tensor,
  knownWeights: Tensor,
  options?: Record<never, never>,
): NovelClassAccuracy;
export function novelClassAccuracy(
  query: Tensor,
  labels: Tensor,
  novelWeights: Tensor,
  knownWeights?: Tensor | null,
  options?: Record<never, never>,
): DisjointAccuracy | NovelClassAccuracy;
export function novelClassAccuracy(
  query: Tensor,
  labels: Tensor,
  novelWeights: Tensor,
  knownWeights: Tensor | null = null,
  options?: Record<never, never>,
): DisjointAccuracy | NovelClassAccuracy {
  checkedOptions(options, 'novelClassAccuracy');
  const { Q, D, C } = checkShapes(['query', query, 'Q', 'D'], ['labels', labels, 'Q'], ['novelWeights', novelWeights, 'C', 'D']);
  checkNotEmpty(query, 'query');
  checkLabels(labels, C);
  const K = knownWeights === null ? 0 : checkShapes(['knownWeights', knownWeights, 'K', D]).K;
  return calculated(() => {
    const rows = unitRows(query);
    const weights = unitRows(novelWeights);
    const all = K === 0 ? weights : cat([unitRows(knownWeights as Tensor), weights]);
    const blocks = blocksOf(Q, K + C).map(([from, count]) =>
      scope(() => found(rows.narrow(0, from, count).mm(all.t()), labels.narrow(0, from, count), K)),
    );
    const share = (of: readonly Tensor[]): Tensor =>
      cat([...of])
        .double()
        .mean();
    const disjoint = share(blocks.map(({ right }) => right));
    if (knownWeights === null) return { disjoint };
    return {
      disjoint,
      joint: share(blocks.map(({ right, leaked }) => right.logicalAnd(leaked.logicalNot()))),
      leakage: share(blocks.map(({ leaked }) => leaked)),
    };
  });
}

/** Whether each query finds its novel class, and whether one of `known` classes is as similar or more, bool [b]. */
function found(cos: Tensor, labels: Tensor, known: number): { right: Tensor; leaked: Tensor } {
  const { values, indices } = cos.narrow(1, known, cos.size(1) - known).max(1);
  const right = indices.eq(labels).logicalAnd(values.isnan().logicalNot());
  const leaked = known === 0 ? right.newZeros(right.shape) : cos.narrow(1, 0, known).amax([1]).ge(values);
  return { right, leaked };
}

export interface ClassConcentrationOptions {
  /** Number of classes, from 1. Default null: one more than the largest label. */
  numClasses?: number | null;
}

/**
 * How close the directions of each class's samples are: the length of their mean, from 0, where they cancel out, to 1, where they are the same.
 *
 * Shapes: embeddings [N, D], labels int64 [N]; [C]. No gradient flows.
 *
 * @throws for an empty batch, labels outside [0, numClasses), a class without samples, another shape
 */
export function classConcentration(embeddings: Tensor, labels: Tensor, options?: ClassConcentrationOptions): Tensor {
  const { numClasses = null } = checkedOptions(options, 'classConcentration');
  return scopedNoGrad(() => {
    const classes = checkedClasses(embeddings, labels, numClasses);
    return meanRows(unitRows(embeddings), classes).norm(2, [1]).clampMax(1);
  });
}

export interface ClassSpread {
  /** The mean cosine of two classes, a scalar. */
  readonly mean: Tensor;
  /** The largest, a scalar. */
  readonly max: Tensor;
  /** `-1 / (C - 1)`, which the mean has where the classes are spread as far as can be: at the corners of a simplex. */
  readonly simplex: number;
}

/**
 * How far apart the directions of the classes are.
 *
 * Shapes: weights [C, D] of any length; scalars. No gradient flows, and of the cosines a block at a time is in memory.
 *
 * @throws for fewer than two classes, another shape
 */
export function classSpread(weights: Tensor, options?: Record<never, never>): ClassSpread {
  checkedOptions(options, 'classSpread');
  const { C } = checkShapes(['weights', weights, 'C', 'D']);
  if (C < 2) throw expected('at least two classes', 'weights', weights);
  return calculated(() => {
    const w = unitRows(weights);
    const largest = blocksOf(C, C).map(([from, count]) =>
      scopedNoGrad(() => {
        const own = arange(from, from + count, { device: w.device }).unsqueeze(1);
        return w.narrow(0, from, count).mm(w.t()).scatter_(1, own, Number.NEGATIVE_INFINITY).amax().unsqueeze(0);
      }),
    );
    // The sum of all cosines is the squared length of the sum of all directions.
    const exact = w.double();
    const others = exact.sum(0).square().sum().sub(exact.square().sum());
    return { mean: others.div(C * (C - 1)).to(w.dtype), max: cat(largest).amax(), simplex: -1 / (C - 1) };
  });
}
