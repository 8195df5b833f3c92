import { checkedOptions } from '../../tensor/checked';
import { expected } from '../../tensor/expected';
import { checkCount } from '../../tensor/numbers';
import {
  LRScheduler,
  perGroup,
  type RateGroup,
  type SavedFields,
  type Schedulable,
  type SchedulerOptions,
} from '../lr-scheduler/lr-scheduler';

export interface SWALROptions extends SchedulerOptions {
  /** Epochs until `swaLr` is reached. Default 10. */
  annealEpochs?: number;
  /** Default `'cos'`. */
  annealStrategy?: 'cos' | 'linear';
}

interface SwaGroup extends RateGroup {
  swaLr?: number;
}

/**
 * From whatever the learning rate is to a constant one, for the epochs whose weights are averaged (Izmailov et al., 2018).
 *
 * @param swaLr one learning rate, or one for each group
 * @throws for annealEpochs that are no whole number from 0, and an unknown strategy
 */
export class SWALR extends LRScheduler {
  readonly annealEpochs: number;
  protected readonly annealStrategy: 'cos' | 'linear';

  constructor(optimizer: Schedulable, swaLr: number | readonly number[], options?: SWALROptions) {
    const { annealEpochs = 10, annealStrategy = 'cos', ...rest } = checkedOptions(options, 'SWALR');
    super(optimizer);
    checkCount(annealEpochs, 'annealEpochs');
    if (annealStrategy !== 'cos' && annealStrategy !== 'linear') throw expected("'cos' or 'linear'", 'annealStrategy', annealStrategy);
    this.annealEpochs = annealEpochs;
    this.annealStrategy = annealStrategy;
    const rates = perGroup(swaLr, optimizer, 'swaLr');
    for (const [k, group] of optimizer.paramGroups.entries()) Object.assign(group, { swaLr: rates[k] });
    this.begin(rest);
  }

  protected override getLr(): readonly number[] {
    const step = this.annealEpochs === 0 ? Math.max(1, this.stepCount - 1) : this.stepCount - 1;
    const before = this.#shareAt(step - 1);
    const share = this.#shareAt(step);
    return this.optimizer.paramGroups.map((group: SwaGroup) => {
      const swaLr = group.swaLr ?? group.lr;
      // Where the learning rate came from: other schedules may have changed it.
      const from = before === 1 ? swaLr : (group.lr - before * swaLr) / (1 - before);
      return swaLr * share + from * (1 - share);
    });
  }

  #shareAt(step: number): number {
    const passed = Math.max(0, Math.min(1, step / Math.max(1, this.annealEpochs)));
    return this.annealStrategy === 'linear' ? passed : (1 - Math.cos(Math.PI * passed)) / 2;
  }

  protected override get savedFields(): SavedFields {
    return { ...super.savedFields, anneal_epochs: 'annealEpochs', _anneal_strategy: 'annealStrategy' };
  }
}
