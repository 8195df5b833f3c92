import { checkedOptions } from '../tensor/checked';
import type { Tensor } from '../tensor/tensor';
import { Elementwise } from './elementwise';
import { fold, unfold } from './functional';
import { named } from './repr';
import { checked, type Pair } from './sizes';

export interface FoldOptions {
  /** Distance between the window's elements. Default 1. */
  dilation?: Pair;
  /** Zeros added on both sides. Default 0. */
  padding?: Pair;
  /** Steps of the window. Default 1. */
  stride?: Pair;
}

/** The windows of images. */
abstract class Windows extends Elementwise {
  readonly kernelSize: Pair;
  readonly dilation: Pair;
  readonly padding: Pair;
  readonly stride: Pair;

  constructor(kernelSize: Pair, options: FoldOptions) {
    super();
    const { dilation = 1, padding = 0, stride = 1 } = checkedOptions(options, this.constructor.name);
    this.kernelSize = checked(kernelSize, 2, 'kernelSize', 1);
    this.dilation = checked(dilation, 2, 'dilation', 1);
    this.padding = checked(padding, 2, 'padding');
    this.stride = checked(stride, 2, 'stride', 1);
  }

  protected override extraRepr(): string {
    return named({ kernel_size: this.kernelSize, dilation: this.dilation, padding: this.padding, stride: this.stride });
  }
}

/**
 * The windows of an image as columns.
 *
 * Shapes: input [N, C, H, W] or [C, H, W], output [N, C kernel area, windows].
 *
 * @throws for sizes that are no whole numbers
 */
export class Unfold extends Windows {
  constructor(kernelSize: Pair, options?: FoldOptions) {
    super(kernelSize, checkedOptions(options, 'Unfold'));
  }

  override forward(input: Tensor): Tensor {
    return unfold(input, this.kernelSize, this);
  }
}

/**
 * The sum of windows where they overlap.
 *
 * Shapes: input [N, C kernel area, windows] or [C kernel area, windows], output [N, C, ...outputSize].
 *
 * @throws for sizes that are no whole numbers, and in `forward` for another number of windows than the output has
 */
export class Fold extends Windows {
  readonly outputSize: Pair;

  constructor(outputSize: Pair, kernelSize: Pair, options?: FoldOptions) {
    super(kernelSize, checkedOptions(options, 'Fold'));
    this.outputSize = checked(outputSize, 2, 'outputSize', 1);
  }

  override forward(input: Tensor): Tensor {
    return fold(input, this.outputSize, this.kernelSize, this);
  }

  protected override extraRepr(): string {
    return `${named({ output_size: this.outputSize })}, ${super.extraRepr()}`;
  }
}
