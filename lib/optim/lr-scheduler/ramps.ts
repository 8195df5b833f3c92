import { checkedOptions } from '../../tensor/checked';
import { expected } from '../../tensor/expected';
import { checkClosedShare, checkCount } from '../../tensor/numbers';
import { LRScheduler, type SavedFields, type Schedulable, type SchedulerOptions } from './lr-scheduler';

export interface ConstantOptions extends SchedulerOptions {
  /** The factor until `totalIters`. Default 1/3. */
  factor?: number;
  /** The epoch from which the learning rate is the initial one. Default 5. */
  totalIters?: number;
}

/**
 * The initial learning rate times `factor` until epoch `totalIters`, and then itself.
 *
 * @throws for a factor outside [0, 1]
 */
export class ConstantLR extends LRScheduler {
  readonly factor: number;
  readonly totalIters: number;

  constructor(optimizer: Schedulable, options?: ConstantOptions) {
    const { factor = 1 / 3, totalIters = 5, ...rest } = checkedOptions(options, 'ConstantLR');
    super(optimizer);
    checkClosedShare(factor, 'factor');
    this.factor = factor;
    this.totalIters = totalIters;
    this.begin(rest);
  }

  protected override getLr(): readonly number[] {
    if (this.lastEpoch === 0) return this.scaled(this.factor);
    return this.lastEpoch === this.totalIters ? this.scaled(1 / this.factor) : this.currentLrs();
  }

  protected override closedFormLr(): readonly number[] {
    return this.baseLrs.map((base) => base * (this.lastEpoch >= this.totalIters ? 1 : this.factor));
  }

  protected override get savedFields(): SavedFields {
    return { ...super.savedFields, factor: 'factor', total_iters: 'totalIters' };
  }
}

export interface LinearOptions extends SchedulerOptions {
  /** The factor in the first epoch. Default 1/3. */
  startFactor?: number;
  /** The factor from `totalIters` on. Default 1. */
  endFactor?: number;
  /** Default 5. */
  totalIters?: number;
}

/**
 * The initial learning rate times a factor that goes in a straight line from `startFactor` to `endFactor`, which it has from
 * epoch `totalIters` on: a warm-up.
 *
 * @throws for a startFactor outside (0, 1] and an endFactor outside [0, 1]
 */
export class LinearLR extends LRScheduler {
  readonly startFactor: number;
  readonly endFactor: number;
  readonly totalIters: number;

  constructor(optimizer: Schedulable, options?: LinearOptions) {
    const { startFactor = 1 / 3, endFactor = 1, totalIters = 5, ...rest } = checkedOptions(options, 'LinearLR');
    super(optimizer);
    if (typeof startFactor !== 'number' || !(startFactor > 0 && startFactor <= 1))
      throw expected('a number in (0, 1]', 'startFactor', startFactor);
    checkClosedShare(endFactor, 'endFactor');
    this.startFactor = startFactor;
    this.endFactor = endFactor;
    this.totalIters = totalIters;
    this.begin(rest);
  }

  protected override getLr(): readonly number[] {
    const { startFactor, endFactor, totalIters, lastEpoch } = this;
    if (lastEpoch === 0) return this.scaled(startFactor);
    if (this.isInitial || lastEpoch > totalIters) return this.currentLrs();
    const rise = endFactor - startFactor;
    return this.scaled(1 + rise / (totalIters * startFactor + (lastEpoch - 1) * rise));
  }

  protected override closedFormLr(): readonly number[] {
    const { startFactor, endFactor, totalIters } = this;
    const factor = startFactor + ((endFactor - startFactor) * Math.min(totalIters, this.lastEpoch)) / totalIters;
    return this.baseLrs.map((base) => base * factor);
  }

  protected override get savedFields(): SavedFields {
    return { ...super.savedFields, start_factor: 'startFactor', end_factor: 'endFactor', total_iters: 'totalIters' };
  }
}

export interface PolynomialOptions extends SchedulerOptions {
  /** The epoch in which the learning rate becomes zero. Default 5. */
  totalIters?: number;
  /** Default 1: a straight line. */
  power?: number;
}

/** Down to zero: `lr = initialLr (1 - min(epoch, totalIters) / totalIters)^power`. */
export class PolynomialLR extends LRScheduler {
  readonly totalIters: number;
  readonly power: number;

  constructor(optimizer: Schedulable, options?: PolynomialOptions) {
    const { totalIters = 5, power = 1, ...rest } = checkedOptions(options, 'PolynomialLR');
    super(optimizer);
    checkCount(totalIters, 'totalIters', 1);
    this.totalIters = totalIters;
    this.power = power;
    this.begin(rest);
  }

  protected override getLr(): readonly number[] {
    const { totalIters, lastEpoch, power } = this;
    if (this.isInitial || lastEpoch > totalIters) return this.currentLrs();
    return this.scaled(((1 - lastEpoch / totalIters) / (1 - (lastEpoch - 1) / totalIters)) ** power);
  }

  protected override closedFormLr(): readonly number[] {
    const factor = (1 - Math.min(this.totalIters, this.lastEpoch) / this.totalIters) ** this.power;
    return this.baseLrs.map((base) => base * factor);
  }

  protected override get savedFields(): SavedFields {
    return { ...super.savedFields, total_iters: 'totalIters', power: 'power' };
  }
}
