import { sparseCooTensor } from '../tensor/generated/root';
import type { Tensor } from '../tensor/tensor';

/** A sparse gradient, and what has numbers in the same places. */
export class SparseRows {
  readonly #grad: Tensor;
  /** Its numbers; turned round for `maximize`. */
  readonly values: Tensor;

  constructor(grad: Tensor, maximize: boolean) {
    this.#grad = grad.coalesce();
    const values = this.#grad.values();
    this.values = maximize ? values.neg() : values;
  }

  /** Other numbers in its places. */
  with(values: Tensor): Tensor {
    const { shape } = this.#grad;
    return sparseCooTensor(this.#grad.indices(), values, shape, { isCoalesced: true });
  }

  /** The numbers of a dense tensor in its places. */
  of(dense: Tensor): Tensor {
    return dense.sparseMask(this.#grad).values();
  }
}
