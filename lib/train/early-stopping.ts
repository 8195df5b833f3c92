import { checkedOptions, checkedState } from '../tensor/checked';
import { expected } from '../tensor/expected';

export interface EarlyStoppingOptions {
  /** How many looks without an improvement end the training. Default 5. */
  patience?: number;
  /** A smaller change is no improvement. Default 0. */
  minDelta?: number;
  /** Whether the value should fall, as a loss, or rise, as an accuracy. Default `'min'`. */
  mode?: 'min' | 'max';
}

/**
 * Tells when a value has stopped improving (Prechelt, 1998).
 *
 * ```ts
 * const stopping = new EarlyStopping({ patience: 3 });
 * for (let epoch = 0; epoch < 100 && !stopping.shouldStop; epoch++) {
 *   ...
 *   if (stopping.update(validationLoss)) saveBest();
 * }
 * ```
 *
 * NaN is never an improvement.
 */
export class EarlyStopping {
  readonly patience: number;
  readonly minDelta: number;
  readonly mode: 'min' | 'max';
  #best: number | null = null;
  #waited = 0;

  /** @throws for a patience that is no positive whole number, and for a negative minDelta */
  constructor(options?: EarlyStoppingOptions) {
    const { patience = 5, minDelta = 0, mode = 'min' } = checkedOptions(options, 'EarlyStopping');
    if (!Number.isInteger(patience) || patience < 1) throw expected('a positive whole number', 'patience', patience);
    if (typeof minDelta !== 'number' || !(minDelta >= 0)) throw expected('a number from 0', 'minDelta', minDelta);
    if (mode !== 'min' && mode !== 'max') throw expected("'min' or 'max'", 'mode', mode);
    this.patience = patience;
    this.minDelta = minDelta;
    this.mode = mode;
  }

  /** Takes the next value; true when it is the best so far. */
  update(value: number): boolean {
    if (typeof value !== 'number') throw expected('a number', 'EarlyStopping', value);
    if (!this.#improves(value)) {
      this.#waited++;
      return false;
    }
    this.#best = value;
    this.#waited = 0;
    return true;
  }

  #improves(value: number): boolean {
    if (Number.isNaN(value)) return false;
    if (this.#best === null) return true;
    return this.mode === 'min' ? value < this.#best - this.minDelta : value > this.#best + this.minDelta;
  }

  /** The best value so far, null before the first. */
  get best(): number | null {
    return this.#best;
  }

  /** Whether `patience` values in a row were no improvement. */
  get shouldStop(): boolean {
    return this.#waited >= this.patience;
  }

  stateDict(): { best: number | null; waited: number } {
    return { best: this.#best, waited: this.#waited };
  }

  /** @throws for what is no such state */
  loadStateDict(state: { best: number | null; waited: number }): void {
    const { best, waited } = checkedState(state, 'EarlyStopping');
    if (best !== null && typeof best !== 'number') throw expected('a number or null', 'best of the state dict of EarlyStopping', best);
    if (!Number.isInteger(waited)) throw expected('a whole number', 'waited of the state dict of EarlyStopping', waited);
    this.#best = best;
    this.#waited = waited;
  }
}
