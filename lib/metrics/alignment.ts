/** How near samples of one class are on the sphere, and how evenly all samples spread over it. */

import { distances, type Metric } from '../nn/metric-learning/distances';
import { blocksOf } from '../nn/metric-learning/gallery';
import { checkLabelled } from '../nn/metric-learning/pairs';
import { unitRows } from '../nn/metric-learning/rows';
import { checkedOptions } from '../tensor/checked';
import { expected } from '../tensor/expected';
import { arange, cat, stack } from '../tensor/generated/root';
import { checkPositive } from '../tensor/numbers';
import { scope, scopedNoGrad } from '../tensor/scope';
import { checkShapes } from '../tensor/shapes';
import type { Tensor } from '../tensor/tensor';
import { widened } from '../tensor/widened';

export interface AlignmentOptions {
  /** Power of the distances, above 0. Default 2. */
  alpha?: number;
  /** Give the embeddings length 1 first. Default true. */
  normalize?: boolean;
}

/**
 * How far samples of one class are from each other: the mean over pairs of one label of `|x_i - x_j|^alpha`.
 *
 * Shapes: embeddings [B, D], labels int64 [B]; a scalar. No gradient flows; NaN shows. It takes blocks of samples, as `recallAtK` does.
 *
 * @throws when no two samples have one label; for another shape, an alpha that is not above 0
 *
 * Wang, Isola: Understanding Contrastive Representation Learning through Alignment and Uniformity on the Hypersphere. ICML 2020, arXiv 2005.10242
 */
export function alignment(embeddings: Tensor, labels: Tensor, options?: AlignmentOptions): Tensor {
  const { alpha = 2, normalize = true } = checkedOptions(options, 'alignment');
  checkPositive(alpha, 'alpha');
  const { B } = checkLabelled(embeddings, labels);
  return scopedNoGrad(() => {
    const x = normalize ? unitRows(embeddings) : widened(embeddings);
    const parts = blocksOf(B, B).map(([from, count]) =>
      scope(() => {
        const same = labels.narrow(0, from, count).unsqueeze(1).eq(labels);
        const d = others(x, from, count, alpha === 2 ? 'squaredEuclidean' : 'euclidean', 0);
        return { sum: (alpha === 2 ? d : d.pow_(alpha)).mul_(same).sum(), count: same.sum() };
      }),
    );
    // Each sample has its own label too.
    const pairs = parts.reduce((total, { count }) => total + Number(count.item()), -B);
    if (pairs === 0) throw expected('two samples of one label', 'labels', labels);
    return stack(parts.map(({ sum }) => sum))
      .sum()
      .div(pairs);
  });
}

export interface UniformityOptions {
  /** How fast a pair's part falls with its distance, above 0. Default 2. */
  t?: number;
  /** Give the embeddings length 1 first. Default true. */
  normalize?: boolean;
}

/**
 * How evenly samples spread: `log of the mean over i != j of exp(-t |x_i - x_j|^2)`; the lower, the more evenly, 0 when all are the same.
 *
 * Shapes: embeddings [B, D], B from 2; a scalar. No gradient flows; NaN shows. It takes blocks of samples, as `recallAtK` does.
 *
 * @throws for fewer than two samples, another shape, a `t` that is not above 0
 *
 * Wang, Isola, ICML 2020, arXiv 2005.10242
 */
export function uniformity(embeddings: Tensor, options?: UniformityOptions): Tensor {
  const { t = 2, normalize = true } = checkedOptions(options, 'uniformity');
  checkPositive(t, 't');
  const { B } = checkShapes(['embeddings', embeddings, 'B', 'D']);
  if (B < 2) throw expected('two samples or more', 'embeddings', embeddings);
  return scopedNoGrad(() => {
    const x = normalize ? unitRows(embeddings) : widened(embeddings);
    const sums = blocksOf(B, B).map(([from, count]) =>
      scopedNoGrad(() => others(x, from, count, 'squaredEuclidean', Number.POSITIVE_INFINITY).mul_(-t).logsumexp([1])),
    );
    return cat(sums)
      .logsumexp([0])
      .sub(Math.log(B) + Math.log(B - 1));
  });
}

/** Distances of `count` rows from all rows, [count, B], with `own` for each row and itself. */
function others(x: Tensor, from: number, count: number, metric: Metric, own: number): Tensor {
  const places = arange(from, from + count, { device: x.device }).unsqueeze(1);
  return distances(x.narrow(0, from, count), x, metric).scatter_(1, places, own);
}
