import { checkedState } from '../tensor/checked';
import { expected } from '../tensor/expected';
import { Tensor } from '../tensor/tensor';
import { Metric, Sum } from './metric';

/** What a mean was given so far. */
export interface MeanState {
  /** The sum of what came as numbers. */
  readonly numbers: number;
  /** The sum of what came as tensors. */
  readonly tensors: number;
  readonly weight: number;
}

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
  /** Of the tensors before a state was taken over; it goes to the device of the next one. */
  #carried = 0;
  #weight = 0;
  #tensors = false;

  protected override accumulate(value: Tensor | number, weight = 1): void {
    if (typeof weight !== 'number' || !(weight >= 0)) throw expected('a number from 0', 'weight', weight);
    if (typeof value === 'number') this.#plain += value * weight;
    else if (value instanceof Tensor) {
      const part = value.detach().to('float64').mean().mul(weight);
      this.#sum.add(this.#carried === 0 ? part : part.add(this.#carried));
      this.#carried = 0;
      this.#tensors = true;
    } else throw expected('a number or a tensor', 'Mean', value);
    this.#weight += weight;
  }

  protected override evaluate(): number {
    return (this.#plain + this.#ofTensors()) / this.#weight;
  }

  #ofTensors(): number {
    return this.#carried + (this.#tensors ? Number(this.#sum.total.item()) : 0);
  }

  /** What was added so far, for `loadStateDict`. Waits for the device. */
  stateDict(): MeanState {
    return { numbers: this.#plain, tensors: this.#ofTensors(), weight: this.#weight };
  }

  /** Goes on from there: what is added then gives bit for bit what it would have given. @throws for what is no such state */
  loadStateDict(state: MeanState): void {
    const { numbers, tensors, weight } = checkedState(state, 'Mean');
    for (const [name, value] of Object.entries({ numbers, tensors, weight }))
      if (typeof value !== 'number') throw expected('a number', `${name} of the state dict of Mean`, value);
    this.reset();
    this.#plain = numbers;
    this.#carried = tensors;
    this.#weight = weight;
    this.restored();
  }

  protected override clear(): void {
    this.#sum.clear();
    this.#plain = 0;
    this.#carried = 0;
    this.#weight = 0;
    this.#tensors = false;
  }
}
