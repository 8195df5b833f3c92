/** Elementwise nonlinearities, and those that normalise along a dimension. */

import { checkedOptions, checkedTensor } from '../../tensor/checked';
import { expected } from '../../tensor/expected';
import * as root from '../../tensor/generated/root';
import { nnFunctional } from '../../tensor/operators';
import type { Tensor } from '../../tensor/tensor';
import type { DType } from '../../tensor/types';

export interface InplaceOptions {
  /** Overwrite the input. Default false. */
  inplace?: boolean;
}

export interface LeakyReLUOptions extends InplaceOptions {
  /** Slope where the input is negative. Default 0.01. */
  negativeSlope?: number;
}

export interface RReLUOptions extends InplaceOptions {
  /** Smallest slope. Default 1/8. */
  lower?: number;
  /** Largest slope. Default 1/3. */
  upper?: number;
  /** Draw the slopes; else their mean is used. Default false. */
  training?: boolean;
}

export interface ELUOptions extends InplaceOptions {
  /** The limit for small inputs is `-alpha`. Default 1. */
  alpha?: number;
}

export interface CELUOptions extends InplaceOptions {
  /** The limit for small inputs is `-alpha`. Default 1. */
  alpha?: number;
}

export interface GELUOptions {
  /** `'tanh'`: an approximation by the hyperbolic tangent. Default `'none'`. */
  approximate?: 'none' | 'tanh';
}

export interface HardtanhOptions extends InplaceOptions {
  /** Smallest output. Default -1. */
  minVal?: number;
  /** Largest output. Default 1. */
  maxVal?: number;
}

export interface ShrinkOptions {
  /** Half the width of what becomes zero. Default 0.5. */
  lambd?: number;
}

export interface SoftplusOptions {
  /** Sharpness. Default 1. */
  beta?: number;
  /** Beyond it the function is linear, for stability. Default 20. */
  threshold?: number;
}

export interface GLUOptions {
  /** The dimension that is halved. Default -1. */
  dim?: number;
}

export interface SoftmaxOptions {
  /** Convert the input first, against overflow. Default: as it is. */
  dtype?: DType | null;
}

/** `max(0, x)`. */
export function relu(input: Tensor, options?: InplaceOptions): Tensor {
  const { inplace = false } = checkedOptions(options, 'relu');
  return inplace ? root.relu_(input) : root.relu(input);
}

/** `min(max(0, x), 6)`. */
export function relu6(input: Tensor, options?: InplaceOptions): Tensor {
  const { inplace = false } = checkedOptions(options, 'relu6');
  return inplace ? nnFunctional.relu6_(input) : nnFunctional.relu6(input);
}

/** `x` where positive, else `negativeSlope x`. Default slope 0.01. */
export function leakyRelu(input: Tensor, options?: LeakyReLUOptions): Tensor {
  const { negativeSlope = 0.01, inplace = false } = checkedOptions(options, 'leakyRelu');
  return inplace ? nnFunctional.leakyRelu_(input, negativeSlope) : nnFunctional.leakyRelu(input, negativeSlope);
}

/** `x` where positive, else a slope times `x`: drawn uniformly on [lower, upper] while training, else their mean. Default: not training. */
export function rrelu(input: Tensor, options?: RReLUOptions): Tensor {
  const { lower = 1 / 8, upper = 1 / 3, training = false, inplace = false } = checkedOptions(options, 'rrelu');
  if (typeof lower !== 'number' || typeof upper !== 'number' || !(lower <= upper))
    throw expected('an interval [lower, upper]', 'rrelu', [lower, upper]);
  return inplace ? root.rrelu_(input, lower, upper, training) : root.rrelu(input, lower, upper, training);
}

/** `x` where greater than `threshold`, else `value`. */
export function threshold(input: Tensor, threshold: number, value: number, options?: InplaceOptions): Tensor {
  const { inplace = false } = checkedOptions(options, 'threshold');
  return inplace ? root.threshold_(input, threshold, value) : root.threshold(input, threshold, value);
}

/** `x` where positive, else `alpha (exp(x) - 1)`. Default alpha 1. */
export function elu(input: Tensor, options?: ELUOptions): Tensor {
  const { alpha = 1, inplace = false } = checkedOptions(options, 'elu');
  return inplace ? nnFunctional.elu_(input, alpha) : nnFunctional.elu(input, alpha);
}

/** The self-normalising ELU, with its fixed scale and alpha (Klambauer et al., 2017). */
export function selu(input: Tensor, options?: InplaceOptions): Tensor {
  const { inplace = false } = checkedOptions(options, 'selu');
  return inplace ? root.selu_(input) : root.selu(input);
}

/** `x` where positive, else `alpha (exp(x / alpha) - 1)`. Default alpha 1. */
export function celu(input: Tensor, options?: CELUOptions): Tensor {
  const { alpha = 1, inplace = false } = checkedOptions(options, 'celu');
  return inplace ? root.celu_(input, alpha) : root.celu(input, alpha);
}

/** `x sigmoid(x)`. */
export function silu(input: Tensor, options?: InplaceOptions): Tensor {
  const { inplace = false } = checkedOptions(options, 'silu');
  return inplace ? nnFunctional.silu_(input) : nnFunctional.silu(input);
}

/** `x tanh(softplus(x))`. */
export function mish(input: Tensor, options?: InplaceOptions): Tensor {
  const { inplace = false } = checkedOptions(options, 'mish');
  return inplace ? nnFunctional.mish_(input) : nnFunctional.mish(input);
}

/** `x` limited to [minVal, maxVal]. Default [-1, 1]. */
export function hardtanh(input: Tensor, options?: HardtanhOptions): Tensor {
  const { minVal = -1, maxVal = 1, inplace = false } = checkedOptions(options, 'hardtanh');
  return inplace ? nnFunctional.hardtanh_(input, minVal, maxVal) : nnFunctional.hardtanh(input, minVal, maxVal);
}

/** `relu6(x + 3) / 6`. */
export function hardsigmoid(input: Tensor, options?: InplaceOptions): Tensor {
  const { inplace = false } = checkedOptions(options, 'hardsigmoid');
  return inplace ? nnFunctional.hardsigmoid_(input) : nnFunctional.hardsigmoid(input);
}

/** `x relu6(x + 3) / 6`. */
export function hardswish(input: Tensor, options?: InplaceOptions): Tensor {
  const { inplace = false } = checkedOptions(options, 'hardswish');
  return inplace ? nnFunctional.hardswish_(input) : nnFunctional.hardswish(input);
}

/** `log(sigmoid(x))`, without overflow. */
export function logsigmoid(input: Tensor): Tensor {
  return nnFunctional.logSigmoid(input);
}

/** `1 / (1 + exp(-x))`. */
export function sigmoid(input: Tensor): Tensor {
  return root.sigmoid(input);
}

/** The hyperbolic tangent. */
export function tanh(input: Tensor): Tensor {
  return root.tanh(input);
}

/** `x / (1 + |x|)`. */
export function softsign(input: Tensor): Tensor {
  return root.div(input, root.abs(input).add(1));
}

/** `x - tanh(x)`. */
export function tanhshrink(input: Tensor): Tensor {
  return root.sub(input, root.tanh(input));
}

/** `exp(x) / sum(exp(x))` along `dim`. */
export function softmax(input: Tensor, dim: number, options?: SoftmaxOptions): Tensor {
  const { dtype = null } = checkedOptions(options, 'softmax');
  return root.softmax(input, checkedDim(dim, 'softmax'), dtype);
}

/** `log(softmax(x))` along `dim`, in a stable form. */
export function logSoftmax(input: Tensor, dim: number, options?: SoftmaxOptions): Tensor {
  const { dtype = null } = checkedOptions(options, 'logSoftmax');
  return root.logSoftmax(input, checkedDim(dim, 'logSoftmax'), dtype);
}

/** `softmax(-x)` along `dim`. */
export function softmin(input: Tensor, dim: number, options: SoftmaxOptions = {}): Tensor {
  return softmax(root.neg(input), dim, checkedOptions(options, 'softmin'));
}

export interface GumbelSoftmaxOptions {
  /** Temperature. Default 1. */
  tau?: number;
  /** One-hot in the forward pass, soft in the backward pass. Default false. */
  hard?: boolean;
  /** Default -1. */
  dim?: number;
}

/** Samples of the Gumbel-softmax distribution with these logits (Jang et al., 2017). */
export function gumbelSoftmax(logits: Tensor, options?: GumbelSoftmaxOptions): Tensor {
  checkedTensor(logits, 'logits');
  const { tau = 1, hard = false, dim = -1 } = checkedOptions(options, 'gumbelSoftmax');
  const gumbels = root.emptyLike(logits).exponential_().log().neg();
  const soft = logits.add(gumbels).div(tau).softmax(dim);
  if (!hard) return soft;
  const index = soft.max(dim, { keepdim: true }).indices;
  const oneHot = root.zerosLike(logits).scatter_(dim, index, 1);
  return oneHot.sub(soft.detach()).add(soft);
}

function checkedDim(dim: unknown, where: string): number {
  if (typeof dim !== 'number') throw expected('a dimension', `dim of ${where}`, dim);
  return dim;
}
