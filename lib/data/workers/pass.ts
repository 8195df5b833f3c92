/** One pass of a loader with workers: asks for batches ahead of time and delivers them in order. */

import type { AsyncSource } from '../async-steps';
import { discard, unpack } from './packing';
import type { WorkerPool } from './pool';
import type { Answer } from './protocol';
import { DataWorkerError } from './worker-error';

/** What is asked for: batch after batch, `undefined` at the end. */
export interface Plan {
  /** What random choices of the pass begin with. */
  readonly seed: bigint;
  /** The number of the first batch. */
  readonly first: number;
  /** Positions of the next batch; how many samples, for datasets without positions; undefined when there is no batch more. */
  next(): BigInt64Array | number | undefined;
}

interface Asked {
  readonly batch: number;
  readonly worker: number;
  readonly answer: Promise<Answer>;
}

export class WorkerPass implements AsyncSource<unknown> {
  readonly #pool: WorkerPool;
  readonly #plan: Plan;
  readonly #ahead: number;
  readonly #pass: number;
  readonly #asked: Asked[] = [];
  /** Workers that have samples left. */
  #workers: number[];
  #turn = 0;
  #batch: number;
  #done = false;

  /** @param ahead batches to ask each worker for in advance */
  constructor(pool: WorkerPool, plan: Plan, ahead: number) {
    this.#pool = pool;
    this.#plan = plan;
    this.#ahead = ahead * pool.size;
    this.#pass = pool.beginPass();
    this.#workers = Array.from({ length: pool.size }, (_, worker) => worker);
    this.#batch = plan.first;
    this.#fill();
  }

  #fill(): void {
    while (!this.#done && this.#asked.length < this.#ahead && this.#workers.length > 0) {
      const indices = this.#plan.next();
      if (indices === undefined) {
        this.#done = true;
        return;
      }
      const worker = this.#workers[this.#turn++ % this.#workers.length] as number;
      const batch = this.#batch++;
      const answer = this.#pool.ask(worker, { pass: this.#pass, batch, seed: this.#plan.seed, indices });
      answer.catch(() => {}); // told when its turn comes
      this.#asked.push({ batch, worker, answer });
    }
  }

  async next(): Promise<(() => unknown) | undefined> {
    for (;;) {
      const asked = this.#asked.shift();
      if (asked === undefined) return undefined;
      const answer = await asked.answer;
      if ('failure' in answer) throw new DataWorkerError(asked.worker, asked.batch, answer.failure);
      if ('end' in answer) {
        this.#workers = this.#workers.filter((worker) => worker !== asked.worker);
        this.#turn = 0;
      }
      this.#fill();
      if ('batch' in answer) return () => unpack(answer.batch);
    }
  }

  /** Waits for what was asked for and gives it up. */
  async close(): Promise<void> {
    this.#done = true;
    if (this.#asked.length === 0) return;
    this.#pool.beginPass();
    for (const { answer } of this.#asked.splice(0)) {
      const given = await answer.catch(() => undefined);
      if (given !== undefined && 'batch' in given) discard(given.batch);
    }
  }
}
