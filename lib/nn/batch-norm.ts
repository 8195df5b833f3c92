import { checkedOptions } from '../tensor/checked';
import type { Tensor } from '../tensor/tensor';
import { checkDimensions, type Shapes } from './dimensions';
import { batchNorm } from './functional';
import { type NormOptions, NormWithStats } from './norm-stats';

/** By default with learned weight and bias, and with running statistics. */
export type BatchNormOptions = NormOptions;

/** Batch normalisation of inputs of given shapes. */
export abstract class BatchNorm extends NormWithStats {
  readonly #shapes: Shapes;

  constructor(shapes: Shapes, numFeatures: number, options: BatchNormOptions) {
    super(numFeatures, true, options);
    this.#shapes = shapes;
  }

  override forward(input: Tensor): Tensor {
    checkDimensions(input, this.#shapes, this.constructor.name);
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
}

const FEATURES: Shapes = { 2: '[N, C]', 3: '[N, C, L]' };
const IMAGES: Shapes = { 4: '[N, C, H, W]' };
const VOLUMES: Shapes = { 5: '[N, C, D, H, W]' };

/**
 * Batch normalisation of features or sequences: `y = (x - mean) / sqrt(var + eps) * weight + bias`, per channel (Ioffe and
 * Szegedy, 2015).
 *
 * While training, mean and (biased) variance are the batch's over N and L, and the running statistics move towards them (the
 * running variance towards the unbiased one). In evaluation the running statistics are used.
 *
 * Shapes: input and output [N, numFeatures] or [N, numFeatures, L]; all parameters and buffers [numFeatures].
 *
 * @throws for another number of dimensions, and while training for a single value per channel
 */
export class BatchNorm1d extends BatchNorm {
  constructor(numFeatures: number, options?: BatchNormOptions) {
    super(FEATURES, numFeatures, checkedOptions(options, 'BatchNorm1d'));
  }
}

/**
 * Batch normalisation of images: `y = (x - mean) / sqrt(var + eps) * weight + bias`, per channel (Ioffe and Szegedy, 2015).
 *
 * While training, mean and (biased) variance are the batch's over N, H and W, and the running statistics move towards them
 * (the running variance towards the unbiased one). In evaluation the running statistics are used.
 *
 * Shapes: input and output [N, numFeatures, H, W]; all parameters and buffers [numFeatures].
 *
 * @throws for another number of dimensions, and while training for a single value per channel
 */
export class BatchNorm2d extends BatchNorm {
  constructor(numFeatures: number, options?: BatchNormOptions) {
    super(IMAGES, numFeatures, checkedOptions(options, 'BatchNorm2d'));
  }
}

/**
 * Batch normalisation of volumes: `y = (x - mean) / sqrt(var + eps) * weight + bias`, per channel (Ioffe and Szegedy, 2015).
 *
 * While training, mean and (biased) variance are the batch's over N, D, H and W, and the running statistics move towards
 * them (the running variance towards the unbiased one). In evaluation the running statistics are used.
 *
 * Shapes: input and output [N, numFeatures, D, H, W]; all parameters and buffers [numFeatures].
 *
 * @throws for another number of dimensions, and while training for a single value per channel
 */
export class BatchNorm3d extends BatchNorm {
  constructor(numFeatures: number, options?: BatchNormOptions) {
    super(VOLUMES, numFeatures, checkedOptions(options, 'BatchNorm3d'));
  }
}
