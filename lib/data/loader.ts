import { expected } from '../tensor/expected';
import { arange, empty, randperm } from '../tensor/generated/root';
import { Generator } from '../tensor/generator';
import type { Tensor } from '../tensor/tensor';
import { type Collated, collate as collateByDefault } from './collate';
import { type BatchedDataset, type Dataset, isBatched } from './dataset';
import { steps } from './steps';

/** The samples of a dataset. */
export type SampleOf<Source> = Source extends Dataset<infer Sample> ? Sample : never;

/** What a loader makes of a dataset's samples when it is given no `collate`. */
export type BatchOf<Source> = Source extends BatchedDataset<unknown, infer Batch> ? Batch : Collated<SampleOf<Source>>;

export interface DataLoaderOptions<Sample = unknown, Batch = unknown> {
  /** Samples per batch. Default 1. */
  batchSize?: number;
  /** A new random order in each pass. Default false. */
  shuffle?: boolean;
  /** Leave out a last batch that is smaller than the others. Default false. */
  dropLast?: boolean;
  /** Where the orders come from. Default: the global generator, which `manualSeed` seeds. */
  generator?: Generator;
  /** Short for a generator of its own with this seed. */
  seed?: number | bigint;
  /** Makes a batch of samples. Default: `collate`, or the dataset's own `getBatch`. */
  collate?: (samples: Sample[]) => Batch;
}

/**
 * Batches of a dataset, in order or shuffled.
 *
 * Each pass of `for (const batch of loader)` frees, at the end of every step, what the step made: the batch itself and all
 * that the body computed. Parameters, their gradients and the optimizer's state belong to no step and stay; anything else
 * that must live on is kept with `tensor.keep()`. To read several loaders in step, `zip` them.
 *
 * Under a given seed the order is the one of PyTorch's `DataLoader` in one process.
 *
 * ```ts
 * const loader = new DataLoader(new TensorDataset(images, labels), { batchSize: 64, shuffle: true });
 * for (const [x, y] of loader) { ... }
 * ```
 *
 * @throws for a batch size that is no positive whole number, and for both `generator` and `seed`
 */
export class DataLoader<Source extends Dataset<unknown>, Batch = BatchOf<Source>> implements Iterable<Batch> {
  readonly dataset: Source;
  readonly batchSize: number;
  /** Number of batches in a pass. */
  readonly length: number;
  readonly #shuffle: boolean;
  readonly #generator: Generator | undefined;
  readonly #pick: (indices: Tensor) => Batch;

  constructor(dataset: Source, options: DataLoaderOptions<SampleOf<Source>, Batch> = {}) {
    const { batchSize = 1, shuffle = false, dropLast = false, generator, seed, collate } = options;
    if (!Number.isSafeInteger(batchSize) || batchSize < 1) throw expected('a positive whole number', 'batchSize', batchSize);
    if (generator !== undefined && seed !== undefined) throw new TypeError('Expected either generator or seed but received both');
    this.dataset = dataset;
    this.batchSize = batchSize;
    this.length = dropLast ? Math.floor(dataset.length / batchSize) : Math.ceil(dataset.length / batchSize);
    this.#shuffle = shuffle;
    this.#generator = seed === undefined ? generator : new Generator().manualSeed(seed);
    this.#pick = picker<Source, Batch>(dataset, collate);
  }

  [Symbol.iterator](): IterableIterator<Batch> {
    return steps(this.batches());
  }

  /** The batches of one pass without a scope around each step, to build other iterations on. */
  *batches(): IterableIterator<Batch> {
    const order = (this.#shuffle ? shuffled(this.dataset.length, this.#generator) : arange(this.dataset.length)).keep();
    try {
      for (let batch = 0; batch < this.length; batch++) {
        const start = batch * this.batchSize;
        yield this.#pick(order.narrow(0, start, Math.min(this.batchSize, this.dataset.length - start)));
      }
      // PyTorch's sampler draws one order more at the end of a pass; without it the next pass would differ from PyTorch's.
      if (this.#shuffle && this.#generator !== undefined) randperm(this.dataset.length, { generator: this.#generator });
    } finally {
      order.dispose();
    }
  }
}

/** How batches are made of a dataset; the cast is what `BatchOf` promises. */
function picker<Source extends Dataset<unknown>, Batch>(
  dataset: Source,
  collate: ((samples: SampleOf<Source>[]) => Batch) | undefined,
): (indices: Tensor) => Batch {
  if (collate === undefined && isBatched(dataset)) return (indices) => dataset.getBatch(indices) as Batch;
  const join = collate ?? (collateByDefault as unknown as (samples: SampleOf<Source>[]) => Batch);
  return (indices) => join(Array.from(indices.toTypedArray() as BigInt64Array, (index) => dataset.get(Number(index)) as SampleOf<Source>));
}

/**
 * A random order, drawn as PyTorch's loader draws it: one 64-bit number for seeding workers, then, when it has no generator
 * of its own, another one that seeds the order's.
 */
function shuffled(length: number, generator: Generator | undefined): Tensor {
  empty([], { dtype: 'int64' }).random_({ generator });
  if (generator !== undefined) return randperm(length, { generator });
  const [seed] = empty([], { dtype: 'int64' }).random_().toTypedArray() as BigInt64Array;
  return randperm(length, { generator: new Generator().manualSeed(seed ?? 0n) });
}
