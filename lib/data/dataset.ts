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

/**
 * Samples one after the other, for what has no positions: streams, generators, logs. Each pass iterates anew.
 *
 * In several workers each has a dataset of its own; `workerInfo()` tells it which part of the samples is its.
 */
export interface IterableDataset<Sample> extends Iterable<Sample> {
  /** Number of samples, where it is known. */
  readonly length?: number;
}

/** What a loader can read. */
export type AnyDataset = Dataset<unknown> | IterableDataset<unknown>;

/** The samples of a dataset. */
export type SampleOf<Source> = Source extends Dataset<infer Sample> ? Sample : Source extends Iterable<infer Sample> ? Sample : never;

/** Whether a dataset picks a whole batch by itself. */
export function isBatched<Sample, Batch>(
  dataset: Dataset<Sample> | BatchedDataset<Sample, Batch>,
): dataset is BatchedDataset<Sample, Batch> {
  return typeof (dataset as Partial<BatchedDataset<Sample, Batch>>).getBatch === 'function';
}

/** Whether a dataset has positions. */
export function isIndexed(dataset: unknown): dataset is Dataset<unknown> {
  const { length, get } = (dataset ?? {}) as Partial<Dataset<unknown>>;
  return typeof get === 'function' && Number.isSafeInteger(length) && (length as number) >= 0;
}

/** Whether a dataset has no positions but can be iterated over. */
export function isIterable(dataset: unknown): dataset is IterableDataset<unknown> {
  return typeof dataset === 'object' && dataset !== null && !isIndexed(dataset) && Symbol.iterator in dataset;
}
