import { checkedOptions } from '../tensor/checked';
import type { Tensor } from '../tensor/tensor';
import { maxPool2d } from './functional';
import { Module } from './module';
import { python } from './repr';
import { type Pair, pair } from './sizes';

export interface MaxPool2dOptions {
  /** Steps of the window. Default: `kernelSize`. */
  stride?: Pair;
  /** Minus infinity added on both sides. Default 0. */
  padding?: Pair;
  /** Distance between the window's elements. Default 1. */
  dilation?: Pair;
  /** Round the output's size up instead of down. Default false. */
  ceilMode?: boolean;
}

/**
 * The largest value in each window of an image.
 *
 * Shapes: input [N, C, H, W], output [N, C, H', W'] with
 * H' = floor((H + 2 padding - dilation (kernel - 1) - 1) / stride) + 1.
 */
export class MaxPool2d extends Module {
  readonly kernelSize: readonly [number, number];
  readonly stride: readonly [number, number];
  readonly padding: readonly [number, number];
  readonly dilation: readonly [number, number];
  readonly ceilMode: boolean;

  constructor(kernelSize: Pair, options?: MaxPool2dOptions) {
    super();
    const { stride = kernelSize, padding = 0, dilation = 1, ceilMode = false } = checkedOptions(options, 'MaxPool2d');
    this.kernelSize = pair(kernelSize, 'kernelSize', 1);
    this.stride = pair(stride, 'stride', 1);
    this.padding = pair(padding, 'padding');
    this.dilation = pair(dilation, 'dilation', 1);
    this.ceilMode = ceilMode;
  }

  override forward(input: Tensor): Tensor {
    const { stride, padding, dilation, ceilMode } = this;
    return maxPool2d(input, this.kernelSize, { stride, padding, dilation, ceilMode });
  }

  protected override extraRepr(): string {
    const short = ([a, b]: readonly [number, number]): string => (a === b ? `${a}` : `(${a}, ${b})`);
    const { kernelSize, stride, padding, dilation, ceilMode } = this;
    return `kernel_size=${short(kernelSize)}, stride=${short(stride)}, padding=${short(padding)}, dilation=${short(dilation)}, ceil_mode=${python(ceilMode)}`;
  }
}
