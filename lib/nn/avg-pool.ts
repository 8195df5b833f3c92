import { checkedOptions } from '../tensor/checked';
import { expected } from '../tensor/expected';
import type { Tensor } from '../tensor/tensor';
import { avgPool1d, avgPool2d, avgPool3d } from './functional';
import { Module } from './module';
import { named } from './repr';
import { checked, type Each, each, type Pair, type Single, type Size, type Triple } from './sizes';

export interface AvgPoolOptions<S extends Size> {
  /** Steps of the window. Default: `kernelSize`. */
  stride?: S;
  /** Zeros added on both sides. Default 0. */
  padding?: S;
  /** Round the output's size up instead of down. Default false. */
  ceilMode?: boolean;
  /** Let the added zeros count in the mean. Default true. */
  countIncludePad?: boolean;
}

export interface AvgPoolDivisorOptions<S extends Size> extends AvgPoolOptions<S> {
  /** What the sums are divided by. Default: the number of elements in the window. */
  divisorOverride?: number | null;
}

/**
 * The mean of each window of a sequence.
 *
 * Shapes: input [N, C, L] or [C, L], output [N, C, L'] with L' = floor((L + 2 padding - kernel) / stride) + 1.
 *
 * @throws for sizes that are no whole numbers
 */
export class AvgPool1d extends Module {
  readonly kernelSize: Each<Single>;
  readonly stride: Each<Single>;
  readonly padding: Each<Single>;
  readonly ceilMode: boolean;
  readonly countIncludePad: boolean;

  constructor(kernelSize: Single, options?: AvgPoolOptions<Single>) {
    super();
    const { stride = kernelSize, padding = 0, ceilMode = false, countIncludePad = true } = checkedOptions(options, 'AvgPool1d');
    this.kernelSize = each(kernelSize, 1, 'kernelSize', 1);
    this.stride = each(stride, 1, 'stride', 1);
    this.padding = each(padding, 1, 'padding');
    this.ceilMode = ceilMode;
    this.countIncludePad = countIncludePad;
  }

  override forward(input: Tensor): Tensor {
    return avgPool1d(input, this.kernelSize, this.stride, this.padding, this.ceilMode, this.countIncludePad);
  }

  protected override extraRepr(): string {
    return named({ kernel_size: this.kernelSize, stride: this.stride, padding: this.padding });
  }
}

const KERNELS = { 2: avgPool2d, 3: avgPool3d } as const;

/** Average pooling in two or three dimensions. */
abstract class AvgPool<S extends Pair | Triple> extends Module {
  readonly kernelSize: S;
  readonly stride: S;
  readonly padding: S;
  readonly ceilMode: boolean;
  readonly countIncludePad: boolean;
  readonly divisorOverride: number | null;
  readonly #dims: 2 | 3;

  constructor(dims: 2 | 3, kernelSize: S, options: AvgPoolDivisorOptions<S>) {
    super();
    const {
      stride = kernelSize,
      padding = 0 as S,
      ceilMode = false,
      countIncludePad = true,
      divisorOverride = null,
    } = checkedOptions(options, this.constructor.name);
    if (divisorOverride === 0) throw expected('a number other than 0', 'divisorOverride', divisorOverride);
    this.kernelSize = checked(kernelSize, dims, 'kernelSize', 1);
    this.stride = checked(stride, dims, 'stride', 1);
    this.padding = checked(padding, dims, 'padding');
    this.ceilMode = ceilMode;
    this.countIncludePad = countIncludePad;
    this.divisorOverride = divisorOverride;
    this.#dims = dims;
  }

  override forward(input: Tensor): Tensor {
    const { kernelSize, stride, padding, ceilMode, countIncludePad, divisorOverride } = this;
    return KERNELS[this.#dims](input, kernelSize, stride, padding, ceilMode, countIncludePad, divisorOverride);
  }

  protected override extraRepr(): string {
    return named({ kernel_size: this.kernelSize, stride: this.stride, padding: this.padding });
  }
}

/**
 * The mean of each window of an image.
 *
 * Shapes: input [N, C, H, W] or [C, H, W], output [N, C, H', W'] with H' = floor((H + 2 padding - kernel) / stride) + 1, W' alike.
 *
 * @throws for sizes that are no whole numbers, and for a divisor of zero
 */
export class AvgPool2d extends AvgPool<Pair> {
  constructor(kernelSize: Pair, options?: AvgPoolDivisorOptions<Pair>) {
    super(2, kernelSize, checkedOptions(options, 'AvgPool2d'));
  }
}

/**
 * The mean of each window of a volume.
 *
 * Shapes: input [N, C, D, H, W] or [C, D, H, W], output [N, C, D', H', W'] with
 * D' = floor((D + 2 padding - kernel) / stride) + 1, H' and W' alike.
 *
 * @throws for sizes that are no whole numbers, and for a divisor of zero
 */
export class AvgPool3d extends AvgPool<Triple> {
  constructor(kernelSize: Triple, options?: AvgPoolDivisorOptions<Triple>) {
    super(3, kernelSize, checkedOptions(options, 'AvgPool3d'));
  }
}
