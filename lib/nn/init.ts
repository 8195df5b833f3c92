/** Initial values of parameters, with PyTorch's formulas and, under the same seed, PyTorch's numbers. All work in place. */

import { noGrad } from '../autograd/modes';
import { checkedOptions, checkedTensor } from '../tensor/checked';
import { tensor as tensorOf } from '../tensor/creation';
import { expected } from '../tensor/expected';
import { emptyLike } from '../tensor/generated/root';
import type { Generator } from '../tensor/generator';
import { special } from '../tensor/operators';
import { scope } from '../tensor/scope';
import type { Tensor } from '../tensor/tensor';

export type Nonlinearity =
  | 'linear'
  | 'conv1d'
  | 'conv2d'
  | 'conv3d'
  | 'convTranspose1d'
  | 'convTranspose2d'
  | 'convTranspose3d'
  | 'sigmoid'
  | 'tanh'
  | 'relu'
  | 'leakyRelu'
  | 'selu';

export interface RandomOptions {
  /** Default: the global generator. */
  generator?: Generator | null;
}

export interface UniformOptions extends RandomOptions {
  /** Lower bound. Default 0. */
  a?: number;
  /** Upper bound. Default 1. */
  b?: number;
}

export interface NormalOptions extends RandomOptions {
  /** Default 0. */
  mean?: number;
  /** Default 1. */
  std?: number;
}

export interface XavierOptions extends RandomOptions {
  /** Default 1. */
  gain?: number;
}

export interface KaimingOptions extends RandomOptions {
  /** Negative slope of the rectifier that follows, for `'leakyRelu'`. Default 0. */
  a?: number;
  /** Keep the variance of the forward or of the backward pass. Default `'fanIn'`. */
  mode?: 'fanIn' | 'fanOut';
  /** Default `'leakyRelu'`. */
  nonlinearity?: Nonlinearity;
}

/** Uniform on [a, b). */
export function uniform_(tensor: Tensor, options?: UniformOptions): Tensor {
  const { a = 0, b = 1, generator = null } = checkedOptions(options, 'uniform_');
  return noGrad(() => checkedTensor(tensor, 'uniform_').uniform_(a, b, { generator }));
}

/** Normal with the given mean and standard deviation. */
export function normal_(tensor: Tensor, options?: NormalOptions): Tensor {
  const { mean = 0, std = 1, generator = null } = checkedOptions(options, 'normal_');
  return noGrad(() => checkedTensor(tensor, 'normal_').normal_(mean, std, { generator }));
}

export function constant_(tensor: Tensor, value: number): Tensor {
  return noGrad(() => checkedTensor(tensor, 'constant_').fill_(value));
}

export function zeros_(tensor: Tensor): Tensor {
  return noGrad(() => checkedTensor(tensor, 'zeros_').zero_());
}

export function ones_(tensor: Tensor): Tensor {
  return constant_(tensor, 1);
}

/** Uniform on +-gain sqrt(6 / (fanIn + fanOut)): keeps the variance in both directions (Glorot and Bengio, 2010). */
export function xavierUniform_(tensor: Tensor, options?: XavierOptions): Tensor {
  const { gain = 1, generator } = checkedOptions(options, 'xavierUniform_');
  const { fanIn, fanOut } = calculateFanInAndFanOut(tensor);
  const bound = Math.sqrt(3) * (gain * Math.sqrt(2 / (fanIn + fanOut)));
  return uniform_(tensor, { a: -bound, b: bound, generator });
}

/** Normal with standard deviation gain sqrt(2 / (fanIn + fanOut)) (Glorot and Bengio, 2010). */
export function xavierNormal_(tensor: Tensor, options?: XavierOptions): Tensor {
  const { gain = 1, generator } = checkedOptions(options, 'xavierNormal_');
  const { fanIn, fanOut } = calculateFanInAndFanOut(tensor);
  return normal_(tensor, { std: gain * Math.sqrt(2 / (fanIn + fanOut)), generator });
}

/** Uniform on +-gain sqrt(3 / fan), with the gain of the nonlinearity that follows (He et al., 2015). */
export function kaimingUniform_(tensor: Tensor, options?: KaimingOptions): Tensor {
  const { generator, ...given } = checkedOptions(options, 'kaimingUniform_');
  const bound = Math.sqrt(3) * kaimingStd(tensor, given);
  return uniform_(tensor, { a: -bound, b: bound, generator });
}

/** Normal with standard deviation gain / sqrt(fan), with the gain of the nonlinearity that follows (He et al., 2015). */
export function kaimingNormal_(tensor: Tensor, options?: KaimingOptions): Tensor {
  const { generator, ...given } = checkedOptions(options, 'kaimingNormal_');
  return normal_(tensor, { std: kaimingStd(tensor, given), generator });
}

function kaimingStd(tensor: Tensor, { a = 0, mode = 'fanIn', nonlinearity = 'leakyRelu' }: KaimingOptions): number {
  if (mode !== 'fanIn' && mode !== 'fanOut') throw expected("'fanIn' or 'fanOut'", 'mode', mode);
  return calculateGain(nonlinearity, { param: a }) / Math.sqrt(calculateFanInAndFanOut(tensor)[mode]);
}

/** So much of the distribution must lie in the interval: numbers that never fit would be drawn for ever. */
const LEAST_SHARE = 1e-3;

function shareWithin(a: number, b: number, mean: number, std: number): number {
  return scope(() => {
    const [below = 0, within = 0] = special
      .ndtr(tensorOf([(a - mean) / std, (b - mean) / std], { dtype: 'float64' }))
      .toArray() as number[];
    return within - below;
  });
}

/**
 * Normal, drawn again outside [a, b].
 *
 * Draws numbers one set after the other until all fit, so the interval should hold a good part of the distribution, and must hold a thousandth.
 * Default: mean 0, standard deviation 1, [-2, 2].
 */
export function truncNormal_(tensor: Tensor, options?: NormalOptions & UniformOptions): Tensor {
  const { mean = 0, std = 1, a = -2, b = 2, generator = null } = checkedOptions(options, 'truncNormal_');
  if (!(shareWithin(a, b, mean, std) > LEAST_SHARE))
    throw expected('an interval [a, b] that holds a part of the distribution', 'a, b', [a, b]);
  scope(() =>
    noGrad(() => {
      let result = checkedTensor(tensor, 'truncNormal_').normal_(mean, std, { generator });
      for (;;) {
        const outside = result.lt(a).logicalOr(result.gt(b));
        if (outside.any().item() === false) break;
        result = emptyLike(result).normal_(mean, std, { generator }).where(outside, result);
      }
      tensor.copy_(result);
    }),
  );
  return tensor;
}

/** The recommended gain for the nonlinearity behind a layer. `param` is the negative slope of `'leakyRelu'`, default 0.01. */
export function calculateGain(nonlinearity: Nonlinearity, options?: { param?: number }): number {
  const { param = 0.01 } = checkedOptions(options, 'calculateGain');
  switch (nonlinearity) {
    case 'tanh':
      return 5 / 3;
    case 'relu':
      return Math.sqrt(2);
    case 'leakyRelu':
      return Math.sqrt(2 / (1 + param ** 2));
    case 'selu':
      return 3 / 4;
    case 'linear':
    case 'conv1d':
    case 'conv2d':
    case 'conv3d':
    case 'convTranspose1d':
    case 'convTranspose2d':
    case 'convTranspose3d':
    case 'sigmoid':
      return 1;
    default:
      throw expected('the name of a nonlinearity', 'nonlinearity', nonlinearity);
  }
}

/**
 * How many inputs an output of a weight [out, in, ...kernel] depends on, and how many outputs an input reaches.
 *
 * @throws for a tensor with fewer than two dimensions
 */
export function calculateFanInAndFanOut(tensor: Tensor): { fanIn: number; fanOut: number } {
  const [outputs, inputs, ...kernel] = checkedTensor(tensor, 'initialisation by fan').shape;
  if (outputs === undefined || inputs === undefined)
    throw expected('a tensor with at least two dimensions', 'initialisation by fan', tensor);
  const receptiveField = kernel.reduce((product, size) => product * size, 1);
  return { fanIn: inputs * receptiveField, fanOut: outputs * receptiveField };
}
