import { expected } from '../../tensor/expected';
import type { AsyncSource } from '../async-steps';
import type { DataLoaderOptions } from '../loader-options';
import { positive } from '../samplers/sized';
import { modulePath } from './load-export';
import { type Plan, WorkerPass } from './pass';
import { type PoolSetup, WorkerPool } from './pool';
import { isPortable, toPortable } from './portable';

type WorkerOptions = Pick<DataLoaderOptions, 'prefetchFactor' | 'persistentWorkers' | 'worker' | 'dropLast' | 'execArgv'> & {
  readonly collate?: unknown;
};

/** A loader's workers: started for a pass, and kept for the next when they are persistent. */
export class LoaderWorkers {
  readonly #setup: PoolSetup;
  readonly #prefetch: number;
  readonly #persistent: boolean;
  #idle: WorkerPool | undefined;

  /** @throws when the workers could not know what to run */
  constructor(dataset: unknown, numWorkers: number, options: WorkerOptions) {
    const { prefetchFactor = 2, persistentWorkers = false, worker, collate, dropLast = false, execArgv } = options;
    if (collate !== undefined && worker?.collate === undefined) {
      throw expected('the name of an export for worker.collate, as the workers cannot be sent a function,', 'DataLoader', worker?.collate);
    }
    if (worker?.dataset === undefined && !isPortable(dataset)) {
      const what = 'the name of an export for worker.dataset, as the dataset is not made of tensors on the CPU alone,';
      throw expected(what, 'DataLoader', worker?.dataset);
    }
    this.#prefetch = positive(prefetchFactor, 'prefetchFactor');
    this.#persistent = persistentWorkers;
    this.#setup = {
      numWorkers,
      module: worker === undefined ? undefined : modulePath(worker.module),
      dataset: worker?.dataset ?? (() => toPortable(dataset)),
      args: worker?.args ?? [],
      collate: worker?.collate,
      transform: worker?.transform,
      dropLast,
      execArgv,
    };
  }

  /** One pass. */
  begin(plan: Plan): AsyncSource<unknown> {
    // A pass inside another one has workers of its own.
    const pool = this.#idle?.broken === false ? this.#idle : new WorkerPool(this.#setup);
    this.#idle = undefined;
    const pass = new WorkerPass(pool, plan, this.#prefetch);
    return {
      next: () => pass.next(),
      close: async () => {
        await pass.close();
        if (this.#persistent && this.#idle === undefined && !pool.broken) this.#idle = pool;
        else await pool.close();
      },
    };
  }

  /** Ends the workers that wait for another pass. */
  async close(): Promise<void> {
    const pool = this.#idle;
    this.#idle = undefined;
    await pool?.close();
  }
}
