import { checkedOptions } from '../tensor/checked';
import { expected } from '../tensor/expected';
import type { Tensor } from '../tensor/tensor';
import { Convolution, type ConvolutionOptions } from './convolution';
import { conv1d, conv2d, conv3d, pad } from './functional';
import { type Dims, type Each, each, type Pair, type Single, type Size, type Triple } from './sizes';

export type PaddingMode = 'zeros' | 'reflect' | 'replicate' | 'circular';

export interface ConvOptions<S extends Size> extends ConvolutionOptions<S> {
  /** Added on both sides of each spatial dimension; `'same'` keeps the size. Default 0. */
  padding?: S | 'same' | 'valid';
  /** What is added. Default `'zeros'`. */
  paddingMode?: PaddingMode;
}

/** libtorch's function of a convolution. */
type Convolve = (
  input: Tensor,
  weight: Tensor,
  bias: Tensor | null,
  stride: readonly number[],
  padding: readonly number[] | string,
  dilation: readonly number[],
  groups: number,
) => Tensor;

const KERNELS = { 1: conv1d, 2: conv2d, 3: conv3d } as Readonly<Record<Dims, Convolve>>;
const PADDING_MODES: readonly unknown[] = ['zeros', 'reflect', 'replicate', 'circular'];

/** Convolution in one, two or three dimensions. */
abstract class Conv<S extends Size> extends Convolution<S> {
  readonly padding: Each<S> | 'same' | 'valid';
  readonly paddingMode: PaddingMode;
  readonly #convolve: Convolve;
  /** What `pad` adds, for the modes other than zeros. */
  readonly #sides: readonly number[];

  constructor(dims: Dims, inChannels: number, outChannels: number, kernelSize: S, options: ConvOptions<S>) {
    super(dims, false, inChannels, outChannels, kernelSize, options);
    const { padding = 0 as S, paddingMode = 'zeros' } = checkedOptions(options, this.constructor.name);
    if (typeof padding === 'string' && padding !== 'same' && padding !== 'valid')
      throw expected("sizes, 'same' or 'valid'", 'padding', padding);
    if (padding === 'same' && this.stride.some((step) => step !== 1)) throw new RangeError("Expected stride 1 for padding 'same'");
    if (!PADDING_MODES.includes(paddingMode)) throw expected("'zeros', 'reflect', 'replicate' or 'circular'", 'paddingMode', paddingMode);
    this.padding = typeof padding === 'string' ? padding : each(padding, dims, 'padding');
    this.paddingMode = paddingMode;
    this.#convolve = KERNELS[dims];
    this.#sides = paddingSides(this.padding, this.kernelSize, this.dilation);
  }

  override forward(input: Tensor): Tensor {
    const { weight, bias, stride, padding, dilation, groups } = this;
    if (this.paddingMode === 'zeros') return this.#convolve(input, weight, bias, stride, padding, dilation, groups);
    const padded = pad(input, this.#sides, { mode: this.paddingMode });
    return this.#convolve(padded, weight, bias, stride, NO_PADDING[stride.length as Dims], dilation, groups);
  }

  protected override extraRepr(): string {
    const parts = this.describe(this.padding);
    if (this.paddingMode !== 'zeros') parts.push(`padding_mode=${this.paddingMode}`);
    return parts.join(', ');
  }
}

const NO_PADDING: Readonly<Record<Dims, readonly number[]>> = { 1: [0], 2: [0, 0], 3: [0, 0, 0] };

/**
 * One-dimensional convolution (cross-correlation) over sequences.
 *
 * Shapes: input [N, inChannels, L] or [inChannels, L], output [N, outChannels, L'] with
 * L' = floor((L + 2 padding - dilation (kernel - 1) - 1) / stride) + 1; weight [outChannels, inChannels / groups, kernel],
 * bias [outChannels]. Both are initialised uniformly on +-1 / sqrt(inChannels / groups x kernel).
 *
 * @throws for sizes that are no whole numbers, and for channels that `groups` does not divide
 */
export class Conv1d extends Conv<Single> {
  constructor(inChannels: number, outChannels: number, kernelSize: Single, options?: ConvOptions<Single>) {
    super(1, inChannels, outChannels, kernelSize, checkedOptions(options, 'Conv1d'));
  }
}

/**
 * Two-dimensional convolution (cross-correlation) over images.
 *
 * Shapes: input [N, inChannels, H, W] or [inChannels, H, W], output [N, outChannels, H', W'] with
 * H' = floor((H + 2 padding - dilation (kernel - 1) - 1) / stride) + 1, W' alike; weight [outChannels, inChannels / groups,
 * kernel, kernel], bias [outChannels]. Both are initialised uniformly on +-1 / sqrt(inChannels / groups x kernel area).
 *
 * @throws for sizes that are no whole numbers, and for channels that `groups` does not divide
 */
export class Conv2d extends Conv<Pair> {
  constructor(inChannels: number, outChannels: number, kernelSize: Pair, options?: ConvOptions<Pair>) {
    super(2, inChannels, outChannels, kernelSize, checkedOptions(options, 'Conv2d'));
  }
}

/**
 * Three-dimensional convolution (cross-correlation) over volumes.
 *
 * Shapes: input [N, inChannels, D, H, W] or [inChannels, D, H, W], output [N, outChannels, D', H', W'] with
 * D' = floor((D + 2 padding - dilation (kernel - 1) - 1) / stride) + 1, H' and W' alike; weight [outChannels,
 * inChannels / groups, kernel, kernel, kernel], bias [outChannels]. Both are initialised uniformly on
 * +-1 / sqrt(inChannels / groups x kernel volume).
 *
 * @throws for sizes that are no whole numbers, and for channels that `groups` does not divide
 */
export class Conv3d extends Conv<Triple> {
  constructor(inChannels: number, outChannels: number, kernelSize: Triple, options?: ConvOptions<Triple>) {
    super(3, inChannels, outChannels, kernelSize, checkedOptions(options, 'Conv3d'));
  }
}

/** Sizes for `pad`, last dimension first: [left, right, top, bottom]. */
function paddingSides(
  padding: readonly number[] | 'same' | 'valid',
  kernel: readonly number[],
  dilation: readonly number[],
): readonly number[] {
  return [...kernel.keys()].reverse().flatMap((dim) => {
    if (padding === 'valid') return [0, 0];
    if (padding !== 'same') return [padding[dim] as number, padding[dim] as number];
    const total = (dilation[dim] as number) * ((kernel[dim] as number) - 1);
    const left = Math.floor(total / 2);
    return [left, total - left];
  });
}
