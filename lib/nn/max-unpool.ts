import { checkedOptions } from '../tensor/checked';
import type { Tensor } from '../tensor/tensor';
import { maxUnpool1d, maxUnpool2d, maxUnpool3d } from './functional';
import { Module } from './module';
import { named } from './repr';
import { type Dims, type Each, each, type Pair, type Single, type Size, type Triple } from './sizes';

export interface MaxUnpoolOptions<S extends Size> {
  /** Steps of the pooling's window. Default: `kernelSize`. */
  stride?: S;
  /** The pooling's padding. Default 0. */
  padding?: S;
}

export interface MaxUnpoolForwardOptions {
  /** The spatial size of what was pooled, or its whole shape. Default: the smallest that fits. */
  outputSize?: readonly number[] | null;
}

const KERNELS = { 1: maxUnpool1d, 2: maxUnpool2d, 3: maxUnpool3d } as const;

/** The way back from max pooling in one, two or three dimensions. */
abstract class MaxUnpool<S extends Size> extends Module {
  readonly kernelSize: Each<S>;
  readonly stride: Each<S>;
  readonly padding: Each<S>;
  readonly #dims: Dims;

  constructor(dims: Dims, kernelSize: S, options: MaxUnpoolOptions<S>) {
    super();
    const { stride = kernelSize, padding = 0 as S } = checkedOptions(options, this.constructor.name);
    this.kernelSize = each(kernelSize, dims, 'kernelSize', 1);
    this.stride = each(stride, dims, 'stride', 1);
    this.padding = each(padding, dims, 'padding');
    this.#dims = dims;
  }

  override forward(input: Tensor, indices: Tensor, options?: MaxUnpoolForwardOptions): Tensor {
    const { outputSize = null } = checkedOptions(options, 'forward');
    const { kernelSize, stride, padding } = this;
    return KERNELS[this.#dims](input, indices, kernelSize, { stride, padding, outputSize });
  }

  protected override extraRepr(): string {
    return named({ kernel_size: this.kernelSize, stride: this.stride, padding: this.padding });
  }
}

/**
 * Puts the values that `MaxPool1d` gave back at their places; zeros elsewhere.
 *
 * Shapes: input and indices [N, C, L] or [C, L], output [N, C, L'] with L' = (L - 1) stride - 2 padding + kernel unless `outputSize` says otherwise.
 *
 * @throws for sizes that are no whole numbers, and for an `outputSize` that the pooling maps to another size
 */
export class MaxUnpool1d extends MaxUnpool<Single> {
  constructor(kernelSize: Single, options?: MaxUnpoolOptions<Single>) {
    super(1, kernelSize, checkedOptions(options, 'MaxUnpool1d'));
  }
}

/**
 * Puts the values that `MaxPool2d` gave back at their places; zeros elsewhere.
 *
 * Shapes: input and indices [N, C, H, W] or [C, H, W], output [N, C, H', W'] with
 * H' = (H - 1) stride - 2 padding + kernel, W' alike, unless `outputSize` says otherwise.
 *
 * @throws for sizes that are no whole numbers, and for an `outputSize` that the pooling maps to another size
 */
export class MaxUnpool2d extends MaxUnpool<Pair> {
  constructor(kernelSize: Pair, options?: MaxUnpoolOptions<Pair>) {
    super(2, kernelSize, checkedOptions(options, 'MaxUnpool2d'));
  }
}

/**
 * Puts the values that `MaxPool3d` gave back at their places; zeros elsewhere.
 *
 * Shapes: input and indices [N, C, D, H, W] or [C, D, H, W], output [N, C, D', H', W'] with
 * D' = (D - 1) stride - 2 padding + kernel, H' and W' alike, unless `outputSize` says otherwise.
 *
 * @throws for sizes that are no whole numbers, and for an `outputSize` that the pooling maps to another size
 */
export class MaxUnpool3d extends MaxUnpool<Triple> {
  constructor(kernelSize: Triple, options?: MaxUnpoolOptions<Triple>) {
    super(3, kernelSize, checkedOptions(options, 'MaxUnpool3d'));
  }
}
