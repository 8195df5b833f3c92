import { checkedOptions } from '../../tensor/checked';
import { expected } from '../../tensor/expected';
import { checkNotNegative } from '../../tensor/numbers';
import { Tensor } from '../../tensor/tensor';
import { LRScheduler, perGroup, type SavedFields, type Schedulable, type SchedulerState } from './lr-scheduler';

export interface PlateauOptions {
  /** Whether the metric should fall or rise. Default `'min'`. */
  mode?: 'min' | 'max';
  /** The factor of the learning rate. Default 0.1. */
  factor?: number;
  /** How many epochs without progress are borne. Default 10. */
  patience?: number;
  /** How much better counts as progress. Default 1e-4. */
  threshold?: number;
  /** Whether the threshold is a share of the best, or itself a difference. Default `'rel'`. */
  thresholdMode?: 'rel' | 'abs';
  /** Epochs after a reduction that do not count. Default 0. */
  cooldown?: number;
  /** The lowest learning rate, or one for each group. Default 0. */
  minLr?: number | readonly number[];
  /** Reductions by less are left out. Default 1e-8. */
  eps?: number;
}

/**
 * The learning rate times `factor` when a metric has made no progress for more than `patience` epochs.
 *
 * @throws for a factor from 1, and unknown modes
 */
export class ReduceLROnPlateau extends LRScheduler {
  readonly mode: 'min' | 'max';
  readonly factor: number;
  readonly patience: number;
  readonly threshold: number;
  readonly thresholdMode: 'rel' | 'abs';
  readonly cooldown: number;
  readonly eps: number;
  /** The best metric so far. */
  best: number;
  /** Epochs without progress since. */
  numBadEpochs = 0;
  protected cooldownCounter = 0;
  protected minLrs: readonly number[];
  /** The lowest learning rate of groups that are added later. */
  protected readonly defaultMinLr: number | null;

  constructor(optimizer: Schedulable, options?: PlateauOptions) {
    super(optimizer);
    const {
      mode = 'min',
      factor = 0.1,
      patience = 10,
      threshold = 1e-4,
      thresholdMode = 'rel',
      cooldown = 0,
      minLr = 0,
      eps = 1e-8,
    } = checkedOptions(options, 'ReduceLROnPlateau');
    checkNotNegative(factor, 'factor');
    if (typeof factor !== 'number' || factor >= 1) throw expected('a number below 1', 'factor', factor);
    if (mode !== 'min' && mode !== 'max') throw expected("'min' or 'max'", 'mode', mode);
    if (thresholdMode !== 'rel' && thresholdMode !== 'abs') throw expected("'rel' or 'abs'", 'thresholdMode', thresholdMode);
    this.mode = mode;
    this.factor = factor;
    this.patience = patience;
    this.threshold = threshold;
    this.thresholdMode = thresholdMode;
    this.cooldown = cooldown;
    this.eps = eps;
    this.minLrs = perGroup(minLr, optimizer, 'minLr');
    this.defaultMinLr = typeof minLr === 'number' ? minLr : null;
    this.best = this.modeWorse;
    this.lastEpoch = 0;
    this.lastLr = this.currentLrs();
  }

  /** What every metric is better than. */
  protected get modeWorse(): number {
    return this.mode === 'min' ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY;
  }

  /**
   * The end of an epoch.
   * @param metric the validation loss, say; of a tensor its number is read
   * @throws for no number
   */
  override step(metric?: number | Tensor): void {
    const current = metric instanceof Tensor ? Number(metric.item()) : metric;
    if (typeof current !== 'number') throw expected('a number or a tensor of one', 'step of ReduceLROnPlateau', metric);
    this.lastEpoch++;
    if (this.#isBetter(current)) {
      this.best = current;
      this.numBadEpochs = 0;
    } else this.numBadEpochs++;
    if (this.cooldownCounter > 0) {
      this.cooldownCounter--;
      this.numBadEpochs = 0;
    }
    if (this.numBadEpochs > this.patience) {
      this.#reduce();
      this.cooldownCounter = this.cooldown;
      this.numBadEpochs = 0;
    }
    this.lastLr = this.currentLrs();
  }

  protected override getLr(): readonly number[] {
    return this.currentLrs();
  }

  #isBetter(value: number): boolean {
    const { best, threshold } = this;
    const relative = this.thresholdMode === 'rel';
    if (this.mode === 'min') return value < (relative ? best * (1 - threshold) : best - threshold);
    return value > (relative ? best * (1 + threshold) : best + threshold);
  }

  #reduce(): void {
    const groups = this.optimizer.paramGroups;
    if (groups.length !== this.minLrs.length) {
      if (this.defaultMinLr === null) throw expected(`${groups.length} values, one for each parameter group,`, 'minLr', this.minLrs);
      this.minLrs = perGroup(this.defaultMinLr, this.optimizer, 'minLr');
    }
    for (const [k, group] of groups.entries()) {
      const next = Math.max(group.lr * this.factor, this.minLrs[k] as number);
      if (group.lr - next > this.eps) group.lr = next;
    }
  }

  protected override get savedFields(): SavedFields {
    return {
      factor: 'factor',
      default_min_lr: 'defaultMinLr',
      min_lrs: 'minLrs',
      patience: 'patience',
      cooldown: 'cooldown',
      eps: 'eps',
      last_epoch: 'lastEpoch',
      _last_lr: 'lastLr',
      mode: 'mode',
      threshold: 'threshold',
      threshold_mode: 'thresholdMode',
      best: 'best',
      cooldown_counter: 'cooldownCounter',
      num_bad_epochs: 'numBadEpochs',
    };
  }

  protected override get foreignState(): SchedulerState {
    return { mode_worse: this.modeWorse };
  }
}
