import { checkedOptions } from '../tensor/checked';
import type { Tensor } from '../tensor/tensor';
import { lpPool1d, lpPool2d, lpPool3d } from './functional';
import { Module } from './module';
import { named } from './repr';
import { checked, type Dims, type Pair, type Single, type Size, type Triple } from './sizes';

export interface LPPoolOptions<S extends Size> {
  /** Steps of the window. Default: `kernelSize`. */
  stride?: S | null;
  /** Round the output's size up instead of down. Default false. */
  ceilMode?: boolean;
}

const KERNELS = { 1: lpPool1d, 2: lpPool2d, 3: lpPool3d } as const;

/** Pooling by p-norm in one, two or three dimensions. */
abstract class LPPool<S extends Size> extends Module {
  readonly kernelSize: S;
  readonly stride: S | null;
  readonly ceilMode: boolean;
  readonly #dims: Dims;

  constructor(
    dims: Dims,
    readonly normType: number,
    kernelSize: S,
    options: LPPoolOptions<S>,
  ) {
    super();
    const { stride = null, ceilMode = false } = checkedOptions(options, this.constructor.name);
    this.kernelSize = checked(kernelSize, dims, 'kernelSize', 1);
    this.stride = stride === null ? null : checked(stride, dims, 'stride', 1);
    this.ceilMode = ceilMode;
    this.#dims = dims;
  }

  override forward(input: Tensor): Tensor {
    return KERNELS[this.#dims](input, this.normType, this.kernelSize, { stride: this.stride, ceilMode: this.ceilMode });
  }

  protected override extraRepr(): string {
    const { normType, kernelSize, stride, ceilMode } = this;
    return named({ norm_type: normType, kernel_size: kernelSize, stride, ceil_mode: ceilMode });
  }
}

/**
 * The p-norm of each window of a sequence, `(sum x^p)^(1/p)`: its sum for p = 1, its maximum for p = Infinity.
 *
 * Shapes: input [N, C, L] or [C, L], output [N, C, L'] with L' = floor((L - kernel) / stride) + 1.
 *
 * @throws for sizes that are no whole numbers, and in `forward` for p = 0
 */
export class LPPool1d extends LPPool<Single> {
  constructor(normType: number, kernelSize: Single, options?: LPPoolOptions<Single>) {
    super(1, normType, kernelSize, checkedOptions(options, 'LPPool1d'));
  }
}

/**
 * The p-norm of each window of an image, `(sum x^p)^(1/p)`: its sum for p = 1, its maximum for p = Infinity.
 *
 * Shapes: input [N, C, H, W] or [C, H, W], output [N, C, H', W'] with H' = floor((H - kernel) / stride) + 1, W' alike.
 *
 * @throws for sizes that are no whole numbers, and in `forward` for p = 0
 */
export class LPPool2d extends LPPool<Pair> {
  constructor(normType: number, kernelSize: Pair, options?: LPPoolOptions<Pair>) {
    super(2, normType, kernelSize, checkedOptions(options, 'LPPool2d'));
  }
}

/**
 * The p-norm of each window of a volume, `(sum x^p)^(1/p)`: its sum for p = 1, its maximum for p = Infinity.
 *
 * Shapes: input [N, C, D, H, W] or [C, D, H, W], output [N, C, D', H', W'] with D' = floor((D - kernel) / stride) + 1, H' and W' alike.
 *
 * @throws for sizes that are no whole numbers, and in `forward` for p = 0
 */
export class LPPool3d extends LPPool<Triple> {
  constructor(normType: number, kernelSize: Triple, options?: LPPoolOptions<Triple>) {
    super(3, normType, kernelSize, checkedOptions(options, 'LPPool3d'));
  }
}
