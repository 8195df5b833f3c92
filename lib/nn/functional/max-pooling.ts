/** The largest value of windows, where it stood, and the way back. */

import { checkedOptions, checkedTensor } from '../../tensor/checked';
import { expected } from '../../tensor/expected';
import * as root from '../../tensor/generated/root';
import { nnFunctional } from '../../tensor/operators';
import type { Tensor } from '../../tensor/tensor';
import { checkSizes, each, type Size } from '../sizes';
import { fillSizes, type Sizes } from './sizes';

/** The largest values, and their positions in the flattened spatial dimensions. */
export type WithIndices = [output: Tensor, indices: Tensor];

export interface MaxPoolOptions {
  /** Steps of the window. Default: `kernelSize`. */
  stride?: Sizes;
  /** Minus infinity added on both sides. Default 0. */
  padding?: Sizes;
  /** Distance between the window's elements. Default 1. */
  dilation?: Sizes;
  /** Round the output's size up instead of down. Default false. */
  ceilMode?: boolean;
}

/** An operator that can tell the positions too: with `returnIndices` it gives [output, indices]. */
type Indexed<Plain> = Plain & {
  (input: Tensor, kernelSize: Sizes, options: MaxPoolOptions & { returnIndices: true }): WithIndices;
  (input: Tensor, kernelSize: Sizes, options: MaxPoolOptions & { returnIndices?: false }): Tensor;
};

type Pool<Result> = (input: Tensor, kernelSize: Sizes, ...options: never[]) => Result;

function indexed<Plain extends Pool<Tensor>>(plain: Plain, withIndices: Pool<WithIndices>): Indexed<Plain> {
  return ((input: Tensor, kernelSize: Sizes, ...rest: never[]) => {
    const last: unknown = rest.at(-1);
    if (typeof last !== 'object' || last === null || !('returnIndices' in last)) return plain(input, kernelSize, ...rest);
    const { returnIndices, ...options } = last;
    const args = [...rest.slice(0, -1), options as never];
    return returnIndices ? withIndices(input, kernelSize, ...args) : plain(input, kernelSize, ...args);
  }) as unknown as Indexed<Plain>;
}

/** The largest value in each window of [N, C, L] or [C, L]; with `returnIndices`, [output, indices]. */
export const maxPool1d = indexed(root.maxPool1d, root.maxPool1dWithIndices);
/** The largest value in each window of [N, C, H, W] or [C, H, W]; with `returnIndices`, [output, indices]. */
export const maxPool2d = indexed(root.maxPool2d, nnFunctional.maxPool2dWithIndices);
/** The largest value in each window of [N, C, D, H, W] or [C, D, H, W]; with `returnIndices`, [output, indices]. */
export const maxPool3d = indexed(root.maxPool3d, nnFunctional.maxPool3dWithIndices);

/** Gives the largest values, or with `returnIndices` [output, indices]. `outputSize` may hold null for 'as the input'. */
export interface AdaptiveMaxPool {
  (input: Tensor, outputSize: number | readonly (number | null)[], options: { returnIndices: true }): WithIndices;
  (input: Tensor, outputSize: number | readonly (number | null)[], options?: { returnIndices?: false }): Tensor;
}

function adaptive(name: string, pool: (input: Tensor, outputSize: Sizes) => WithIndices): AdaptiveMaxPool {
  return ((input: Tensor, outputSize: number | readonly (number | null)[], options?: { returnIndices?: boolean }) => {
    const { returnIndices = false } = checkedOptions(options, name);
    const both = pool(input, fillSizes(outputSize, input));
    return returnIndices ? both : both[0];
  }) as AdaptiveMaxPool;
}

/** The largest values of as many windows as `outputSize` says, over [N, C, L]. */
export const adaptiveMaxPool1d = adaptive('adaptiveMaxPool1d', root.adaptiveMaxPool1d);
/** The largest values of as many windows as `outputSize` says, over [N, C, H, W]. */
export const adaptiveMaxPool2d = adaptive('adaptiveMaxPool2d', nnFunctional.adaptiveMaxPool2d);
/** The largest values of as many windows as `outputSize` says, over [N, C, D, H, W]. */
export const adaptiveMaxPool3d = adaptive('adaptiveMaxPool3d', nnFunctional.adaptiveMaxPool3d);

export interface FractionalMaxPoolOptions {
  /** Spatial size of the output. This or `outputRatio` is needed. */
  outputSize?: Sizes | null;
  /** Spatial size of the output as a share of the input's, in (0, 1). */
  outputRatio?: number | readonly number[] | null;
  /** Where the windows stand: numbers in [0, 1), [N, C, spatial dimensions]. Default: drawn. */
  randomSamples?: Tensor | null;
}

/** Gives the largest values, or with `returnIndices` [output, indices]. */
export interface FractionalMaxPool {
  (input: Tensor, kernelSize: Sizes, options: FractionalMaxPoolOptions & { returnIndices: true }): WithIndices;
  (input: Tensor, kernelSize: Sizes, options: FractionalMaxPoolOptions & { returnIndices?: false }): Tensor;
}

function fractional(
  dims: 2 | 3,
  pool: (input: Tensor, kernelSize: Sizes, outputSize: Sizes, randomSamples: Tensor) => WithIndices,
): FractionalMaxPool {
  return ((input: Tensor, kernelSize: Sizes, options?: FractionalMaxPoolOptions & { returnIndices?: boolean }) => {
    const name = `fractionalMaxPool${dims}d`;
    const { outputSize = null, outputRatio = null, randomSamples = null, returnIndices = false } = checkedOptions(options, name);
    checkedTensor(input, 'input');
    if ((outputSize === null) === (outputRatio === null)) throw expected('an outputSize or an outputRatio', name, options);
    const spatial = input.shape.slice(-dims);
    const ratio = (d: number): number => {
      const share: unknown = typeof outputRatio === 'object' ? outputRatio?.[d] : outputRatio;
      if (typeof share === 'number') return share;
      throw expected(`a number, or ${dims} of them,`, `outputRatio of ${name}`, outputRatio);
    };
    const size = outputSize ?? spatial.map((length, d) => Math.trunc(length * ratio(d)));
    const [batch, channels] = [input.dim() === dims + 1 ? 1 : input.size(0), input.size(-dims - 1)];
    const samples = randomSamples ?? root.rand([batch, channels, dims], { dtype: input.dtype, device: input.device });
    const both = pool(input, kernelSize, size, samples);
    return returnIndices ? both : both[0];
  }) as FractionalMaxPool;
}

/** The largest values of windows of [N, C, H, W] that stand at random, about evenly (Graham, 2014). */
export const fractionalMaxPool2d = fractional(2, nnFunctional.fractionalMaxPool2d);
/** The largest values of windows of [N, C, D, H, W] that stand at random, about evenly (Graham, 2014). */
export const fractionalMaxPool3d = fractional(3, nnFunctional.fractionalMaxPool3d);

export interface MaxUnpoolOptions {
  /** Steps of the pooling's window. Default: `kernelSize`. */
  stride?: Sizes;
  /** The pooling's padding. Default 0. */
  padding?: Sizes;
  /** The spatial size of what was pooled, or its whole shape. Default: the smallest that fits. */
  outputSize?: readonly number[] | null;
}

/** Puts the values that a max pooling gave back at their places; zeros elsewhere. */
export type MaxUnpool = (input: Tensor, indices: Tensor, kernelSize: Sizes, options?: MaxUnpoolOptions) => Tensor;

type Unpool = (input: Tensor, indices: Tensor, size: number[], stride: readonly number[], padding: readonly number[]) => Tensor;

function unpooling(dims: 1 | 2 | 3, unpool: Unpool): MaxUnpool {
  return (input, indices, kernelSize, options) => {
    const { stride = kernelSize, padding = 0, outputSize = null } = checkedOptions(options, `maxUnpool${dims}d`);
    checkedTensor(input, 'input');
    checkedTensor(indices, 'indices');
    const [kernel, steps, sides]: readonly (readonly number[])[] = [
      each(kernelSize as Size, dims, 'kernelSize', 1),
      each(stride as Size, dims, 'stride', 1),
      each(padding as Size, dims, 'padding'),
    ];
    const usual = input.shape
      .slice(-dims)
      .map((length, d) => (length - 1) * (steps[d] as number) + (kernel[d] as number) - 2 * (sides[d] as number));
    if (outputSize === null) return unpool(input, indices, usual, steps, sides);
    if (!Array.isArray(outputSize)) throw expected('an array of whole numbers', 'outputSize', outputSize);
    checkSizes(outputSize, 'outputSize', 0);
    const size = outputSize.slice(-dims);
    const near = usual.every((length, d) => Math.abs((size[d] as number) - length) < (steps[d] as number));
    if (near && (outputSize.length === dims || outputSize.length === dims + 2)) return unpool(input, indices, size, steps, sides);
    throw expected(`sizes less than a step from [${usual.join(', ')}]`, 'outputSize', outputSize);
  };
}

/** Takes `maxPool1d` back: the values at their places in [N, C, L'], zeros elsewhere. */
export const maxUnpool1d = unpooling(1, (input, indices, [length]) =>
  nnFunctional.maxUnpool2d(input.unsqueeze(-1), indices.unsqueeze(-1), [length as number, 1]).squeeze(-1),
);
/** Takes `maxPool2d` back: the values at their places in [N, C, H', W'], zeros elsewhere. */
export const maxUnpool2d = unpooling(2, (input, indices, size) => nnFunctional.maxUnpool2d(input, indices, size));
/** Takes `maxPool3d` back: the values at their places in [N, C, D', H', W'], zeros elsewhere. */
export const maxUnpool3d = unpooling(3, nnFunctional.maxUnpool3d);
