import { noGrad } from '../autograd/modes';
import { type ProgressOptions, shownSteps } from '../data/progress';
import {
  blocksOf,
  checkRows,
  galleryOf,
  halfSquares,
  NONE,
  queriesOf,
  SEARCH_METRICS,
  type SearchMetric,
  similarities,
} from '../nn/metric-learning/gallery';
import { checkedOptions } from '../tensor/checked';
import { expected } from '../tensor/expected';
import { arange, cat } from '../tensor/generated/root';
import { checkLabels } from '../tensor/labels';
import { checkChoice, checkCount, checkPositive } from '../tensor/numbers';
import { scope } from '../tensor/scope';
import { checkShapes } from '../tensor/shapes';
import type { Tensor } from '../tensor/tensor';

export interface NearestNeighborsOptions {
  /** How many, from 1; at most as many as there are. Default 10. */
  k?: number;
  /** How rows are compared. Default `'cosine'`. */
  metric?: SearchMetric;
  /** Show a progress bar over the blocks of queries. Default false. */
  progress?: boolean | ProgressOptions;
}

export interface NearestNeighbors {
  /** Rows of the gallery, the nearest first, int64 [Q, k]. */
  readonly indices: Tensor;
  /** Their cosine, or their distance below 0, [Q, k]. */
  readonly similarities: Tensor;
}

/**
 * The k rows of a gallery that are nearest to each query, exactly. Of rows that are equally near the earlier comes first. With null for a gallery
 * each query is compared with all the others.
 *
 * It takes blocks of queries, and of memory some 200 MiB beside the inputs, a copy of them and the result. Of almost equal rows the Euclidean
 * distance, which comes from scalar products, has an error of about a thousandth of their norm in float32.
 *
 * Shapes: queries [Q, D], gallery [N, D] or null; [Q, k]. No gradient flows; a row with NaN is the nearest of all, as it is the largest of numbers.
 *
 * @throws for no queries, an empty gallery, another shape, rows that are not floating-point, a `k` below 1, an unknown metric
 */
export function nearestNeighbors(queries: Tensor, gallery: Tensor | null = null, options?: NearestNeighborsOptions): NearestNeighbors {
  const { k = 10, metric = 'cosine', progress = false } = checkedOptions(options, 'nearestNeighbors');
  checkCount(k, 'k', 1);
  checkChoice(metric, 'metric', SEARCH_METRICS);
  const { D } = checkShapes(['queries', queries, 'Q', 'D']);
  checkRows(queries, 'queries');
  if (gallery !== null) {
    checkShapes(['gallery', gallery, 'N', D]);
    checkRows(gallery, 'gallery');
  } else if (queries.size(0) < 2) throw expected('two or more rows, or a gallery', 'queries', queries);
  return blockwise(queries, gallery, { k, metric, progress, label: 'nearest neighbors' }, (block, nearest) => {
    if (metric === 'cosine') return nearest;
    const distances = halfSquares(block).unsqueeze(1).sub(nearest.similarities).mul_(2).clampMin_(0).sqrt_();
    return { ...nearest, similarities: distances.neg_() };
  });
}

interface BlockOptions {
  readonly k: number;
  readonly metric: SearchMetric | 'product';
  readonly progress: boolean | ProgressOptions;
  /** At the start of the progress bar. */
  readonly label: string;
}

/** What `of` makes of the neighbours of each block of queries, one after the other. */
function blockwise<R extends Record<keyof R, Tensor>>(
  queries: Tensor,
  gallery: Tensor | null,
  { k, metric, progress, label }: BlockOptions,
  of: (queries: Tensor, nearest: NearestNeighbors) => R,
): R {
  return scope(() =>
    noGrad(() => {
      const known = galleryOf(gallery ?? queries, metric);
      const most = Math.min(k, known.rows.size(0) - (gallery === null ? 1 : 0));
      const blocks = blocksOf(queries.size(0), known.rows.size(0));
      const parts: R[] = [];
      for (const [from, count] of shownSteps(blocks, progress, label))
        parts.push(
          scope(() => {
            const block = gallery === null ? known.rows.narrow(0, from, count) : queriesOf(queries.detach().narrow(0, from, count), metric);
            const similarity = similarities(block, known);
            if (gallery === null) similarity.scatter_(1, arange(from, from + count, { device: block.device }).unsqueeze(1), NONE);
            return of(block, mostSimilar(similarity, most));
          }),
        );
      const names = Object.keys(parts[0] as R) as (keyof R)[];
      return Object.fromEntries(names.map((name) => [name, cat(parts.map((part) => part[name]))])) as R;
    }),
  );
}

/** The k largest of each row, the earlier first among equals. */
function mostSimilar(similarity: Tensor, k: number): NearestNeighbors {
  const { values, indices } = similarity.topk(k);
  // Which of equal ones topk takes, and in which order, is not said. Seldom are there any.
  const last = values.narrow(1, k - 1, 1);
  const tied = similarity.ge(last).sum(1, { dtype: 'int32' }).gt(k);
  if (k > 1)
    tied.logicalOr_(
      values
        .narrow(1, 1, k - 1)
        .eq(values.narrow(1, 0, k - 1))
        .any(1),
    );
  const rows = tied.nonzero().squeeze(1);
  if (rows.size(0) > 0) {
    const sorted = similarity.indexSelect(0, rows).sort({ dim: 1, descending: true, stable: true });
    indices.indexCopy_(0, rows, sorted.indices.narrow(1, 0, k));
  }
  return { indices, similarities: values };
}

export interface KnnClassifyOptions {
  /** Neighbours, from 1; at most as many as there are. Default 200. */
  k?: number;
  /** What similarities are divided by, above 0. Default 0.07, of the paper. */
  temperature?: number;
  /** Number of classes, from 1. Default 10. */
  numClasses?: number;
  /** How neighbours vote: each with `exp(similarity / temperature)`, or all alike. Default `'exp'`. */
  weighting?: 'exp' | 'uniform';
  /** Compare directions; false: scalar products of the rows as they are. Default true. */
  normalize?: boolean;
  /** Show a progress bar over the blocks of rows. Default false. */
  progress?: boolean | ProgressOptions;
}

export interface KnnClassification {
  /** The class with the highest score, the first of equal ones, int64 [B]. */
  readonly predictions: Tensor;
  /** The sum of its neighbours' votes for each class, [B, C]. */
  readonly scores: Tensor;
}

/**
 * Classes of rows by the votes of their k nearest neighbours in a bank of rows whose class is known.
 *
 * It takes blocks of rows, and of memory some 200 MiB beside the inputs, a copy of the bank and the scores.
 *
 * Shapes: features [B, D], bank [N, D], bankLabels int64 [N]. No gradient flows.
 *
 * @throws for no rows, an empty bank, another shape, labels outside [0, numClasses), numbers out of their range, an unknown weighting
 *
 * Wu, Xiong, Yu, Lin: Unsupervised Feature Learning via Non-Parametric Instance Discrimination. CVPR 2018, arXiv 1805.01978
 */
export function knnClassify(features: Tensor, bank: Tensor, bankLabels: Tensor, options?: KnnClassifyOptions): KnnClassification {
  const chosen = checkedOptions(options, 'knnClassify');
  const { k = 200, temperature = 0.07, numClasses = 10, weighting = 'exp', normalize = true, progress = false } = chosen;
  checkCount(k, 'k', 1);
  checkPositive(temperature, 'temperature');
  checkCount(numClasses, 'numClasses', 1);
  checkChoice(weighting, 'weighting', ['exp', 'uniform']);
  if (typeof normalize !== 'boolean') throw expected('a boolean', 'normalize', normalize);
  checkShapes(['features', features, 'B', 'D'], ['bank', bank, 'N', 'D'], ['bankLabels', bankLabels, 'N']);
  checkRows(features, 'features');
  checkRows(bank, 'bank');
  checkLabels(bankLabels, numClasses, 'bankLabels');
  const classes = bankLabels.long();
  const search = { k, metric: normalize ? 'cosine' : 'product', progress, label: 'k-NN' } as const;
  return blockwise(features, bank, search, (block, { indices, similarities }) => {
    const votes = weighting === 'exp' ? similarities.div(temperature).exp_() : similarities.newOnes(similarities.shape);
    const of = classes.indexSelect(0, indices.flatten()).reshapeAs(indices);
    const scores = block.newZeros([block.size(0), numClasses]).scatterAdd_(1, of, votes);
    return { predictions: scores.argmax(1), scores };
  });
}
