import { expected } from '../tensor/expected';
import type { Tensor } from '../tensor/tensor';
import { type BatchedDataset, type Dataset, isBatched, isIndexed, type SampleOf } from './dataset';
import { type Indices, toIndices, toNumbers } from './indices';

/** `getBatch` of a dataset made of others: there when theirs is. */
export type GetBatch<Source> = Source extends BatchedDataset<unknown, infer Batch> ? (indices: Tensor) => Batch : undefined;

/**
 * Some samples of a dataset, in the order given.
 *
 * ```ts
 * const odd = new Subset(dataset, [1, 3, 5]);
 * ```
 *
 * @throws unless the indices are whole numbers in [0, dataset.length)
 */
export class Subset<Source extends Dataset<unknown>> implements Dataset<SampleOf<Source>> {
  readonly dataset: Source;
  /** Positions in `dataset`, int64[length]. */
  readonly indices: Tensor;
  readonly length: number;
  /** The samples at `indices` at once; only where `dataset` can. */
  readonly getBatch: GetBatch<Source>;
  #numbers: number[] | undefined;

  constructor(dataset: Source, indices: Indices) {
    if (!isIndexed(dataset)) throw expected('a dataset with length and get', 'Subset', dataset);
    this.dataset = dataset;
    this.indices = toIndices(indices, dataset.length, 'indices');
    this.length = this.indices.numel();
    const batched = isBatched(dataset) ? (picked: Tensor) => dataset.getBatch(this.indices.indexSelect(0, picked)) : undefined;
    this.getBatch = batched as GetBatch<Source>;
  }

  get(index: number): SampleOf<Source> {
    this.#numbers ??= toNumbers(this.indices);
    const position = this.#numbers[index];
    if (position === undefined) throw expected(`a whole number in [0, ${this.length})`, 'index', index);
    return this.dataset.get(position) as SampleOf<Source>;
  }
}
