import { scopedNoGrad } from '../tensor/scope';
import type { Tensor } from '../tensor/tensor';

/**
 * A value over many batches: `update` with each, `compute` at the end, `reset` before the next pass.
 *
 * `update` neither waits for a device nor records operations, and what it keeps outlives the step it is called in.
 */
export abstract class Metric<Inputs extends readonly unknown[], Value> {
  #updates = 0;

  /** Takes a batch into account. */
  update(...inputs: Inputs): void {
    scopedNoGrad(() => this.accumulate(...inputs));
    this.#updates++;
  }

  /**
   * The value over all batches since the last `reset`.
   *
   * @throws without any
   */
  compute(): Value {
    if (this.#updates === 0) throw new Error(`Expected an update before compute of ${this.constructor.name} but received none`);
    let value: Value | undefined;
    scopedNoGrad(() => {
      value = this.evaluate();
    });
    return value as Value;
  }

  /** Tells that a state was taken over, so that `compute` has a value. */
  protected restored(): void {
    this.#updates++;
  }

  /** Forgets all batches. */
  reset(): void {
    this.#updates = 0;
    this.clear();
  }

  /** Takes a batch into account; runs in a scope, without recording. */
  protected abstract accumulate(...inputs: Inputs): void;

  /** The value; runs in a scope, without recording. */
  protected abstract evaluate(): Value;

  protected abstract clear(): void;
}

/** A sum over batches, on the device of what is added, beyond the scopes of the steps. */
export class Sum {
  #total: Tensor | null = null;

  add(value: Tensor): void {
    if (this.#total === null) this.#total = value.clone().keep();
    else this.#total.add_(value);
  }

  get total(): Tensor {
    if (this.#total === null) throw new Error('nothing was added');
    return this.#total;
  }

  clear(): void {
    this.#total?.dispose();
    this.#total = null;
  }
}
