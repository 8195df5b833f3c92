import { checkedOptions } from '../../tensor/checked';
import { expected } from '../../tensor/expected';
import { checkCount } from '../../tensor/numbers';
import { LRScheduler, perGroup, type SavedFields, type Schedulable, type SchedulerOptions, type SchedulerState } from './lr-scheduler';
import { setMomentum, startMomentums } from './momentum';

export interface CyclicOptions extends SchedulerOptions {
  /** Steps from the lowest learning rate to the highest. Default 2000. */
  stepSizeUp?: number;
  /** Steps back. Default: as many. */
  stepSizeDown?: number | null;
  /** `'triangular'`; `'triangular2'`: half as high in every cycle; `'exp_range'`: `gamma^step` as high. Default `'triangular'`. */
  mode?: 'triangular' | 'triangular2' | 'exp_range';
  /** Default 1. */
  gamma?: number;
  /** A height of one's own, in place of `mode`. */
  scaleFn?: ((x: number) => number) | null;
  /** Whether `scaleFn` gets the number of the cycle, from 1, or of the step. Default `'cycle'`. */
  scaleMode?: 'cycle' | 'iterations';
  /** The momentum goes against the learning rate. Default true. */
  cycleMomentum?: boolean;
  /** The lowest momentum. Default 0.8. */
  baseMomentum?: number | readonly number[];
  /** The highest. Default 0.9. */
  maxMomentum?: number | readonly number[];
}

const MODES = ['triangular', 'triangular2', 'exp_range'];

/**
 * The learning rate goes up and down between `baseLr` and `maxLr` (Smith, 2017); to be stepped after every batch.
 *
 * @throws for an optimizer without momentum or betas, unless `cycleMomentum` is false
 */
export class CyclicLR extends LRScheduler {
  protected readonly maxLrs: readonly number[];
  protected readonly totalSize: number;
  /** The share of a cycle that goes up. */
  protected readonly stepRatio: number;
  readonly mode: 'triangular' | 'triangular2' | 'exp_range';
  readonly gamma: number;
  protected readonly scaleMode: 'cycle' | 'iterations';
  readonly #scaleFn: (x: number) => number;
  protected readonly cycleMomentum: boolean;
  protected readonly useBeta1: boolean = false;
  protected readonly baseMomentums: readonly number[] = [];
  protected readonly maxMomentums: readonly number[] = [];

  constructor(optimizer: Schedulable, baseLr: number | readonly number[], maxLr: number | readonly number[], options?: CyclicOptions) {
    super(optimizer);
    const {
      stepSizeUp = 2000,
      stepSizeDown = null,
      mode = 'triangular',
      gamma = 1,
      scaleFn = null,
      scaleMode = 'cycle',
      cycleMomentum = true,
      baseMomentum = 0.8,
      maxMomentum = 0.9,
      lastEpoch = -1,
    } = checkedOptions(options, 'CyclicLR');
    const baseLrs = perGroup(baseLr, optimizer, 'baseLr');
    this.maxLrs = perGroup(maxLr, optimizer, 'maxLr');
    for (const rate of [...baseLrs, ...this.maxLrs]) if (typeof rate !== 'number') throw expected('numbers', 'baseLr and maxLr', rate);
    checkCount(stepSizeUp, 'stepSizeUp', 1);
    if (stepSizeDown !== null) checkCount(stepSizeDown, 'stepSizeDown', 1);
    if (!MODES.includes(mode)) throw expected("'triangular', 'triangular2' or 'exp_range'", 'mode', mode);
    this.totalSize = stepSizeUp + (stepSizeDown ?? stepSizeUp);
    this.stepRatio = stepSizeUp / this.totalSize;
    this.mode = mode;
    this.gamma = gamma;
    this.scaleMode = scaleFn !== null ? scaleMode : mode === 'exp_range' ? 'iterations' : 'cycle';
    this.#scaleFn = scaleFn ?? heightOf(mode, gamma);
    this.cycleMomentum = cycleMomentum;
    if (cycleMomentum) {
      const { bases, maxima, isBeta } = startMomentums(optimizer, baseMomentum, maxMomentum, lastEpoch === -1);
      [this.baseMomentums, this.maxMomentums, this.useBeta1] = [bases, maxima, isBeta];
    }
    if (lastEpoch === -1) for (const [k, group] of optimizer.paramGroups.entries()) group.lr = baseLrs[k] as number;
    this.begin({ lastEpoch });
    this.baseLrs = baseLrs;
  }

  protected override getLr(): readonly number[] {
    const cycle = Math.floor(1 + this.lastEpoch / this.totalSize);
    const x = 1 + this.lastEpoch / this.totalSize - cycle;
    const height = x <= this.stepRatio ? x / this.stepRatio : (x - 1) / (this.stepRatio - 1);
    const scale = this.#scaleFn(this.scaleMode === 'cycle' ? cycle : this.lastEpoch);
    if (this.cycleMomentum) {
      for (const [k, group] of this.optimizer.paramGroups.entries()) {
        const [base, max] = [this.baseMomentums[k] as number, this.maxMomentums[k] as number];
        setMomentum(group, max - (max - base) * height * scale, this.useBeta1);
      }
    }
    return this.baseLrs.map((base, k) => base + ((this.maxLrs[k] as number) - base) * height * scale);
  }

  protected override get savedFields(): SavedFields {
    const momentums = { use_beta1: 'useBeta1', base_momentums: 'baseMomentums', max_momentums: 'maxMomentums' };
    return {
      ...super.savedFields,
      max_lrs: 'maxLrs',
      total_size: 'totalSize',
      step_ratio: 'stepRatio',
      mode: 'mode',
      gamma: 'gamma',
      scale_mode: 'scaleMode',
      cycle_momentum: 'cycleMomentum',
      ...(this.cycleMomentum ? momentums : {}),
    };
  }

  /** Functions are not saved. */
  protected override get foreignState(): SchedulerState {
    return { ...super.foreignState, _scale_fn_custom: null };
  }
}

/** The height of a cycle or step in a mode, as a share. */
function heightOf(mode: string, gamma: number): (x: number) => number {
  switch (mode) {
    case 'triangular2':
      return (cycle) => 1 / 2 ** (cycle - 1);
    case 'exp_range':
      return (step) => gamma ** step;
    default:
      return () => 1;
  }
}
