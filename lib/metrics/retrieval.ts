/** What the metrics of retrieval share: each query's similarities, those with rows of its own label apart. */

import { type ProgressOptions, progress as shown } from '../data/progress';
import {
  blocksOf,
  checkSearch,
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

/** What `of` makes of the similarities of each block, [B, ...], one after the other; the order of the queries is another one. */
export function overQueries(search: Search, options: RetrievalOptions | undefined, name: string, of: (block: Split) => Tensor): Tensor {
  const { metric = 'cosine', progress = false } = checkedOptions(options, name);
  checkChoice(metric, 'metric', SEARCH_METRICS);
  checkSearch(...search);
  const [embeddings, labels, other, otherLabels] = search;
  return scopedNoGrad(() => {
    const order = (otherLabels ?? labels).argsort({ stable: true });
    const gallery = galleryOf(other ?? embeddings, metric, order);
    const sorted = (otherLabels ?? labels).long().indexSelect(0, order);
    // What is searched within itself is taken in the gallery's order: there the rows of a label stand together.
    const queries = (from: number, count: number) =>
      other === null ? gallery.rows.narrow(0, from, count) : queriesOf(embeddings.detach().narrow(0, from, count), metric);
    const wanted = other === null ? sorted : labels.long();
    const blocks = blocksOf(embeddings.size(0), sorted.size(0));
    const steps = progress === false ? blocks : shown(blocks, progress === true ? { label: name } : progress);
    const parts: Tensor[] = [];
    for (const [from, count] of steps)
      parts.push(
        scopedNoGrad(() => {
          const similarity = similarities(queries(from, count), gallery);
          return of(split(similarity, wanted.narrow(0, from, count), sorted, other === null ? from : null));
        }),
      );
    return cat(parts);
  });
}
