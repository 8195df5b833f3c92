import { checkedOptions } from '../tensor/checked';
import { expected } from '../tensor/expected';
import type { Tensor } from '../tensor/tensor';
import { Convolution, type ConvolutionOptions } from './convolution';
import { convTranspose1d, convTranspose2d, convTranspose3d } from './functional';
import { type Dims, type Each, each, type Pair, type Single, type Size, type Triple } from './sizes';

export interface ConvTransposeOptions<S extends Size> extends ConvolutionOptions<S> {
  /** Taken off both sides of each spatial dimension of the output: what the convolution would have added. Default 0. */
  padding?: S;
  /** Added to one side of the output, less than `stride` or `dilation`: tells apart the sizes a convolution maps to the same. Default 0. */
  outputPadding?: S;
}

export interface ConvTransposeForwardOptions {
  /** The spatial size of the output, or its whole shape; it takes the place of `outputPadding`. */
  outputSize?: readonly number[] | null;
}

/** libtorch's function of a transposed convolution. */
type Convolve = (
  input: Tensor,
  weight: Tensor,
  bias: Tensor | null,
  stride: readonly number[],
  padding: readonly number[],
  outputPadding: readonly number[],
  groups: number,
  dilation: readonly number[],
) => Tensor;

const KERNELS: Readonly<Record<Dims, Convolve>> = { 1: convTranspose1d, 2: convTranspose2d, 3: convTranspose3d };

/** Transposed convolution in one, two or three dimensions. */
abstract class ConvTranspose<S extends Size> extends Convolution<S> {
  readonly padding: Each<S>;
  readonly outputPadding: Each<S>;
  readonly #convolve: Convolve;

  constructor(dims: Dims, inChannels: number, outChannels: number, kernelSize: S, options: ConvTransposeOptions<S>) {
    super(dims, true, inChannels, outChannels, kernelSize, options);
    const { padding = 0 as S, outputPadding = 0 as S } = checkedOptions(options, this.constructor.name);
    this.padding = each(padding, dims, 'padding');
    this.outputPadding = each(outputPadding, dims, 'outputPadding');
    this.#convolve = KERNELS[dims];
  }

  override forward(input: Tensor, options?: ConvTransposeForwardOptions): Tensor {
    const { outputSize = null } = checkedOptions(options, 'forward');
    const { weight, bias, stride, padding, outputPadding, groups, dilation } = this;
    const extra = outputSize === null ? outputPadding : this.#extraFor(input, outputSize);
    return this.#convolve(input, weight, bias, stride, padding, extra, groups, dilation);
  }

  /** The output padding that gives an output of this size. */
  #extraFor(input: Tensor, outputSize: readonly number[]): number[] {
    const { kernelSize, stride, padding, dilation } = this;
    const dims = kernelSize.length;
    const [given, size] = [input.shape.slice(-dims), outputSize.slice(-dims)];
    const least = given.map((length, d) => {
      const kernel = (dilation[d] as number) * ((kernelSize[d] as number) - 1) + 1;
      return (length - 1) * (stride[d] as number) - 2 * (padding[d] as number) + kernel;
    });
    const extra = least.map((smallest, d) => (size[d] as number) - smallest);
    const fits = extra.every((more, d) => more >= 0 && more < (stride[d] as number));
    if (fits && (outputSize.length === dims || outputSize.length === input.dim())) return extra;
    const most = least.map((smallest, d) => smallest + (stride[d] as number) - 1);
    throw expected(`sizes from [${least.join(', ')}] to [${most.join(', ')}]`, 'outputSize', outputSize);
  }

  protected override extraRepr(): string {
    return this.describe(this.padding, this.outputPadding).join(', ');
  }
}

/**
 * One-dimensional transposed convolution: the gradient of `Conv1d` with regard to its input, which makes sequences longer.
 *
 * Shapes: input [N, inChannels, L] or [inChannels, L], output [N, outChannels, L'] with
 * L' = (L - 1) stride - 2 padding + dilation (kernel - 1) + outputPadding + 1; weight [inChannels, outChannels / groups,
 * kernel], bias [outChannels]. Both are initialised uniformly on +-1 / sqrt(outChannels / groups x kernel).
 *
 * @throws for sizes that are no whole numbers, for channels that `groups` does not divide, and for an `outputSize` out of reach
 */
export class ConvTranspose1d extends ConvTranspose<Single> {
  constructor(inChannels: number, outChannels: number, kernelSize: Single, options?: ConvTransposeOptions<Single>) {
    super(1, inChannels, outChannels, kernelSize, checkedOptions(options, 'ConvTranspose1d'));
  }
}

/**
 * Two-dimensional transposed convolution: the gradient of `Conv2d` with regard to its input, which makes images larger.
 *
 * Shapes: input [N, inChannels, H, W] or [inChannels, H, W], output [N, outChannels, H', W'] with
 * H' = (H - 1) stride - 2 padding + dilation (kernel - 1) + outputPadding + 1, W' alike; weight [inChannels,
 * outChannels / groups, kernel, kernel], bias [outChannels]. Both are initialised uniformly on
 * +-1 / sqrt(outChannels / groups x kernel area).
 *
 * @throws for sizes that are no whole numbers, for channels that `groups` does not divide, and for an `outputSize` out of reach
 */
export class ConvTranspose2d extends ConvTranspose<Pair> {
  constructor(inChannels: number, outChannels: number, kernelSize: Pair, options?: ConvTransposeOptions<Pair>) {
    super(2, inChannels, outChannels, kernelSize, checkedOptions(options, 'ConvTranspose2d'));
  }
}

/**
 * Three-dimensional transposed convolution: the gradient of `Conv3d` with regard to its input, which makes volumes larger.
 *
 * Shapes: input [N, inChannels, D, H, W] or [inChannels, D, H, W], output [N, outChannels, D', H', W'] with
 * D' = (D - 1) stride - 2 padding + dilation (kernel - 1) + outputPadding + 1, H' and W' alike; weight [inChannels,
 * outChannels / groups, kernel, kernel, kernel], bias [outChannels]. Both are initialised uniformly on
 * +-1 / sqrt(outChannels / groups x kernel volume).
 *
 * @throws for sizes that are no whole numbers, for channels that `groups` does not divide, and for an `outputSize` out of reach
 */
export class ConvTranspose3d extends ConvTranspose<Triple> {
  constructor(inChannels: number, outChannels: number, kernelSize: Triple, options?: ConvTransposeOptions<Triple>) {
    super(3, inChannels, outChannels, kernelSize, checkedOptions(options, 'ConvTranspose3d'));
  }
}
