import * as cuda from '../cuda';
import { checkedOptions } from '../tensor/checked';
import { expected } from '../tensor/expected';
import type { Generator } from '../tensor/generator';
import { scope } from '../tensor/scope';
import { type AsyncSource, asyncSteps, END } from './async-steps';
import { withBatchRandom } from './batch-random';
import type { Collated } from './collate';
import { type AnyDataset, type BatchedDataset, type Dataset, isIndexed, isIterable, type SampleOf } from './dataset';
import { IterationBatches } from './iteration-batches';
import type { DataLoaderOptions } from './loader-options';
import { checkState, type DataLoaderState } from './loader-state';
import { batchMaker, type Making, sampleMaker } from './make-batch';
import { drawSeed, generatorOf, setStateText, stateText } from './randomness';
import { BatchSampler, type BatchSource, RandomSampler, SequentialSampler } from './samplers';
import { asBatch } from './samplers/sampler';
import { positive } from './samplers/sized';
import { steps } from './steps';
import { mapTensors } from './structure';
import { LoaderWorkers } from './workers/loader-workers';

/** What a loader makes of a dataset's samples when it is given no `collate`. */
export type BatchOf<Source> = Source extends BatchedDataset<unknown, infer Batch> ? Batch : Collated<SampleOf<Source>>;

/** A pass under way, or one to be gone on with. */
interface Pass {
  readonly seed: bigint;
  readonly order: string | null;
  /** Batches given out. */
  batch: number;
}

/**
 * Batches of a dataset, in order or shuffled.
 *
 * Each pass of `for (const batch of loader)` frees, at the end of every step, what the step made: the batch itself and all
 * that the body computed. Parameters, their gradients and the optimizer's state belong to no step and stay; anything else
 * that must live on is kept with `tensor.keep()`. To read several loaders in step, `zip` them.
 *
 * With `numWorkers` other threads make the batches ahead of time, and a pass is `for await (const batch of loader)`. Batches come in the
 * same order, with the same random choices, whatever the number of workers: random choices in datasets and transforms come from
 * `data.generator()`, which is seeded for each batch. (Datasets without positions are divided among the workers by themselves.)
 *
 * Under a given seed the order is the one of PyTorch's `DataLoader`.
 *
 * ```ts
 * const loader = new DataLoader(new TensorDataset(images, labels), { batchSize: 64, shuffle: true });
 * for (const [x, y] of loader) { ... }
 * ```
 *
 * @throws for a batch size that is no positive whole number, for both `generator` and `seed`, and for options that exclude one another
 */
export class DataLoader<Source extends AnyDataset, Batch = BatchOf<Source>, Made = Batch> implements Iterable<Made>, AsyncIterable<Made> {
  readonly dataset: Source;
  /** Samples per batch; null when a `batchSampler` decides. */
  readonly batchSize: number | null;
  readonly dropLast: boolean;
  /** The positions of the batches; null for a dataset without positions. */
  readonly batchSampler: BatchSource | null;
  readonly numWorkers: number;
  readonly #making: Making;
  readonly #transform: ((batch: unknown) => unknown) | undefined;
  readonly #generator: Generator | undefined;
  readonly #pinMemory: boolean;
  readonly #workers: LoaderWorkers | undefined;
  #pass: Pass | undefined;
  #resume: Pass | undefined;

  constructor(dataset: Source, given?: DataLoaderOptions<SampleOf<Source>, Batch, Made>) {
    const options = checkedOptions(given, 'DataLoader');
    const { dropLast = false, pinMemory = false, numWorkers = 0, collate, transform } = options;
    if (!isIndexed(dataset) && !isIterable(dataset)) throw expected('a dataset: with length and get, or iterable,', 'DataLoader', dataset);
    refuseContradictions(dataset, options);
    this.dataset = dataset;
    this.batchSize = options.batchSampler === undefined ? positive(options.batchSize ?? 1, 'batchSize') : null;
    this.dropLast = dropLast;
    this.#generator = generatorOf(options);
    this.batchSampler = isIndexed(dataset) ? batchesOf(dataset, options, this.#generator) : null;
    this.#pinMemory = pinMemory;
    if (!Number.isSafeInteger(numWorkers) || numWorkers < 0) throw expected('a whole number from 0', 'numWorkers', numWorkers);
    this.numWorkers = numWorkers;
    this.#making = { collate, transform } as Making;
    if (numWorkers > 0) {
      this.#workers = new LoaderWorkers(dataset, numWorkers, options);
      // What the workers do not change is changed here.
      if (options.worker?.transform === undefined) this.#transform = this.#making.transform;
    }
  }

  /** Number of batches in a pass; infinite when the dataset does not know its length. */
  get length(): number {
    if (this.batchSampler !== null) return this.batchSampler.length;
    const batches = ((this.dataset as { length?: number }).length ?? Number.POSITIVE_INFINITY) / (this.batchSize as number);
    return this.dropLast ? Math.floor(batches) : Math.ceil(batches);
  }

  /** @throws with workers, whose batches come later */
  [Symbol.iterator](): IterableIterator<Made> {
    return steps(this.batches());
  }

  [Symbol.asyncIterator](): AsyncIterableIterator<Made> {
    return asyncSteps(this.#workers === undefined ? this.#here() : this.#inWorkers(this.#workers));
  }

  /** The batches of one pass without a scope around each step, to build other iterations on. */
  batches(): IterableIterator<Made> {
    if (this.#workers !== undefined)
      throw new TypeError(`Expected for await for a loader with ${this.numWorkers} workers but received for`);
    return this.batchSampler === null ? this.#fromIteration() : this.#fromPositions(this.batchSampler);
  }

  /** Ends workers that were kept by `persistentWorkers`; the next pass starts new ones. */
  async close(): Promise<void> {
    await this.#workers?.close();
  }

  /**
   * Where the loader is: after `loadStateDict` of it a loader like this one goes on with exactly the batches that were to come, in the
   * middle of a pass too. In the body of a loop the batch in hand counts as done. The values are what JSON can hold.
   *
   * In the middle of a pass this holds for the samplers of this package; others must give the same order again by themselves.
   * Datasets without positions are read again from the beginning.
   */
  stateDict(): DataLoaderState {
    const pass = this.#resume ?? this.#pass;
    const own = this.#generator;
    const other = this.batchSampler?.generator;
    return {
      batch: pass?.batch ?? 0,
      samples: (this.dataset as { length?: number }).length ?? null,
      batchSize: this.batchSize,
      seed: pass === undefined ? null : String(pass.seed),
      order: pass?.order ?? null,
      // In a pass the order tells the generator's state at its beginning.
      generator: own === undefined || (pass !== undefined && own === other) ? null : stateText(own),
      samplerGenerator: other === undefined || other === own || pass !== undefined ? null : stateText(other),
    };
  }

  /** Goes on where a loader was. @throws for what is no state, and for the state of a loader with other samples or batches */
  loadStateDict(state: DataLoaderState): void {
    const samples = (this.dataset as { length?: number }).length ?? null;
    const { batch, seed, order, generator, samplerGenerator } = checkState(state, samples, this.batchSize);
    if (generator !== null && this.#generator !== undefined) setStateText(this.#generator, generator);
    const other = this.batchSampler?.generator;
    if (samplerGenerator !== null && other !== undefined) setStateText(other, samplerGenerator);
    this.#pass = undefined;
    this.#resume = seed === null ? undefined : { seed: BigInt(seed), order, batch };
  }

  /** Draws as PyTorch's loader draws: a number for the workers first, then the sampler's numbers. */
  #begin(): Pass {
    const resumed = this.#resume;
    this.#resume = undefined;
    const seed = resumed?.seed ?? drawSeed(this.#generator);
    const order = this.batchSampler?.preparePass?.(resumed?.order ?? undefined) ?? null;
    this.#pass = { seed, order, batch: resumed?.batch ?? 0 };
    return this.#pass;
  }

  #end(pass: Pass): void {
    if (this.#pass === pass) this.#pass = undefined;
  }

  /** Makes a batch and counts it as given. */
  #give<Given>(pass: Pass, make: (given: Given) => unknown, given: Given): Made | typeof END {
    const number = pass.batch;
    const batch = withBatchRandom(pass.seed, number, make, given);
    if (batch === END) return END;
    pass.batch = number + 1;
    const pin = this.#pinMemory && cuda.isAvailable();
    return (pin ? mapTensors(batch, (tensor) => tensor.pinMemory()) : batch) as Made;
  }

  *#fromPositions(source: BatchSource): IterableIterator<Made> {
    const pass = this.#begin();
    const make = batchMaker(this.dataset as Dataset<unknown>, this.#making);
    let skip = pass.batch;
    for (const positions of source) if (skip-- <= 0) yield this.#give(pass, make, asBatch(positions)) as Made;
    this.#end(pass);
  }

  *#fromIteration(): IterableIterator<Made> {
    const pass = this.#begin();
    const batches = new IterationBatches(this.dataset as Iterable<unknown>, this.batchSize as number, this.dropLast);
    const make = sampleMaker(this.#making);
    const next = (): unknown => {
      const samples = batches.next();
      return samples === undefined ? END : make(samples);
    };
    try {
      for (let skip = pass.batch; skip > 0; skip--) batches.next();
      for (;;) {
        const batch = this.#give(pass, next, undefined);
        if (batch === END) break;
        yield batch;
      }
    } finally {
      batches.close();
    }
    this.#end(pass);
  }

  /** The batches of this thread, for `for await`. */
  #here(): AsyncSource<Made> {
    const batches = this.batches();
    return {
      next: async () => () => {
        const next = batches.next();
        return next.done === true ? END : next.value;
      },
      close: async () => {
        batches.return?.();
      },
    };
  }

  #inWorkers(workers: LoaderWorkers): AsyncSource<Made> {
    let pass: Pass | undefined;
    let batches: AsyncSource<unknown> | undefined;
    const begin = async (begun: Pass): Promise<AsyncSource<unknown>> => {
      const source = this.batchSampler;
      if (source !== null) return workers.begin({ seed: begun.seed, first: begun.batch, next: positionsOf(source, begun.batch) });
      const read = workers.begin({ seed: begun.seed, first: 0, next: () => this.batchSize as number });
      for (let skip = begun.batch; skip > 0; skip--) {
        const make = await read.next();
        if (make !== undefined) scope(() => void make());
      }
      return read;
    };
    return {
      next: async () => {
        pass ??= this.#begin();
        batches ??= await begin(pass);
        const current = pass;
        const make = await batches.next();
        if (make === undefined) {
          this.#end(current);
          return undefined;
        }
        return () => this.#give(current, this.#transform === undefined ? make : () => this.#transform?.(make()), undefined);
      },
      close: async () => {
        await batches?.close();
      },
    };
  }
}

/** Reads the positions of one batch after the other as plain numbers; `undefined` at the end. */
function positionsOf(source: BatchSource, first: number): () => BigInt64Array | undefined {
  const iterator = source[Symbol.iterator]();
  let skip = first;
  return () => {
    for (;;) {
      const positions = scope(() => {
        const next = iterator.next();
        return next.done === true ? undefined : (asBatch(next.value).toTypedArray({ copy: true }) as BigInt64Array);
      });
      if (positions === undefined || skip-- <= 0) return positions;
    }
  };
}

function batchesOf(
  dataset: Dataset<unknown>,
  {
    batchSampler,
    sampler,
    shuffle,
    batchSize = 1,
    dropLast,
  }: Pick<DataLoaderOptions, 'batchSampler' | 'sampler' | 'shuffle' | 'batchSize' | 'dropLast'>,
  generator: Generator | undefined,
): BatchSource {
  if (batchSampler !== undefined) return batchSampler;
  const order = sampler ?? (shuffle ? new RandomSampler(dataset, { generator }) : new SequentialSampler(dataset));
  return new BatchSampler(order, batchSize, { dropLast });
}

/** Options that would be of no effect beside others. */
function refuseContradictions(dataset: unknown, options: object): void {
  const given = (name: string): boolean => {
    const value = (options as Record<string, unknown>)[name];
    return value !== undefined && value !== false;
  };
  const refuse = (what: string, names: readonly string[]): void => {
    const odd = names.find(given);
    if (odd !== undefined) throw new TypeError(`Expected no ${odd} for DataLoader ${what} but received one`);
  };
  if (!isIndexed(dataset)) refuse('of a dataset without positions', ['shuffle', 'sampler', 'batchSampler']);
  if (given('batchSampler')) refuse('with a batchSampler', ['batchSize', 'shuffle', 'sampler', 'dropLast']);
  if (given('sampler')) refuse('with a sampler', ['shuffle']);
}
