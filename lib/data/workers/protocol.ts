/** The messages between a loader and its workers. */

import type { SharedTensor } from '../../tensor/share';

/** How a worker gets its dataset without a module: tensors, and what is built of them. */
export type Portable =
  | { readonly kind: 'tensors'; readonly tensors: readonly SharedTensor[] }
  | { readonly kind: 'subset'; readonly dataset: Portable; readonly indices: SharedTensor }
  | { readonly kind: 'concat'; readonly datasets: readonly Portable[] };

/** What a worker is started with. */
export interface WorkerSetup {
  readonly id: number;
  readonly numWorkers: number;
  readonly module: string | undefined;
  readonly dataset: string | Portable;
  readonly args: unknown;
  readonly collate: string | undefined;
  readonly transform: string | undefined;
  /** Of a dataset without positions: leave out a last batch that is too small. */
  readonly dropLast: boolean;
  /** One number, shared: the pass under way. What is asked for an earlier one is not made any more. */
  readonly pass: Int32Array;
}

/** Asks for a batch. */
export interface Request {
  readonly id: number;
  readonly pass: number;
  readonly batch: number;
  /** What random choices of the pass begin with. */
  readonly seed: bigint;
  /** Positions of the samples; or, of a dataset without positions, how many. */
  readonly indices: BigInt64Array | number;
}

/** The last message to a worker. */
export interface Close {
  readonly close: true;
}

/** An error as it travels. */
export interface Failure {
  readonly name: string;
  readonly message: string;
  readonly stack: string;
  /** The sample that was read, where it was one. */
  readonly index: number | undefined;
}

/** The answer to a request: a batch, or that none is left, or that it is not wanted any more, or an error. */
export type Answer =
  | { readonly id: number; readonly batch: unknown }
  | { readonly id: number; readonly end: true }
  | { readonly id: number; readonly stale: true }
  | { readonly id: number; readonly failure: Failure };
