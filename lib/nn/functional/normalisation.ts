/** Subtracting means and dividing by deviations. */

import { checkedOptions, checkedTensor } from '../../tensor/checked';
import { expected } from '../../tensor/expected';
import * as root from '../../tensor/generated/root';
import { nnFunctional } from '../../tensor/operators';
import { backends } from '../../tensor/settings';
import type { Tensor } from '../../tensor/tensor';
import { avgPool2d, avgPool3d } from './avg-pooling';

export interface AffineOptions {
  /** Factor for each feature. Default: none. */
  weight?: Tensor | null;
  /** Summand for each feature. Default: none. */
  bias?: Tensor | null;
  /** Added to the variance. Default 1e-5. */
  eps?: number;
}

export interface BatchNormOptions extends AffineOptions {
  /** Use the batch's mean and variance, and move the running ones towards them. Default false. */
  training?: boolean;
  /** The batch's share in the running statistics. Default 0.1. */
  momentum?: number;
}

/**
 * `(x - mean) / sqrt(var + eps) * weight + bias` per channel, the second dimension.
 *
 * @throws while training, when there is a single value per channel
 */
export function batchNorm(input: Tensor, runningMean: Tensor | null, runningVar: Tensor | null, options?: BatchNormOptions): Tensor {
  checkedTensor(input, 'input');
  const { weight = null, bias = null, training = false, momentum = 0.1, eps = 1e-5 } = checkedOptions(options, 'batchNorm');
  if (training) {
    const [batch = 1, , ...spatial] = input.shape;
    if (spatial.reduce((product, size) => product * size, batch) === 1)
      throw expected('more than one value per channel while training', 'batchNorm', input);
  }
  return root.batchNorm(input, weight, bias, runningMean, runningVar, training, momentum, eps, backends.cudnn.enabled);
}

export interface InstanceNormOptions extends AffineOptions {
  /** Moved towards the inputs' means, and used where `useInputStats` is false. Default: none. */
  runningMean?: Tensor | null;
  /** Moved towards the inputs' variances, and used where `useInputStats` is false. Default: none. */
  runningVar?: Tensor | null;
  /** Normalise by the input's own mean and variance. Default true. */
  useInputStats?: boolean;
  /** The input's share in the running statistics. Default 0.1. */
  momentum?: number;
}

/**
 * `(x - mean) / sqrt(var + eps) * weight + bias` per channel of each sample of [N, C, *].
 *
 * @throws with the input's own statistics, when there is a single value per channel
 */
export function instanceNorm(input: Tensor, options?: InstanceNormOptions): Tensor {
  checkedTensor(input, 'input');
  const {
    runningMean = null,
    runningVar = null,
    weight = null,
    bias = null,
    useInputStats = true,
    momentum = 0.1,
    eps = 1e-5,
  } = checkedOptions(options, 'instanceNorm');
  if (useInputStats && input.shape.slice(2).reduce((product, size) => product * size, 1) === 1)
    throw expected('more than one value per channel', 'instanceNorm', input);
  return root.instanceNorm(input, weight, bias, runningMean, runningVar, useInputStats, momentum, eps, backends.cudnn.enabled);
}

/** `(x - mean) / sqrt(var + eps) * weight + bias` over the last dimensions, which `normalizedShape` gives. */
export function layerNorm(input: Tensor, normalizedShape: readonly number[], options?: AffineOptions): Tensor {
  const { weight = null, bias = null, eps = 1e-5 } = checkedOptions(options, 'layerNorm');
  return root.layerNorm(input, normalizedShape, weight, bias, eps, backends.cudnn.enabled);
}

/** `(x - mean) / sqrt(var + eps) * weight + bias` over groups of channels. */
export function groupNorm(input: Tensor, numGroups: number, options?: AffineOptions): Tensor {
  const { weight = null, bias = null, eps = 1e-5 } = checkedOptions(options, 'groupNorm');
  return root.groupNorm(input, numGroups, weight, bias, eps, backends.cudnn.enabled);
}

export interface LocalResponseNormOptions {
  /** Factor of the mean square. Default 1e-4. */
  alpha?: number;
  /** Exponent. Default 0.75. */
  beta?: number;
  /** Added to the mean square. Default 1. */
  k?: number;
}

/**
 * `x / (k + alpha mean(x'^2))^beta`, the mean over `size` neighbouring channels of [N, C, *] (Krizhevsky et al., 2012).
 *
 * @throws for an input of fewer than three dimensions
 */
export function localResponseNorm(input: Tensor, size: number, options?: LocalResponseNormOptions): Tensor {
  checkedTensor(input, 'input');
  const { alpha = 1e-4, beta = 0.75, k = 1 } = checkedOptions(options, 'localResponseNorm');
  const { shape } = input;
  if (shape.length < 3) throw expected('a tensor of at least three dimensions [N, C, *]', 'localResponseNorm', input);
  if (input.numel() === 0) return input;
  const sides = [Math.floor(size / 2), Math.floor((size - 1) / 2)];
  const [batch, channels, first] = shape as [number, number, number];
  const squares = input.square();
  const means =
    shape.length === 3
      ? avgPool2d(nnFunctional.pad(squares.unsqueeze(1), [0, 0, ...sides]), [size, 1], 1)
      : avgPool3d(nnFunctional.pad(squares.reshape([batch, 1, channels, first, -1]), [0, 0, 0, 0, ...sides]), [size, 1, 1], 1);
  return input.div(means.reshape(shape).mul(alpha).add(k).pow(beta));
}
