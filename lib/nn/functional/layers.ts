/** What layers compute, as functions. */

import { noGrad } from '../../autograd/modes';
import { checkedOptions } from '../../tensor/checked';
import { expected } from '../../tensor/expected';
import * as root from '../../tensor/generated/root';
import { nnFunctional } from '../../tensor/operators';
import { backends } from '../../tensor/settings';
import { Tensor } from '../../tensor/tensor';

export interface DropoutOptions {
  /** Probability that an element is set to zero. Default 0.5. */
  p?: number;
  /** False: the identity. Default true. */
  training?: boolean;
  /** Overwrite the input. Default false. */
  inplace?: boolean;
}

/** Sets elements to zero with probability p and multiplies the rest by 1 / (1 - p). */
export function dropout(input: Tensor, options?: DropoutOptions): Tensor {
  const { p = 0.5, training = true, inplace = false } = checkedOptions(options, 'dropout');
  if (!(p >= 0 && p <= 1)) throw expected('a probability in [0, 1]', 'p', p);
  return inplace ? root.dropout_(input, p, training) : root.dropout(input, p, training);
}

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
  const { weight = null, bias = null, training = false, momentum = 0.1, eps = 1e-5 } = checkedOptions(options, 'batchNorm');
  if (training && input instanceof Tensor) {
    const [batch = 1, , ...spatial] = input.shape;
    if (spatial.reduce((product, size) => product * size, batch) === 1)
      throw expected('more than one value per channel while training', 'batchNorm', input);
  }
  return root.batchNorm(input, weight, bias, runningMean, runningVar, training, momentum, eps, backends.cudnn.enabled);
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

export interface NormalizeOptions {
  /** Degree of the norm. Default 2. */
  p?: number;
  /** Default 1. */
  dim?: number;
  /** Norms below it count as it. Default 1e-12. */
  eps?: number;
}

/** `x / max(|x|_p, eps)` along `dim`. */
export function normalize(input: Tensor, options?: NormalizeOptions): Tensor {
  const { p = 2, dim = 1, eps = 1e-12 } = checkedOptions(options, 'normalize');
  return root.div(input, root.norm(input, p, dim, { keepdim: true }).clampMin(eps).expandAs(input));
}

/** One-hot vectors, int64[*, numClasses], of class numbers. Default number of classes: the largest number plus one. */
export function oneHot(input: Tensor, options?: { numClasses?: number }): Tensor {
  const { numClasses = -1 } = checkedOptions(options, 'oneHot');
  return nnFunctional.oneHot(input, numClasses);
}

export interface EmbeddingOptions {
  /** Position that gets no gradient. Default: none. */
  paddingIdx?: number | null;
  /** Vectors that are looked up and have a larger norm are scaled down, in place. Default: none. */
  maxNorm?: number | null;
  /** Degree of that norm. Default 2. */
  normType?: number;
  /** Divide gradients by how often a vector is looked up. Default false. */
  scaleGradByFreq?: boolean;
  /** Give the weight a sparse gradient. Default false. */
  sparse?: boolean;
}

/** The rows of `weight` [V, D] at the positions in `input` [*]: [*, D]. */
export function embedding(input: Tensor, weight: Tensor, options?: EmbeddingOptions): Tensor {
  const { paddingIdx = null, maxNorm = null, normType = 2, scaleGradByFreq = false, sparse = false } = checkedOptions(options, 'embedding');
  if (!(weight instanceof Tensor)) throw expected('a tensor', 'weight', weight);
  const vectors = weight.size(0);
  if (paddingIdx !== null && !(paddingIdx >= -vectors && paddingIdx < vectors))
    throw expected(`a position from ${-vectors} to ${vectors - 1}`, 'paddingIdx', paddingIdx);
  const padding = paddingIdx === null ? -1 : paddingIdx < 0 ? vectors + paddingIdx : paddingIdx;
  if (!(input instanceof Tensor)) throw expected('a tensor', 'input', input);
  if (maxNorm !== null) noGrad(() => root.embeddingRenorm_(weight.detach(), input.contiguous(), maxNorm, normType));
  return root.embedding(weight, input, padding, scaleGradByFreq, { sparse });
}

export interface PadOptions {
  /** Default `'constant'`. */
  mode?: 'constant' | 'reflect' | 'replicate' | 'circular';
  /** For mode `'constant'`. Default 0. */
  value?: number | null;
}

/** Adds elements around the last dimensions. `pad` lists before and after, last dimension first: [left, right, top, bottom]. */
export function pad(input: Tensor, pad: readonly number[], options?: PadOptions): Tensor {
  const { mode = 'constant', value = null } = checkedOptions(options, 'pad');
  return nnFunctional.pad(input, pad, mode, value);
}

export interface WindowOptions {
  /** Default 1. */
  dilation?: number | readonly number[];
  /** Default 0. */
  padding?: number | readonly number[];
  /** Default 1. */
  stride?: number | readonly number[];
}

/** The windows of an image [N, C, H, W] as columns [N, C kernel area, windows]. */
export function unfold(input: Tensor, kernelSize: number | readonly number[], options?: WindowOptions): Tensor {
  const { dilation = 1, padding = 0, stride = 1 } = checkedOptions(options, 'unfold');
  return nnFunctional.im2col(input, kernelSize, dilation, padding, stride);
}

/** The sum of windows [N, C kernel area, windows] where they overlap: an image [N, C, ...outputSize]. */
export function fold(
  input: Tensor,
  outputSize: number | readonly number[],
  kernelSize: number | readonly number[],
  options?: WindowOptions,
): Tensor {
  const { dilation = 1, padding = 0, stride = 1 } = checkedOptions(options, 'fold');
  return nnFunctional.col2im(input, outputSize, kernelSize, dilation, padding, stride);
}
