/** What a `DataLoader` is told. */

import type { Randomness } from './randomness';
import type { BatchSource, Sampler } from './samplers';

/** Where worker threads find what they run: exports of a module, by name. */
export interface WorkerModule {
  /**
   * The module: an absolute path or a `file:` address, such as `__filename` or `import.meta.url`. It is loaded in each worker: a
   * script that names itself must do its own work under `if (isMainThread)` only.
   */
  module: string;
  /**
   * The export that is the dataset, or a function that makes it (also asynchronously). Default: the loader's own dataset, when it is
   * made of tensors - a `TensorDataset`, also inside `Subset` and `ConcatDataset` - which the workers then see without a copy.
   */
  dataset?: string;
  /** Arguments of that function: what `postMessage` can send, and tensors, which are shared without a copy. Default none. */
  args?: readonly unknown[];
  /** The export to use for `collate`. */
  collate?: string;
  /** The export to use for `transform`. */
  transform?: string;
}

export interface DataLoaderOptions<Sample = unknown, Batch = unknown, Made = Batch> extends Randomness {
  /** Samples per batch. Default 1. */
  batchSize?: number;
  /** A new random order in each pass. Default false. */
  shuffle?: boolean;
  /** The order of a pass, instead of `shuffle`. */
  sampler?: Sampler;
  /** The batches of a pass, instead of `batchSize`, `shuffle`, `sampler` and `dropLast`. */
  batchSampler?: BatchSource;
  /** Leave out a last batch that is smaller than the others. Default false. */
  dropLast?: boolean;
  /** Makes a batch of samples. Default: `collate`, or the dataset's own `getBatch`. In workers it is named in `worker`. */
  collate?: (samples: Sample[]) => Batch;
  /** Changes each batch; its random choices come from `data.generator()`. In the calling thread, or in the workers when `worker` names it. */
  transform?: (batch: Batch) => Made;
  /** Copy each batch into page-locked memory, from which copies to a GPU need not wait. Without a GPU nothing happens. Default false. */
  pinMemory?: boolean;
  /** Threads that make batches ahead of time; with any the loader is for `for await` only. Default 0: batches are made when asked for. */
  numWorkers?: number;
  /** Batches that each worker makes ahead. Default 2. */
  prefetchFactor?: number;
  /** Keep the workers, with their datasets, from pass to pass, until `close`. Default false. */
  persistentWorkers?: boolean;
  /** What the workers run. May be left out for datasets made of tensors. */
  worker?: WorkerModule;
  /** Options of Node for the workers, such as those of a TypeScript loader. Default: those of this process. */
  execArgv?: readonly string[];
}
