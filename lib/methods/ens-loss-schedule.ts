import { checkedOptions } from '../tensor/checked';
import { expected } from '../tensor/expected';
import { rand } from '../tensor/generated/root';
import type { Generator } from '../tensor/generator';
import { checkCount } from '../tensor/numbers';

export interface EnsLossScheduleOptions {
  /** Epochs after which the exponent is drawn anew; null for never. Default null, as in the authors' experiments. */
  period?: number | null;
  /** The exponent until the first draw. Default 0. */
  exponent?: number;
  /** Where the draws come from. Default: the default generator. */
  generator?: Generator | null;
}

/**
 * The exponent of `losses.ensLoss` over the epochs: drawn uniformly from [-1, 1] every `period` epochs, or held.
 *
 * ```ts
 * const schedule = new methods.EnsLossSchedule({ period: 10 });
 * for (let epoch = 0; epoch < 100; epoch++) {
 *   // ... losses.ensLoss(outputs, labels, torch.randn(outputs.size(0)), { exponent: schedule.exponent })
 *   schedule.step();
 * }
 * ```
 *
 * @throws for a period that is no whole number from 1
 *
 * Dai: EnsLoss: Stochastic Calibrated Loss Ensembles for Preventing Overfitting in Classification. ICML 2025, arXiv 2409.00908
 */
export class EnsLossSchedule {
  readonly #period: number | null;
  readonly #generator: Generator | null;
  #exponent: number;
  #epoch = 0;

  constructor(options?: EnsLossScheduleOptions) {
    const { period = null, exponent = 0, generator = null } = checkedOptions(options, 'EnsLossSchedule');
    if (period !== null) checkCount(period, 'period', 1);
    if (!Number.isFinite(exponent)) throw expected('a finite number', 'exponent', exponent);
    this.#period = period;
    this.#exponent = exponent;
    this.#generator = generator;
  }

  /** The exponent of this epoch. */
  get exponent(): number {
    return this.#exponent;
  }

  /** Ends an epoch. */
  step(): void {
    this.#epoch++;
    if (this.#period === null || this.#epoch % this.#period !== 0) return;
    this.#exponent = 2 * Number(rand([], { dtype: 'float64', generator: this.#generator }).item()) - 1;
  }

  /** What a run needs to go on. */
  stateDict(): { epoch: number; exponent: number } {
    return { epoch: this.#epoch, exponent: this.#exponent };
  }

  loadStateDict({ epoch, exponent }: { epoch: number; exponent: number }): void {
    this.#epoch = epoch;
    this.#exponent = exponent;
  }
}
