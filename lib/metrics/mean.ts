import { expected } from '../tensor/expected';
import { Tensor } from '../tensor/tensor';
import { Metric, Sum } from './metric';

/**
 * The weighted mean of values, such as of a loss over batches of different sizes.
 *
 * ```ts
 * const loss = new torch.metrics.Mean();
 * loss.update(torch.tensor(2), 3);
 * loss.update(torch.tensor(6), 1);
 * console.log(loss.compute()); // 3
 * ```
 *
 * A tensor of several elements counts with its own mean.
 */
export class Mean extends Metric<[value: Tensor | number, weight?: number], number> {
  readonly #sum = new Sum();
  /** Of numbers, which need no tensor. */
  #plain = 0;
  #weight = 0;
  #tensors = false;

  protected override accumulate(value: Tensor | number, weight = 1): void {
    if (typeof weight !== 'number' || !(weight >= 0)) throw expected('a number from 0', 'weight', weight);
    if (typeof value === 'number') this.#plain += value * weight;
    else if (value instanceof Tensor) {
      this.#sum.add(value.detach().to('float64').mean().mul(weight));
      this.#tensors = true;
    } else throw expected('a number or a tensor', 'Mean', value);
    this.#weight += weight;
  }

  protected override evaluate(): number {
    return this.#total() / this.#weight;
  }

  #total(): number {
    return this.#plain + (this.#tensors ? Number(this.#sum.total.item()) : 0);
  }

  /** What was added so far. */
  stateDict(): { sum: number; weight: number } {
    return { sum: this.#total(), weight: this.#weight };
  }

  protected override clear(): void {
    this.#sum.clear();
    this.#plain = 0;
    this.#weight = 0;
    this.#tensors = false;
  }
}
