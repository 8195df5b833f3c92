import { tensor } from '../tensor/creation';
import { expected } from '../tensor/expected';
import { bucketize, cat } from '../tensor/generated/root';
import { Tensor } from '../tensor/tensor';
import { type Dataset, isBatched, isIndexed, type SampleOf } from './dataset';
import type { GetBatch } from './subset';

/**
 * Datasets one after the other.
 *
 * ```ts
 * const all = new ConcatDataset(train, extra);
 * ```
 *
 * @throws without any dataset
 */
export class ConcatDataset<Source extends Dataset<unknown>> implements Dataset<SampleOf<Source>> {
  readonly datasets: readonly Source[];
  readonly length: number;
  /** Number of samples up to the end of each dataset. */
  readonly cumulativeSizes: readonly number[];
  /** The samples at `indices` at once; only where all the datasets can. */
  readonly getBatch: GetBatch<Source>;

  constructor(...datasets: readonly [Source, ...Source[]]) {
    if (datasets.length === 0) throw expected('at least one dataset', 'ConcatDataset', undefined);
    for (const [k, dataset] of datasets.entries()) {
      if (!isIndexed(dataset)) throw expected('a dataset with length and get', `dataset ${k} of ConcatDataset`, dataset);
    }
    this.datasets = datasets;
    let length = 0;
    this.cumulativeSizes = datasets.map((dataset) => (length += dataset.length));
    this.length = length;
    const batched = datasets.every((dataset) => isBatched(dataset)) ? (indices: Tensor) => this.#batch(indices) : undefined;
    this.getBatch = batched as GetBatch<Source>;
  }

  get(index: number): SampleOf<Source> {
    if (!Number.isInteger(index) || index < 0 || index >= this.length)
      throw expected(`a whole number in [0, ${this.length})`, 'index', index);
    const which = this.cumulativeSizes.findIndex((end) => index < end);
    return (this.datasets[which] as Source).get(index - this.#start(which)) as SampleOf<Source>;
  }

  #start(which: number): number {
    return this.cumulativeSizes[which - 1] ?? 0;
  }

  /** Each dataset picks its own samples; then they are brought into the order asked for. */
  #batch(indices: Tensor): unknown {
    const which = bucketize(indices, tensor([...this.cumulativeSizes], { dtype: 'int64' }), { right: true });
    const { values, indices: order } = which.sort({ stable: true });
    const sorted = indices.indexSelect(0, order);
    const counts = values.bincount(null, this.datasets.length).toTypedArray() as BigInt64Array;
    const parts: unknown[] = [];
    let from = 0;
    for (const [k, dataset] of this.datasets.entries()) {
      const count = Number(counts[k]);
      if (count === 0 || !isBatched(dataset)) continue;
      parts.push(dataset.getBatch(sorted.narrow(0, from, count).sub(this.#start(k))));
      from += count;
    }
    return join(parts, order.argsort(), 'the batches of the datasets');
  }
}

/** Parts of a batch one after the other, then in another order. */
function join(parts: readonly unknown[], order: Tensor, where: string): unknown {
  const first = parts[0];
  if (first instanceof Tensor) return cat(parts as Tensor[]).indexSelect(0, order);
  if (typeof first !== 'object' || first === null) throw expected('tensors, lists or objects of them', where, first);
  if (Array.isArray(first) && typeof first[0] === 'string') {
    const strings = (parts as string[][]).flat();
    return Array.from(order.toTypedArray() as BigInt64Array, (position) => strings[Number(position)]);
  }
  const entries = Object.keys(first).map((key) => {
    const values = parts.map((part) => (part as Record<string, unknown>)[key]);
    return [key, join(values, order, `${key} of ${where}`)] as const;
  });
  return Array.isArray(first) ? entries.map(([, value]) => value) : Object.fromEntries(entries);
}
