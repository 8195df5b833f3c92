/** Queries that are compared with all rows of a gallery, a block of queries at a time: what retrieval and verification stand on. */

import { expected } from '../../tensor/expected';
import { arange, searchsorted, where } from '../../tensor/generated/root';
import { checkWhole } from '../../tensor/labels';
import { checkNotEmpty, checkShapes } from '../../tensor/shapes';
import type { Tensor } from '../../tensor/tensor';
import { widened } from '../../tensor/widened';
import type { Metric } from './distances';
import { unitRows, unitRows_ } from './rows';

/** How a query is compared with the rows of a gallery. */
export type SearchMetric = Exclude<Metric, 'squaredEuclidean'>;

export const SEARCH_METRICS: readonly SearchMetric[] = ['cosine', 'euclidean'];

/** In place of a similarity with what does not count. */
export const NONE = Number.NEGATIVE_INFINITY;

/** Similarities at a time: 64 MiB of float32. */
const BLOCK = 2 ** 24;

export interface Gallery {
  /** Of length 1 where cosines are asked for, [N, D]. */
  readonly rows: Tensor;
  /** What is added to the scalar product with each row, [N]: half of its squared length below 0, for the order of the distances. */
  readonly shift: Tensor | null;
}

/** Embeddings [Q, D] with labels [Q], and a gallery of them: refused where they do not fit. */
export function checkSearch(embeddings: Tensor, labels: Tensor, gallery: Tensor | null, galleryLabels: Tensor | null): void {
  const { D } = checkShapes(['embeddings', embeddings, 'Q', 'D'], ['labels', labels, 'Q']);
  checkRows(embeddings, 'embeddings');
  checkWhole(labels);
  if ((gallery === null) !== (galleryLabels === null))
    throw expected('both or none', 'gallery and galleryLabels', gallery ?? galleryLabels);
  if (gallery === null || galleryLabels === null) return;
  checkShapes(['gallery', gallery, 'N', D], ['galleryLabels', galleryLabels, 'N']);
  checkRows(gallery, 'gallery');
  checkWhole(galleryLabels, 'galleryLabels');
}

export function checkRows(rows: Tensor, name: string): void {
  checkNotEmpty(rows, name);
  if (!rows.isFloatingPoint()) throw expected('a floating-point dtype', name, rows);
}

/** The rows, in the given order or as they are, ready to be compared; by their scalar products for `'product'`. */
export function galleryOf(x: Tensor, metric: SearchMetric | 'product', order: Tensor | null = null): Gallery {
  const ordered = order === null ? x.detach() : x.detach().indexSelect(0, order);
  // One copy and no more: a gallery may be a good part of the memory.
  if (metric === 'cosine') return { rows: order === null ? unitRows(ordered) : unitRows_(widened(ordered)), shift: null };
  const rows = widened(ordered);
  return { rows, shift: metric === 'product' ? null : halfSquares(rows).neg_() };
}

/** `|x|^2 / 2` of each row, without a copy of them. */
export function halfSquares(rows: Tensor): Tensor {
  return rows.unsqueeze(1).bmm(rows.unsqueeze(2)).flatten().div_(2);
}

/** Rows as `similarities` takes them for queries. */
export function queriesOf(x: Tensor, metric: SearchMetric | 'product'): Tensor {
  return metric === 'cosine' ? unitRows(x) : widened(x);
}

/** The cosine of each query with each row, or what has the order of their negative distances; [B, N]. */
export function similarities(queries: Tensor, { rows, shift }: Gallery): Tensor {
  return shift === null ? queries.mm(rows.t()) : shift.addmm(queries, rows.t());
}

/** From which query on, and how many, so that their similarities fit a block. */
export function blocksOf(queries: number, gallery: number): [from: number, count: number][] {
  const size = Math.max(1, Math.floor(BLOCK / gallery));
  return Array.from({ length: Math.ceil(queries / size) }, (_, k) => [k * size, Math.min(size, queries - k * size)]);
}

/** A block of similarities in two parts. */
export interface Split {
  /** With rows of other labels, [B, N]; -Infinity in place of the others. */
  readonly others: Tensor;
  /** With rows of the query's label, in no order, [B, W] with W from 1; -Infinity where there are fewer, and in place of NaN. */
  readonly own: Tensor;
  /** How many rows have the query's label, [B]. */
  readonly counts: Tensor;
}

/**
 * Takes the rows of a query's own label out of its similarities, which it changes. `sorted`: the gallery's labels, ascending; `first`: the row of
 * the gallery that is the first query, where the queries are rows of it and are not to find themselves.
 */
export function split(similarity: Tensor, labels: Tensor, sorted: Tensor, first: number | null): Split {
  const { device } = similarity;
  const [count, rows] = similarity.shape as [number, number];
  const [start, end] = [searchsorted(sorted, labels), searchsorted(sorted, labels, { right: true })];
  const counts = end.sub(start).sub_(first === null ? 0 : 1);
  const width = Math.max(1, Number(end.sub(start).max().item()));
  const self = first === null ? null : arange(first, first + count, { device }).unsqueeze(1);
  if (width * 8 > rows) {
    // Of large classes the places would be more than a mask of all.
    const same = labels.unsqueeze(1).eq(sorted);
    const own = where(same, similarity, NONE);
    own.maskedFill_(own.isnan(), NONE);
    if (self !== null) own.scatter_(1, self, NONE);
    return { own, others: similarity.maskedFill_(same, NONE), counts };
  }
  const places = start.unsqueeze(1).add(arange(width, { device }));
  const inside = places.lt(end.unsqueeze(1));
  const columns = places.clampMax(rows - 1);
  const values = similarity.gather(1, columns);
  const usable = values.eq(values).logicalAnd_(inside);
  if (self !== null) usable.logicalAnd_(places.ne(self));
  // Places behind a class are clamped, and may be those of another query's rows: the least leaves them as they are.
  const out = where(inside, NONE, Number.POSITIVE_INFINITY).to(similarity.dtype);
  return {
    own: values.maskedFill_(usable.logicalNot(), NONE),
    others: similarity.scatterReduce_(1, columns, out, 'amin'),
    counts,
  };
}
