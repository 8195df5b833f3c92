/** The worker threads of a loader. */

import { extname, join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { getNumThreads, setNumThreads } from '../../tensor/settings';
import { discard, pack } from './packing';
import { discardPortable } from './portable';
import type { Answer, Portable, Request, WorkerSetup } from './protocol';

/** What all workers are started with. */
export interface PoolSetup {
  readonly numWorkers: number;
  readonly module: string | undefined;
  /** The name of an export, or what makes the message that brings the dataset. */
  readonly dataset: string | (() => Portable);
  readonly args: readonly unknown[];
  readonly collate: string | undefined;
  readonly transform: string | undefined;
  readonly dropLast: boolean;
  readonly execArgv: readonly string[] | undefined;
}

interface Waiting {
  resolve(answer: Answer): void;
  reject(error: Error): void;
}

interface Thread {
  readonly worker: Worker;
  readonly waiting: Map<number, Waiting>;
  readonly ended: Promise<void>;
  /** Why it answers no more. */
  problem: Error | undefined;
  /** Gives up what it was sent and has not taken. */
  giveUp(): void;
}

export class WorkerPool {
  readonly size: number;
  readonly #pass = new Int32Array(new SharedArrayBuffer(4));
  readonly #threads: readonly Thread[];
  #nextRequest = 0;

  constructor(setup: PoolSetup) {
    this.size = setup.numWorkers;
    const threads = getNumThreads();
    this.#threads = Array.from({ length: setup.numWorkers }, (_, id) => this.#start(id, setup, threads));
  }

  /** Begins a pass and returns its number; what was asked for earlier ones is not made any more. */
  beginPass(): number {
    return Atomics.add(this.#pass, 0, 1) + 1;
  }

  /** Whether a worker has ended by itself. */
  get broken(): boolean {
    return this.#threads.some(({ problem }) => problem !== undefined);
  }

  /** @throws (rejects) when the worker has ended */
  ask(worker: number, request: Omit<Request, 'id'>): Promise<Answer> {
    const thread = this.#threads[worker] as Thread;
    if (thread.problem !== undefined) return Promise.reject(thread.problem);
    const id = this.#nextRequest++;
    return new Promise((resolve, reject) => {
      thread.waiting.set(id, { resolve, reject });
      thread.worker.ref();
      thread.worker.postMessage({ ...request, id });
    });
  }

  /** Ends the workers after what they are doing. */
  async close(): Promise<void> {
    this.beginPass();
    await Promise.all(
      this.#threads.map((thread) => {
        thread.worker.ref();
        if (thread.problem === undefined) thread.worker.postMessage({ close: true });
        return thread.ended;
      }),
    );
  }

  #start(id: number, { dataset, args, execArgv, ...setup }: PoolSetup, threads: number): Thread {
    const portable = typeof dataset === 'string' ? dataset : dataset();
    const packed = pack(args);
    const workerData: WorkerSetup = { ...setup, id, dataset: portable, args: packed, pass: this.#pass };
    const file = join(__dirname, `worker${extname(__filename)}`);
    const worker = new Worker(file, { workerData, ...(execArgv === undefined ? {} : { execArgv: [...execArgv] }) });
    const waiting = new Map<number, Waiting>();
    let end: () => void;
    const thread: Thread = {
      worker,
      waiting,
      ended: new Promise((resolve) => {
        end = resolve;
      }),
      problem: undefined,
      giveUp: () => {
        if (typeof portable !== 'string') discardPortable(portable);
        discard(packed);
      },
    };
    const fail = (problem: Error): void => {
      thread.problem ??= problem;
      for (const { reject } of waiting.values()) reject(thread.problem);
      waiting.clear();
    };
    let answered = false;
    worker.on('message', (answer: Answer) => {
      // The worker has set its own number of threads, and with it the one that new threads of this process begin with.
      if (!answered) setNumThreads(threads);
      answered = true;
      waiting.get(answer.id)?.resolve(answer);
      waiting.delete(answer.id);
      if (waiting.size === 0) worker.unref(); // an idle worker keeps no program alive
    });
    worker.on('error', fail);
    worker.on('messageerror', fail);
    worker.on('exit', (code) => {
      fail(new Error(`Worker ${id} of the data loader ended with code ${code}`));
      thread.giveUp();
      end();
    });
    worker.unref();
    return thread;
  }
}
