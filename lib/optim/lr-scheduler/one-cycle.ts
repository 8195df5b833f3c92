import { checkedOptions } from '../../tensor/checked';
import { expected } from '../../tensor/expected';
import { checkClosedShare, checkCount } from '../../tensor/numbers';
import { LRScheduler, perGroup, type SavedFields, type Schedulable, type SchedulerOptions } from './lr-scheduler';
import { type MomentumGroup, setMomentum, startMomentums } from './momentum';

export interface OneCycleOptions extends SchedulerOptions {
  /** How many steps there will be; or `epochs` and `stepsPerEpoch`. */
  totalSteps?: number;
  epochs?: number;
  stepsPerEpoch?: number;
  /** The share of the steps in which the learning rate goes up. Default 0.3. */
  pctStart?: number;
  /** Default `'cos'`. */
  annealStrategy?: 'cos' | 'linear';
  /** The momentum goes against the learning rate. Default true. */
  cycleMomentum?: boolean;
  /** The lowest momentum. Default 0.85. */
  baseMomentum?: number | readonly number[];
  /** The highest. Default 0.95. */
  maxMomentum?: number | readonly number[];
  /** The first learning rate is `maxLr / divFactor`. Default 25. */
  divFactor?: number;
  /** The last one is the first divided by this. Default 1e4. */
  finalDivFactor?: number;
  /** Down to the first learning rate as fast as it went up, and then to the last (as in the paper). Default false. */
  threePhase?: boolean;
}

interface OneCycleGroup extends MomentumGroup {
  maxLr?: number;
  minLr?: number;
}

type Rate = 'initial_lr' | 'max_lr' | 'min_lr';
type Momentum = 'max_momentum' | 'base_momentum';

/** A part of the schedule, as PyTorch's state dict has it. */
interface Phase {
  readonly end_step: number;
  readonly start_lr: Rate;
  readonly end_lr: Rate;
  readonly start_momentum: Momentum;
  readonly end_momentum: Momentum;
}

const up = { start_lr: 'initial_lr', end_lr: 'max_lr', start_momentum: 'max_momentum', end_momentum: 'base_momentum' } as const;
const down = { start_lr: 'max_lr', end_lr: 'initial_lr', start_momentum: 'base_momentum', end_momentum: 'max_momentum' } as const;
const rest = { start_lr: 'initial_lr', end_lr: 'min_lr', start_momentum: 'max_momentum', end_momentum: 'max_momentum' } as const;
const downToRest = { ...down, end_lr: 'min_lr' } as const;

/**
 * The one-cycle policy (Smith and Topin, 2019): up to `maxLr`, and down to far below where it started, over all steps of a run;
 * to be stepped after every batch.
 *
 * @throws without a number of steps, for an optimizer without momentum or betas unless `cycleMomentum` is false, and when it is
 * stepped further than that
 */
export class OneCycleLR extends LRScheduler {
  readonly totalSteps: number;
  protected readonly phases: readonly Phase[];
  protected readonly annealStrategy: 'cos' | 'linear';
  protected readonly cycleMomentum: boolean;
  protected readonly useBeta1: boolean = false;

  constructor(optimizer: Schedulable, maxLr: number | readonly number[], options: OneCycleOptions) {
    const {
      totalSteps,
      epochs,
      stepsPerEpoch,
      pctStart = 0.3,
      annealStrategy = 'cos',
      cycleMomentum = true,
      baseMomentum = 0.85,
      maxMomentum = 0.95,
      divFactor = 25,
      finalDivFactor = 1e4,
      threePhase = false,
      lastEpoch = -1,
    } = checkedOptions(options, 'OneCycleLR');
    super(optimizer);
    const total = totalSteps ?? (epochs ?? Number.NaN) * (stepsPerEpoch ?? Number.NaN);
    if (!Number.isInteger(total) || total < 1)
      throw expected('totalSteps, or epochs and stepsPerEpoch, whole numbers from 1,', 'OneCycleLR', totalSteps ?? epochs);
    checkClosedShare(pctStart, 'pctStart');
    if (annealStrategy !== 'cos' && annealStrategy !== 'linear') throw expected("'cos' or 'linear'", 'annealStrategy', annealStrategy);
    checkCount(lastEpoch, 'lastEpoch', -1);
    this.totalSteps = total;
    this.phases = threePhase
      ? [
          { end_step: pctStart * total - 1, ...up },
          { end_step: 2 * pctStart * total - 2, ...down },
          { end_step: total - 1, ...rest },
        ]
      : [
          { end_step: pctStart * total - 1, ...up },
          { end_step: total - 1, ...downToRest },
        ];
    this.annealStrategy = annealStrategy;
    const maxLrs = perGroup(maxLr, optimizer, 'maxLr');
    if (lastEpoch === -1) {
      for (const [k, group] of optimizer.paramGroups.entries()) {
        const own: OneCycleGroup = group;
        own.initialLr = (maxLrs[k] as number) / divFactor;
        own.maxLr = maxLrs[k];
        own.minLr = own.initialLr / finalDivFactor;
      }
    }
    this.cycleMomentum = cycleMomentum;
    if (cycleMomentum) this.useBeta1 = startMomentums(optimizer, baseMomentum, maxMomentum, lastEpoch === -1).isBeta;
    this.begin({ lastEpoch });
  }

  protected override getLr(): readonly number[] {
    const step = this.lastEpoch;
    if (step > this.totalSteps)
      throw new Error(`Expected at most ${this.totalSteps} steps, as OneCycleLR was told, but received step ${step}`);
    const index = this.phases.findIndex(({ end_step }, k) => step <= end_step || k === this.phases.length - 1);
    const phase = this.phases[index] as Phase;
    const start = this.phases[index - 1]?.end_step ?? 0;
    const share = (step - start) / (phase.end_step - start);
    return this.optimizer.paramGroups.map((group) => {
      if (this.cycleMomentum) {
        const momentum = this.#between(momentumOf(group, phase.start_momentum), momentumOf(group, phase.end_momentum), share);
        setMomentum(group, momentum, this.useBeta1);
      }
      return this.#between(rateOf(group, phase.start_lr), rateOf(group, phase.end_lr), share);
    });
  }

  #between(start: number, end: number, share: number): number {
    if (this.annealStrategy === 'linear') return (end - start) * share + start;
    return end + ((start - end) / 2) * (Math.cos(Math.PI * share) + 1);
  }

  protected override get savedFields(): SavedFields {
    return {
      ...super.savedFields,
      total_steps: 'totalSteps',
      _schedule_phases: 'phases',
      _anneal_func_type: 'annealStrategy',
      cycle_momentum: 'cycleMomentum',
      ...(this.cycleMomentum ? { use_beta1: 'useBeta1' } : {}),
    };
  }
}

function rateOf(group: OneCycleGroup, which: Rate): number {
  const rate = which === 'initial_lr' ? group.initialLr : which === 'max_lr' ? group.maxLr : group.minLr;
  if (rate === undefined) throw expected('a group that has been through OneCycleLR', which, group);
  return rate;
}

function momentumOf(group: MomentumGroup, which: Momentum): number {
  const momentum = which === 'max_momentum' ? group.maxMomentum : group.baseMomentum;
  if (momentum === undefined) throw expected('a group that has been through OneCycleLR', which, group);
  return momentum;
}
