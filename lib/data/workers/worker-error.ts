import type { Failure } from './protocol';

/** An error from a worker of a `DataLoader`: it says where, and has the stack of the place in the worker. */
export class DataWorkerError extends Error {
  /** The worker's number. */
  readonly worker: number;
  /** The batch's number in the pass. */
  readonly batch: number;
  /** The position of the sample that was read; undefined when none was read by itself. */
  readonly index: number | undefined;

  constructor(worker: number, batch: number, { name, message, stack, index }: Failure) {
    const where = index === undefined ? `batch ${batch}` : `sample ${index} of batch ${batch}`;
    super(`worker ${worker} failed at ${where}: ${message}`);
    this.name = name;
    this.worker = worker;
    this.batch = batch;
    this.index = index;
    const frames = stack.slice(Math.max(0, stack.search(/^\s+at /m)));
    this.stack = `${name}: ${this.message}\n${frames}`;
  }
}
