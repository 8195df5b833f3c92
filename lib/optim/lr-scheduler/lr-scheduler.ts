import { checkedOptions, checkedState } from '../../tensor/checked';
import { expected } from '../../tensor/expected';

/** A parameter group as schedules see it. */
export interface RateGroup {
  lr: number;
  /** The learning rate that schedules start from. */
  initialLr?: number;
}

/** What schedules take: every optimizer with a learning rate. */
export interface Schedulable {
  readonly paramGroups: readonly RateGroup[];
  readonly defaults: object;
}

/** A schedule's state under PyTorch's names. */
export type SchedulerState = Record<string, unknown>;

export interface SchedulerOptions {
  /** The epoch that was the last one when a run goes on; the groups must have an `initialLr` then. Default -1: from the start. */
  lastEpoch?: number;
}

/** Fields of a schedule by their names in PyTorch's state dict. */
export type SavedFields = Readonly<Record<string, string>>;

/**
 * The base of schedules of the learning rate. A schedule sets the groups' `lr` when it is made and in each `step`, which comes
 * after the optimizer's step, once in an epoch or a batch.
 */
export abstract class LRScheduler {
  readonly optimizer: Schedulable;
  /** How often it stepped. */
  lastEpoch = -1;
  /** What it starts from, for each group. */
  baseLrs: readonly number[] = [];
  protected lastLr: readonly number[] = [];
  protected stepCount = 0;
  protected isInitial = false;

  protected constructor(optimizer: Schedulable) {
    if (typeof optimizer !== 'object' || optimizer === null || !Array.isArray(optimizer.paramGroups))
      throw expected('an optimizer', this.constructor.name, optimizer);
    this.optimizer = optimizer;
  }

  /**
   * The first step; constructors end with it.
   * @throws when a run is to go on and a group has no `initialLr`
   */
  protected begin(options?: SchedulerOptions): void {
    const { lastEpoch = -1 } = checkedOptions(options, 'begin');
    for (const [position, group] of this.optimizer.paramGroups.entries()) {
      if (lastEpoch === -1) group.initialLr ??= group.lr;
      else if (group.initialLr === undefined)
        throw expected('a group with an initialLr, as lastEpoch is given,', `group ${position} of ${this.constructor.name}`, group);
    }
    this.baseLrs = this.optimizer.paramGroups.map(({ initialLr }) => initialLr as number);
    this.lastEpoch = lastEpoch;
    this.initialStep();
  }

  /** @internal Also called by a `SequentialLR` that starts with this one. */
  initialStep(): void {
    this.stepCount = 0;
    this.isInitial = true;
    try {
      this.step();
    } finally {
      this.isInitial = false;
    }
  }

  /** The learning rates of `lastEpoch`, one for each group. */
  protected abstract getLr(): readonly number[];

  /** The learning rates of `lastEpoch` without the ones before, where there is such a formula. */
  protected closedFormLr(): readonly number[] | null {
    return null;
  }

  /** The learning rates that the last step set. */
  getLastLr(): readonly number[] {
    return this.lastLr;
  }

  /** To the next epoch. */
  step(): void {
    this.stepCount++;
    this.updateLr();
  }

  /** @internal To the next epoch or to a given one, without counting it as a step. */
  updateLr(epoch?: number): void {
    this.lastEpoch = epoch ?? this.lastEpoch + 1;
    this.setLrs((epoch === undefined ? null : this.closedFormLr()) ?? this.getLr());
  }

  /** @internal Takes the step of the constructor back, before a `SequentialLR` makes its own. */
  undo(): void {
    this.lastEpoch--;
  }

  protected setLrs(values: readonly number[]): void {
    for (const [k, group] of this.optimizer.paramGroups.entries()) {
      const value = values[k];
      if (value === undefined) throw new Error(`Expected ${values.length} parameter groups for ${this.constructor.name} but one was added`);
      group.lr = value;
    }
    this.lastLr = this.currentLrs();
  }

  protected currentLrs(): readonly number[] {
    return this.optimizer.paramGroups.map(({ lr }) => lr);
  }

  /** All learning rates times a factor. */
  protected scaled(factor: number): readonly number[] {
    return this.optimizer.paramGroups.map(({ lr }) => lr * factor);
  }

  /** What `stateDict` holds of this schedule. */
  protected get savedFields(): SavedFields {
    return { base_lrs: 'baseLrs', last_epoch: 'lastEpoch', _step_count: 'stepCount', _is_initial: 'isInitial', _last_lr: 'lastLr' };
  }

  /** What PyTorch has in its state dict and this has not. */
  protected get foreignState(): SchedulerState {
    return { _get_lr_called_within_step: false };
  }

  /** The state under PyTorch's names: plain values. */
  stateDict(): SchedulerState {
    const own = Object.entries(this.savedFields).map(([key, field]) => [key, structuredClone(Reflect.get(this, field))]);
    return { ...this.foreignState, ...Object.fromEntries(own) };
  }

  /**
   * Takes over a state, ours or PyTorch's. The optimizer's learning rates come with its own state dict.
   *
   * @throws when the state is of another kind of schedule; nothing is taken over then
   */
  loadStateDict(state: SchedulerState): void {
    checkedState(state, this.constructor.name);
    const fields = Object.entries(this.savedFields);
    for (const [key, field] of fields) {
      const own: unknown = Reflect.get(this, field);
      const where = `${key} of the state dict of ${this.constructor.name}`;
      if (!(key in state)) throw expected('a value', where, undefined);
      if (kindOf(state[key]) !== kindOf(own) && own !== null) throw expected(`a value like ${String(own)}`, where, state[key]);
    }
    for (const [key, field] of fields) Reflect.set(this, field, structuredClone(state[key]));
  }
}

function kindOf(value: unknown): string {
  return Array.isArray(value) ? 'list' : typeof value;
}

/**
 * One value for each group: a list as it is, a number repeated.
 * @throws for a list of another length
 */
export function perGroup<T>(value: T | readonly T[], optimizer: Schedulable, name: string): readonly T[] {
  const count = optimizer.paramGroups.length;
  if (!isList(value)) return Array.from({ length: count }, () => value);
  if (value.length !== count) throw expected(`${count} values, one for each parameter group,`, name, value);
  return [...value];
}

function isList<T>(value: T | readonly T[]): value is readonly T[] {
  return Array.isArray(value);
}
