import { Mean, type MeanState } from '../metrics/mean';
import { checkedState } from '../tensor/checked';
import type { Tensor } from '../tensor/tensor';

/** Means of values by name, in the order in which the names came. */
export class Means {
  readonly #means = new Map<string, Mean>();

  /** Whether nothing was added. */
  get isEmpty(): boolean {
    return this.#means.size === 0;
  }

  /** Takes values into account, without waiting for them. */
  update(values: Readonly<Record<string, Tensor | number>>, weight = 1): void {
    for (const [name, value] of Object.entries(values)) this.#mean(name).update(value, weight);
  }

  /** The means so far; those that are added later begin anew. */
  take(): Record<string, number> {
    const values = Object.fromEntries(Array.from(this.#means, ([name, mean]) => [name, mean.compute()]));
    this.clear();
    return values;
  }

  clear(): void {
    for (const mean of this.#means.values()) mean.reset();
    this.#means.clear();
  }

  stateDict(): Record<string, MeanState> {
    return Object.fromEntries(Array.from(this.#means, ([name, mean]) => [name, mean.stateDict()]));
  }

  loadStateDict(state: Readonly<Record<string, MeanState>>): void {
    this.clear();
    for (const [name, one] of Object.entries(checkedState(state, 'Means'))) this.#mean(name).loadStateDict(one);
  }

  #mean(name: string): Mean {
    let mean = this.#means.get(name);
    if (mean === undefined) {
      mean = new Mean();
      this.#means.set(name, mean);
    }
    return mean;
  }
}
