import { checkedOptions } from '../../tensor/checked';
import { expected } from '../../tensor/expected';
import { checkCount } from '../../tensor/numbers';
import { LRScheduler, type SavedFields, type Schedulable, type SchedulerOptions } from './lr-scheduler';

export interface DecayOptions extends SchedulerOptions {
  /** The factor of the learning rate. Default 0.1. */
  gamma?: number;
}

/**
 * The learning rate times `gamma` every `stepSize` epochs: `lr = initialLr gamma^floor(epoch / stepSize)`.
 *
 * @throws for a stepSize that is no whole number from 1
 */
export class StepLR extends LRScheduler {
  readonly gamma: number;

  constructor(
    optimizer: Schedulable,
    readonly stepSize: number,
    options?: DecayOptions,
  ) {
    const { gamma = 0.1, ...rest } = checkedOptions(options, 'StepLR');
    super(optimizer);
    checkCount(stepSize, 'stepSize', 1);
    this.gamma = gamma;
    this.begin(rest);
  }

  protected override getLr(): readonly number[] {
    return this.lastEpoch === 0 || this.lastEpoch % this.stepSize !== 0 ? this.currentLrs() : this.scaled(this.gamma);
  }

  protected override closedFormLr(): readonly number[] {
    const factor = this.gamma ** Math.floor(this.lastEpoch / this.stepSize);
    return this.baseLrs.map((base) => base * factor);
  }

  protected override get savedFields(): SavedFields {
    return { ...super.savedFields, step_size: 'stepSize', gamma: 'gamma' };
  }
}

/**
 * The learning rate times `gamma` at each of the milestones; one that is there twice counts twice.
 *
 * @throws for milestones that are no whole numbers
 */
export class MultiStepLR extends LRScheduler {
  readonly gamma: number;
  /** How often each milestone is there. */
  protected readonly milestones: Readonly<Record<number, number>>;

  constructor(optimizer: Schedulable, milestones: Iterable<number>, options?: DecayOptions) {
    const { gamma = 0.1, ...rest } = checkedOptions(options, 'MultiStepLR');
    super(optimizer);
    if (typeof milestones !== 'object' || milestones === null || !(Symbol.iterator in milestones))
      throw expected('whole numbers', 'milestones', milestones);
    const counts: Record<number, number> = {};
    for (const milestone of milestones) {
      if (!Number.isInteger(milestone)) throw expected('whole numbers', 'milestones', milestone);
      counts[milestone] = (counts[milestone] ?? 0) + 1;
    }
    this.milestones = counts;
    this.gamma = gamma;
    this.begin(rest);
  }

  protected override getLr(): readonly number[] {
    const times = this.milestones[this.lastEpoch];
    return times === undefined ? this.currentLrs() : this.scaled(this.gamma ** times);
  }

  protected override closedFormLr(): readonly number[] {
    const passed = Object.entries(this.milestones).reduce((sum, [at, times]) => (Number(at) <= this.lastEpoch ? sum + times : sum), 0);
    return this.baseLrs.map((base) => base * this.gamma ** passed);
  }

  protected override get savedFields(): SavedFields {
    return { ...super.savedFields, milestones: 'milestones', gamma: 'gamma' };
  }
}

/** The learning rate times `gamma` in every epoch: `lr = initialLr gamma^epoch`. */
export class ExponentialLR extends LRScheduler {
  constructor(
    optimizer: Schedulable,
    readonly gamma: number,
    options?: SchedulerOptions,
  ) {
    super(optimizer);
    this.begin(checkedOptions(options, 'ExponentialLR'));
  }

  protected override getLr(): readonly number[] {
    return this.isInitial ? this.currentLrs() : this.scaled(this.gamma);
  }

  protected override closedFormLr(): readonly number[] {
    return this.baseLrs.map((base) => base * this.gamma ** this.lastEpoch);
  }

  protected override get savedFields(): SavedFields {
    return { ...super.savedFields, gamma: 'gamma' };
  }
}
