import { checkedOptions } from '../../tensor/checked';
import { expected } from '../../tensor/expected';
import { checkCount } from '../../tensor/numbers';
import { LRScheduler, type SavedFields, type Schedulable, type SchedulerOptions } from './lr-scheduler';

export interface CosineOptions extends SchedulerOptions {
  /** The lowest learning rate. Default 0. */
  etaMin?: number;
}

/**
 * Half a cosine from the initial learning rate down to `etaMin` in `tMax` epochs, and up again (Loshchilov and Hutter, 2017,
 * without restarts): `lr = etaMin + (initialLr - etaMin) (1 + cos(pi epoch / tMax)) / 2`. It is computed from the last
 * learning rate, so that other schedules may change it too.
 *
 * @throws for a tMax that is no whole number from 1
 */
export class CosineAnnealingLR extends LRScheduler {
  readonly etaMin: number;

  constructor(
    optimizer: Schedulable,
    readonly tMax: number,
    options?: CosineOptions,
  ) {
    const { etaMin = 0, ...rest } = checkedOptions(options, 'CosineAnnealingLR');
    super(optimizer);
    checkCount(tMax, 'tMax', 1);
    this.etaMin = etaMin;
    this.begin(rest);
  }

  protected override getLr(): readonly number[] {
    const { lastEpoch, tMax, etaMin } = this;
    if (this.isInitial) return this.currentLrs();
    if (this.stepCount === 1 && lastEpoch > 0) return this.closedFormLr();
    if ((lastEpoch - 1 - tMax) % (2 * tMax) === 0) {
      // The quotient below would divide by zero: the way up begins.
      const rise = (1 - Math.cos(Math.PI / tMax)) / 2;
      return this.currentLrs().map((lr, k) => lr + ((this.baseLrs[k] as number) - etaMin) * rise);
    }
    const share = (1 + Math.cos((Math.PI * lastEpoch) / tMax)) / (1 + Math.cos((Math.PI * (lastEpoch - 1)) / tMax));
    return this.currentLrs().map((lr) => share * (lr - etaMin) + etaMin);
  }

  protected override closedFormLr(): readonly number[] {
    const share = (1 + Math.cos((Math.PI * this.lastEpoch) / this.tMax)) / 2;
    return this.baseLrs.map((base) => this.etaMin + (base - this.etaMin) * share);
  }

  protected override get savedFields(): SavedFields {
    return { ...super.savedFields, T_max: 'tMax', eta_min: 'etaMin' };
  }
}

export interface WarmRestartsOptions extends CosineOptions {
  /** The factor of the length of a cycle after each restart. Default 1. */
  tMult?: number;
}

/**
 * Half cosines down to `etaMin`, each from the initial learning rate (SGDR, Loshchilov and Hutter, 2017): the first of `t0`
 * epochs, each next one `tMult` times as long.
 *
 * @throws unless t0 and tMult are whole numbers from 1
 */
export class CosineAnnealingWarmRestarts extends LRScheduler {
  readonly tMult: number;
  readonly etaMin: number;
  /** The length of this cycle, and where in it the schedule is. */
  protected cycleLength: number;
  protected position: number;

  constructor(
    optimizer: Schedulable,
    readonly t0: number,
    options?: WarmRestartsOptions,
  ) {
    const { tMult = 1, etaMin = 0, ...rest } = checkedOptions(options, 'CosineAnnealingWarmRestarts');
    super(optimizer);
    checkCount(t0, 't0', 1);
    checkCount(tMult, 'tMult', 1);
    this.tMult = tMult;
    this.etaMin = etaMin;
    this.cycleLength = t0;
    this.position = rest.lastEpoch ?? -1;
    this.begin(rest);
  }

  protected override getLr(): readonly number[] {
    const share = (1 + Math.cos((Math.PI * this.position) / this.cycleLength)) / 2;
    return this.baseLrs.map((base) => this.etaMin + (base - this.etaMin) * share);
  }

  /**
   * To the next epoch, or to a given one, which may be a fraction: `step(epoch + batch / batches)` after each batch.
   * @throws for a negative epoch
   */
  override step(epoch?: number): void {
    const { t0, tMult } = this;
    const to = epoch ?? (this.lastEpoch < 0 ? 0 : undefined);
    if (to === undefined) {
      this.lastEpoch++;
      this.position++;
      if (this.position >= this.cycleLength) {
        this.position %= this.cycleLength;
        this.cycleLength *= tMult;
      }
    } else {
      if (typeof to !== 'number' || !(to >= 0)) throw expected('an epoch from 0', 'step', to);
      if (to < t0) [this.position, this.cycleLength] = [to, t0];
      else if (tMult === 1) this.position = to % t0;
      else {
        const cycle = Math.trunc(Math.log((to / t0) * (tMult - 1) + 1) / Math.log(tMult));
        this.position = to - (t0 * (tMult ** cycle - 1)) / (tMult - 1);
        this.cycleLength = t0 * tMult ** cycle;
      }
      this.lastEpoch = Math.floor(to);
    }
    this.setLrs(this.getLr());
  }

  protected override get savedFields(): SavedFields {
    return { ...super.savedFields, T_0: 't0', T_i: 'cycleLength', T_mult: 'tMult', eta_min: 'etaMin', T_cur: 'position' };
  }
}
