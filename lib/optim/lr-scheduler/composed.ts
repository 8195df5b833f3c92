import { checkedOptions, checkedState } from '../../tensor/checked';
import { expected } from '../../tensor/expected';
import { checkCount } from '../../tensor/numbers';
import { LRScheduler, type SavedFields, type Schedulable, type SchedulerOptions, type SchedulerState } from './lr-scheduler';
import { ReduceLROnPlateau } from './plateau';

/** A schedule made of others. */
abstract class Composed extends LRScheduler {
  constructor(
    optimizer: Schedulable,
    protected readonly schedulers: readonly LRScheduler[],
  ) {
    super(optimizer);
    const name = this.constructor.name;
    if (!Array.isArray(schedulers) || schedulers.length === 0) throw expected('at least one schedule', name, schedulers);
    for (const [position, scheduler] of schedulers.entries()) {
      const where = `schedule ${position} of ${name}`;
      if (!(scheduler instanceof LRScheduler)) throw expected('a schedule', where, scheduler);
      if (scheduler instanceof ReduceLROnPlateau) throw expected('a schedule that needs no metric', where, scheduler);
      if (scheduler.optimizer !== optimizer) throw expected('a schedule of the same optimizer', where, scheduler);
    }
  }

  override undo(): void {
    for (const scheduler of this.schedulers) scheduler.undo();
  }

  protected override getLr(): readonly number[] {
    return this.currentLrs();
  }

  protected override get foreignState(): SchedulerState {
    return {};
  }

  override stateDict(): SchedulerState {
    return { ...super.stateDict(), _schedulers: this.schedulers.map((scheduler) => scheduler.stateDict()) };
  }

  override loadStateDict(state: SchedulerState): void {
    const { _schedulers: states } = checkedState(state, this.constructor.name);
    if (!Array.isArray(states) || states.length !== this.schedulers.length)
      throw expected(`${this.schedulers.length} states`, `_schedulers of the state dict of ${this.constructor.name}`, states);
    super.loadStateDict(state);
    for (const [k, scheduler] of this.schedulers.entries()) scheduler.loadStateDict(states[k] as SchedulerState);
  }
}

/**
 * Several schedules at once: each steps in every step, so that their factors multiply.
 *
 * @throws without schedules, for those of several optimizers, and those that need a metric
 */
export class ChainedScheduler extends Composed {
  constructor(schedulers: readonly LRScheduler[], options?: { optimizer?: Schedulable }) {
    const { optimizer } = checkedOptions(options, 'ChainedScheduler');
    super(
      optimizer ?? (schedulers as readonly LRScheduler[] | null | undefined)?.[0]?.optimizer ?? { paramGroups: [], defaults: {} },
      schedulers,
    );
    this.lastLr = this.currentLrs();
  }

  override initialStep(): void {
    for (const scheduler of this.schedulers) scheduler.initialStep();
    this.lastLr = this.currentLrs();
  }

  override step(): void {
    for (const scheduler of this.schedulers) scheduler.step();
    this.lastLr = this.currentLrs();
  }

  override updateLr(epoch?: number): void {
    for (const scheduler of this.schedulers) scheduler.updateLr(epoch);
    this.lastLr = this.currentLrs();
  }

  protected override get savedFields(): SavedFields {
    return { _last_lr: 'lastLr' };
  }
}

/**
 * Schedules one after another: at each milestone the next one begins, from its first epoch.
 *
 * @throws unless there is one milestone less than schedules, and as ChainedScheduler does
 */
export class SequentialLR extends Composed {
  constructor(
    optimizer: Schedulable,
    schedulers: readonly LRScheduler[],
    protected readonly milestones: readonly number[],
    options?: SchedulerOptions,
  ) {
    super(optimizer, schedulers);
    const { lastEpoch = -1 } = checkedOptions(options, 'SequentialLR');
    if (milestones.length !== schedulers.length - 1) throw expected(`${schedulers.length - 1} milestones`, 'SequentialLR', milestones);
    for (const milestone of milestones) checkCount(milestone, 'milestones');
    this.lastEpoch = lastEpoch + 1;
    for (const group of optimizer.paramGroups) group.lr = group.initialLr as number;
    this.undo();
    const first = this.#at(0);
    first.initialStep();
    this.lastLr = first.getLastLr();
  }

  override step(): void {
    this.lastEpoch++;
    const scheduler = this.#at(this.lastEpoch);
    if (this.milestones.includes(this.lastEpoch)) scheduler.updateLr(0);
    else scheduler.step();
    this.lastLr = scheduler.getLastLr();
  }

  #at(epoch: number): LRScheduler {
    return this.schedulers[this.milestones.filter((milestone) => milestone <= epoch).length] as LRScheduler;
  }

  protected override get savedFields(): SavedFields {
    return { _milestones: 'milestones', last_epoch: 'lastEpoch', _last_lr: 'lastLr' };
  }
}
