import { checkedOptions } from '../tensor/checked';
import { expected } from '../tensor/expected';
import { ones, zeros } from '../tensor/generated/root';
import type { Tensor } from '../tensor/tensor';
import { batchNorm } from './functional';
import * as init from './init';
import type { FactoryOptions } from './linear';
import { Module } from './module';
import { Buffer, Parameter } from './parameter';
import { python } from './repr';
import { checkSize } from './sizes';

export interface BatchNormOptions extends FactoryOptions {
  /** Added to the variance. Default 1e-5. */
  eps?: number;
  /** Share of the new batch in the running statistics; null averages over all batches alike. Default 0.1. */
  momentum?: number | null;
  /** Scale and shift by learned weight and bias. Default true. */
  affine?: boolean;
  /** With `affine`, shift too. Default true. */
  bias?: boolean;
  /** Keep running statistics for evaluation; without them the batch's own are always used. Default true. */
  trackRunningStats?: boolean;
}

/**
 * Batch normalisation of images: `y = (x - mean) / sqrt(var + eps) * weight + bias`, per channel (Ioffe and Szegedy, 2015).
 *
 * While training, mean and (biased) variance are the batch's over N, H and W, and the running statistics move towards them
 * (the running variance towards the unbiased one). In evaluation the running statistics are used.
 *
 * Shapes: input and output [N, numFeatures, H, W]; all parameters and buffers [numFeatures].
 *
 * @throws when the input has not four dimensions
 */
export class BatchNorm2d extends Module {
  readonly weight: Parameter | null;
  readonly bias: Parameter | null;
  readonly runningMean: Buffer | null;
  readonly runningVar: Buffer | null;
  readonly numBatchesTracked: Buffer | null;
  readonly eps: number;
  readonly momentum: number | null;

  constructor(
    readonly numFeatures: number,
    options?: BatchNormOptions,
  ) {
    super();
    const {
      eps = 1e-5,
      momentum = 0.1,
      affine = true,
      bias = true,
      trackRunningStats = true,
      device,
      dtype,
    } = checkedOptions(options, 'BatchNorm2d');
    checkSize(numFeatures, 'numFeatures');
    this.eps = eps;
    this.momentum = momentum;
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

  override forward(input: Tensor): Tensor {
    if (input.dim() !== 4) throw expected('a tensor of four dimensions [N, C, H, W]', 'BatchNorm2d', input);
    const { runningMean, runningVar, weight, bias, eps } = this;
    const batchStatistics = this.training || runningMean === null;
    return batchNorm(input, runningMean, runningVar, { weight, bias, training: batchStatistics, momentum: this.#share(), eps });
  }

  /** The new batch's share in the running statistics. */
  #share(): number {
    if (!this.training || this.numBatchesTracked === null) return this.momentum ?? 0;
    this.numBatchesTracked.add_(1);
    return this.momentum ?? 1 / Number(this.numBatchesTracked.item());
  }

  protected override extraRepr(): string {
    const { numFeatures, eps, momentum, weight, bias, runningMean } = this;
    const switches = `affine=${python(weight !== null)}, bias=${python(bias !== null)}, track_running_stats=${python(runningMean !== null)}`;
    return `${numFeatures}, eps=${python(eps)}, momentum=${python(momentum)}, ${switches}`;
  }
}
