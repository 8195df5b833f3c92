/** What a `DataLoader` reads from. */

import type { Tensor } from '../tensor/tensor';

/** Samples by position: anything with a length and a `get`. */
export interface Dataset<Sample> {
  /** Number of samples. */
  readonly length: number;
  /** The sample at `index`, 0 <= index < length. */
  get(index: number): Sample;
}

/** A dataset that picks many samples at once faster than one by one. */
export interface BatchedDataset<Sample, Batch> extends Dataset<Sample> {
  /** The samples at `indices` (int64[n]), stacked along a new first axis. */
  getBatch(indices: Tensor): Batch;
}

/** Whether a dataset picks a whole batch by itself. */
export function isBatched<Sample, Batch>(
  dataset: Dataset<Sample> | BatchedDataset<Sample, Batch>,
): dataset is BatchedDataset<Sample, Batch> {
  return typeof (dataset as Partial<BatchedDataset<Sample, Batch>>).getBatch === 'function';
}
