import { checkedOptions } from '../tensor/checked';
import type { Tensor } from '../tensor/tensor';
import { maxPool1d, maxPool2d, maxPool3d, type WithIndices } from './functional';
import { Module } from './module';
import { named } from './repr';
import { checked, type Dims, type Pair, type Single, type Size, type Triple } from './sizes';

export interface MaxPoolOptions<S extends Size, Indices extends boolean = false> {
  /** Steps of the window. Default: `kernelSize`. */
  stride?: S;
  /** Minus infinity added on both sides. Default 0. */
  padding?: S;
  /** Distance between the window's elements. Default 1. */
  dilation?: S;
  /** Give [output, indices], with the positions that `MaxUnpool` takes. Default false. */
  returnIndices?: Indices;
  /** Round the output's size up instead of down. Default false. */
  ceilMode?: boolean;
}

/** What a max pooling gives: the largest values, or [output, indices]. */
export type Pooled<Indices extends boolean> = Indices extends true ? WithIndices : Tensor;

const KERNELS = { 1: maxPool1d, 2: maxPool2d, 3: maxPool3d } as const;

/** Max pooling in one, two or three dimensions. */
abstract class MaxPool<S extends Size, Indices extends boolean> extends Module {
  readonly kernelSize: S;
  readonly stride: S;
  readonly padding: S;
  readonly dilation: S;
  readonly returnIndices: boolean;
  readonly ceilMode: boolean;
  readonly #dims: Dims;

  constructor(dims: Dims, kernelSize: S, options: MaxPoolOptions<S, Indices>) {
    super();
    const {
      stride = kernelSize,
      padding = 0 as S,
      dilation = 1 as S,
      returnIndices = false,
      ceilMode = false,
    } = checkedOptions(options, this.constructor.name);
    this.kernelSize = checked(kernelSize, dims, 'kernelSize', 1);
    this.stride = checked(stride, dims, 'stride', 1);
    this.padding = checked(padding, dims, 'padding');
    this.dilation = checked(dilation, dims, 'dilation', 1);
    this.returnIndices = returnIndices;
    this.ceilMode = ceilMode;
    this.#dims = dims;
  }

  override forward(input: Tensor): Pooled<Indices> {
    const { kernelSize, stride, padding, dilation, ceilMode } = this;
    const pool = KERNELS[this.#dims];
    const result = this.returnIndices
      ? pool(input, kernelSize, { stride, padding, dilation, ceilMode, returnIndices: true })
      : pool(input, kernelSize, stride, padding, dilation, ceilMode);
    return result as Pooled<Indices>;
  }

  protected override extraRepr(): string {
    const { kernelSize, stride, padding, dilation, ceilMode } = this;
    return named({ kernel_size: kernelSize, stride, padding, dilation, ceil_mode: ceilMode });
  }
}

/**
 * The largest value in each window of a sequence.
 *
 * Shapes: input [N, C, L] or [C, L], output [N, C, L'] with L' = floor((L + 2 padding - dilation (kernel - 1) - 1) / stride) + 1.
 *
 * @throws for sizes that are no whole numbers
 */
export class MaxPool1d<Indices extends boolean = false> extends MaxPool<Single, Indices> {
  constructor(kernelSize: Single, options?: MaxPoolOptions<Single, Indices>) {
    super(1, kernelSize, checkedOptions(options, 'MaxPool1d'));
  }
}

/**
 * The largest value in each window of an image.
 *
 * Shapes: input [N, C, H, W] or [C, H, W], output [N, C, H', W'] with
 * H' = floor((H + 2 padding - dilation (kernel - 1) - 1) / stride) + 1, W' alike.
 *
 * @throws for sizes that are no whole numbers
 */
export class MaxPool2d<Indices extends boolean = false> extends MaxPool<Pair, Indices> {
  constructor(kernelSize: Pair, options?: MaxPoolOptions<Pair, Indices>) {
    super(2, kernelSize, checkedOptions(options, 'MaxPool2d'));
  }
}

/**
 * The largest value in each window of a volume.
 *
 * Shapes: input [N, C, D, H, W] or [C, D, H, W], output [N, C, D', H', W'] with
 * D' = floor((D + 2 padding - dilation (kernel - 1) - 1) / stride) + 1, H' and W' alike.
 *
 * @throws for sizes that are no whole numbers
 */
export class MaxPool3d<Indices extends boolean = false> extends MaxPool<Triple, Indices> {
  constructor(kernelSize: Triple, options?: MaxPoolOptions<Triple, Indices>) {
    super(3, kernelSize, checkedOptions(options, 'MaxPool3d'));
  }
}
