import { checkedOptions } from '../tensor/checked';
import { ones, zeros } from '../tensor/generated/root';
import * as init from './init';
import type { FactoryOptions } from './linear';
import { Module } from './module';
import { Buffer, Parameter } from './parameter';
import { python } from './repr';
import { checkSize } from './sizes';

export interface NormOptions<Momentum extends number | null = number | null> extends FactoryOptions {
  /** Added to the variance. Default 1e-5. */
  eps?: number;
  /** Share of the new batch in the running statistics; null averages over all batches alike. Default 0.1. */
  momentum?: Momentum;
  /** Scale and shift by learned weight and bias. */
  affine?: boolean;
  /** With `affine`, shift too. Default true. */
  bias?: boolean;
  /** Keep running statistics for evaluation; without them the input's own are always used. */
  trackRunningStats?: boolean;
}

/** What batch and instance normalisation have in common: weights and running statistics per channel. */
export abstract class NormWithStats extends Module {
  readonly weight: Parameter | null;
  readonly bias: Parameter | null;
  readonly runningMean: Buffer | null;
  readonly runningVar: Buffer | null;
  readonly numBatchesTracked: Buffer | null;
  readonly eps: number;
  readonly momentum: number | null;
  readonly affine: boolean;
  readonly trackRunningStats: boolean;

  /** @param usually whether the class has weights and running statistics by default */
  protected constructor(
    readonly numFeatures: number,
    usually: boolean,
    options: NormOptions,
  ) {
    super();
    const {
      eps = 1e-5,
      momentum = 0.1,
      affine = usually,
      bias = true,
      trackRunningStats = usually,
      device,
      dtype,
    } = checkedOptions(options, this.constructor.name);
    checkSize(numFeatures, 'numFeatures');
    this.eps = eps;
    this.momentum = momentum;
    this.affine = affine;
    this.trackRunningStats = trackRunningStats;
    this.weight = affine ? new Parameter(ones([numFeatures], { device, dtype })) : null;
    this.bias = affine && bias ? new Parameter(zeros([numFeatures], { device, dtype })) : null;
    this.runningMean = trackRunningStats ? new Buffer(zeros([numFeatures], { device, dtype })) : null;
    this.runningVar = trackRunningStats ? new Buffer(ones([numFeatures], { device, dtype })) : null;
    this.numBatchesTracked = trackRunningStats ? new Buffer(zeros([], { device, dtype: 'int64' })) : null;
  }

  /** Forgets the running statistics. */
  resetRunningStats(): void {
    if (this.runningMean !== null) init.zeros_(this.runningMean);
    if (this.runningVar !== null) init.ones_(this.runningVar);
    if (this.numBatchesTracked !== null) init.zeros_(this.numBatchesTracked);
  }

  /** Sets weight to one and bias to zero, and forgets the running statistics. */
  resetParameters(): void {
    this.resetRunningStats();
    if (this.weight !== null) init.ones_(this.weight);
    if (this.bias !== null) init.zeros_(this.bias);
  }

  protected override extraRepr(): string {
    const { numFeatures, eps, momentum, affine, bias, trackRunningStats } = this;
    const switches = `affine=${python(affine)}, bias=${python(bias !== null)}, track_running_stats=${python(trackRunningStats)}`;
    return `${numFeatures}, eps=${python(eps)}, momentum=${python(momentum)}, ${switches}`;
  }
}
