/** What the metrics of retrieval share: each query's similarities, those with rows of its own label apart. */

import { type ProgressOptions, shownSteps } from '../data/progress';
import {
  blocksOf,
  checkSearch,
  type Gallery,
  galleryOf,
  queriesOf,
  SEARCH_METRICS,
  type SearchMetric,
  type Split,
  similarities,
  split,
} from '../nn/metric-learning/gallery';
import { checkedOptions } from '../tensor/checked';
import { cat } from '../tensor/generated/root';
import { checkChoice } from '../tensor/numbers';
import { scopedNoGrad } from '../tensor/scope';
import type { Tensor } from '../tensor/tensor';

export interface RetrievalOptions {
  /** How rows are compared. Default `'cosine'`. */
  metric?: SearchMetric;
  /** Show a progress bar over the blocks of queries. Default false. */
  progress?: boolean | ProgressOptions;
}

/** Embeddings with their labels, as a query and as a gallery: null for both, and each query is compared with all the others. */
export type Search = readonly [embeddings: Tensor, labels: Tensor, gallery: Tensor | null, galleryLabels: Tensor | null];

/** A search whose gallery stands in the order of its labels. */
export interface OrderedSearch {
  readonly gallery: Gallery;
  /** The labels of the gallery, ascending. */
  readonly sorted: Tensor;
  /** Whether the queries are the gallery; then they stand in its order too, where the rows of a label are together. */
  readonly within: boolean;
  /** Some of the queries, ready to be compared. */
  readonly queries: (from: number, count: number) => Tensor;
  /** Their labels. */
  readonly labels: (from: number, count: number) => Tensor;
}

export function ordered([embeddings, labels, other, otherLabels]: Search, metric: SearchMetric): OrderedSearch {
  const order = (otherLabels ?? labels).argsort({ stable: true });
  const gallery = galleryOf(other ?? embeddings, metric, order);
  const sorted = (otherLabels ?? labels).long().indexSelect(0, order);
  const within = other === null;
  const wanted = within ? sorted : labels.long();
  return {
    gallery,
    sorted,
    within,
    queries: (from, count) =>
      within ? gallery.rows.narrow(0, from, count) : queriesOf(embeddings.detach().narrow(0, from, count), metric),
    labels: (from, count) => wanted.narrow(0, from, count),
  };
}

/** What `of` makes of the similarities of each block, [B, ...], one after the other; the order of the queries is another one. */
export function overQueries(search: Search, options: RetrievalOptions | undefined, name: string, of: (block: Split) => Tensor): Tensor {
  const { metric = 'cosine', progress = false } = checkedOptions(options, name);
  checkChoice(metric, 'metric', SEARCH_METRICS);
  checkSearch(...search);
  return scopedNoGrad(() => {
    const { gallery, sorted, within, queries, labels } = ordered(search, metric);
    const blocks = blocksOf(search[0].size(0), sorted.size(0));
    const parts: Tensor[] = [];
    for (const [from, count] of shownSteps(blocks, progress, name))
      parts.push(
        scopedNoGrad(() => of(split(similarities(queries(from, count), gallery), labels(from, count), sorted, within ? from : null))),
      );
    return cat(parts);
  });
}
