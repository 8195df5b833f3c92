import { checkedOptions, checkedTensor } from '../tensor/checked';
import { expected } from '../tensor/expected';
import type { Tensor } from '../tensor/tensor';
import { checkDimensions, type Shapes } from './dimensions';
import { instanceNorm } from './functional';
import { type NormOptions, NormWithStats } from './norm-stats';

/** By default without learned weight and bias, and without running statistics. */
export type InstanceNormOptions = NormOptions<number>;

/** Instance normalisation of inputs with a number of spatial dimensions. */
abstract class InstanceNorm extends NormWithStats {
  readonly #shapes: Shapes;

  constructor(shapes: Shapes, numFeatures: number, options: InstanceNormOptions) {
    super(numFeatures, false, options);
    this.#shapes = shapes;
  }

  override forward(input: Tensor): Tensor {
    checkedTensor(input, 'input');
    checkDimensions(input, this.#shapes, this.constructor.name);
    const batched = input.dim() - 1 in this.#shapes;
    const channels = input.size(batched ? 1 : 0);
    if (channels !== this.numFeatures) this.#warnOrRefuse(input);
    return batched ? this.#normalise(input) : this.#normalise(input.unsqueeze(0)).squeeze(0);
  }

  #normalise(input: Tensor): Tensor {
    const { runningMean, runningVar, weight, bias, eps } = this;
    const useInputStats = this.training || runningMean === null;
    return instanceNorm(input, { runningMean, runningVar, weight, bias, useInputStats, momentum: this.momentum ?? 0, eps });
  }

  /** Without weights and statistics the number of channels does not matter, but it is likely not what is meant. */
  #warnOrRefuse(input: Tensor): void {
    const error = expected(`${this.numFeatures} channels`, this.constructor.name, input);
    if (this.affine || this.trackRunningStats) throw error;
    process.emitWarning(error.message);
  }
}

const SEQUENCES: Shapes = { 2: '[C, L]', 3: '[N, C, L]' };
const IMAGES: Shapes = { 3: '[C, H, W]', 4: '[N, C, H, W]' };
const VOLUMES: Shapes = { 4: '[C, D, H, W]', 5: '[N, C, D, H, W]' };

/**
 * Normalisation of each channel of each sequence by itself: `y = (x - mean) / sqrt(var + eps) * weight + bias` over L (Ulyanov et
 * al., 2016).
 *
 * Shapes: input and output [N, numFeatures, L] or [numFeatures, L]; parameters and buffers, where there are any, [numFeatures].
 *
 * @throws for another number of dimensions, and for other channels than the parameters'
 */
export class InstanceNorm1d extends InstanceNorm {
  constructor(numFeatures: number, options?: InstanceNormOptions) {
    super(SEQUENCES, numFeatures, checkedOptions(options, 'InstanceNorm1d'));
  }
}

/**
 * Normalisation of each channel of each image by itself: `y = (x - mean) / sqrt(var + eps) * weight + bias` over H and W (Ulyanov et
 * al., 2016).
 *
 * Shapes: input and output [N, numFeatures, H, W] or [numFeatures, H, W]; parameters and buffers, where there are any, [numFeatures].
 *
 * @throws for another number of dimensions, and for other channels than the parameters'
 */
export class InstanceNorm2d extends InstanceNorm {
  constructor(numFeatures: number, options?: InstanceNormOptions) {
    super(IMAGES, numFeatures, checkedOptions(options, 'InstanceNorm2d'));
  }
}

/**
 * Normalisation of each channel of each volume by itself: `y = (x - mean) / sqrt(var + eps) * weight + bias` over D, H and W (Ulyanov
 * et al., 2016).
 *
 * Shapes: input and output [N, numFeatures, D, H, W] or [numFeatures, D, H, W]; parameters and buffers, where there are any,
 * [numFeatures].
 *
 * @throws for another number of dimensions, and for other channels than the parameters'
 */
export class InstanceNorm3d extends InstanceNorm {
  constructor(numFeatures: number, options?: InstanceNormOptions) {
    super(VOLUMES, numFeatures, checkedOptions(options, 'InstanceNorm3d'));
  }
}
