import { expected } from '../../tensor/expected';
import type { Tensor } from '../../tensor/tensor';

/** A run of memory that tensors share, from the first to the last element that any of them has. */
export interface Run {
  readonly key: string;
  /** One of the tensors. */
  readonly tensor: Tensor;
  /** In elements of the storage. */
  begin: number;
  end: number;
}

/** A tensor as its file has it. */
export interface Placed {
  /** Outside of any graph, with its numbers as they are and not as conjugates. */
  readonly tensor: Tensor;
  readonly run: Run;
}

/** The memory behind tensors, each part once. */
export class Runs {
  readonly #runs = new Map<string, Run>();
  readonly #placed = new Map<Tensor, Placed>();

  /** @throws for tensors without plain memory */
  add(given: Tensor, place: string): void {
    if (this.#placed.has(given)) return;
    if (given.layout !== 'strided') throw expected('a dense tensor', place, given);
    if (/^qu?int/.test(given.dtype)) throw expected('a tensor that is not quantized', place, given);
    if (given.device === 'meta') throw expected('a tensor with values', place, given);
    const tensor = given.detach().resolveConj().resolveNeg();
    const begin = tensor.storageOffset();
    const shape = tensor.shape;
    const end = shape.includes(0)
      ? begin
      : tensor.stride().reduce((last, stride, dim) => last + ((shape[dim] as number) - 1) * stride, begin + 1);
    const address = tensor.dataPtr() - BigInt(begin * tensor.itemsize);
    // The same memory under two dtypes is written twice: a storage of a file has one.
    const memory = shape.includes(0) ? `empty ${this.#runs.size}` : `${tensor.device} ${address} ${tensor.dtype}`;
    let run = this.#runs.get(memory);
    if (run === undefined) {
      run = { key: String(this.#runs.size), tensor, begin, end };
      this.#runs.set(memory, run);
    } else {
      run.begin = Math.min(run.begin, begin);
      run.end = Math.max(run.end, end);
    }
    this.#placed.set(given, { tensor, run });
  }

  of(tensor: Tensor): Placed {
    return this.#placed.get(tensor) as Placed;
  }

  [Symbol.iterator](): IterableIterator<Run> {
    return this.#runs.values();
  }
}
