/** Images as the columns of their windows, and back. */

import { checkedOptions } from '../../tensor/checked';
import { nnFunctional } from '../../tensor/operators';
import type { Tensor } from '../../tensor/tensor';
import type { Sizes } from './sizes';

export interface WindowOptions {
  /** Distance between the window's elements. Default 1. */
  dilation?: Sizes;
  /** Zeros added on both sides. Default 0. */
  padding?: Sizes;
  /** Steps of the window. Default 1. */
  stride?: Sizes;
}

/** The windows of an image [N, C, H, W] as columns [N, C kernel area, windows]. */
export function unfold(input: Tensor, kernelSize: Sizes, options?: WindowOptions): Tensor {
  const { dilation = 1, padding = 0, stride = 1 } = checkedOptions(options, 'unfold');
  return nnFunctional.im2col(input, kernelSize, dilation, padding, stride);
}

/** The sum of windows [N, C kernel area, windows] where they overlap: an image [N, C, ...outputSize]. */
export function fold(input: Tensor, outputSize: Sizes, kernelSize: Sizes, options?: WindowOptions): Tensor {
  const { dilation = 1, padding = 0, stride = 1 } = checkedOptions(options, 'fold');
  return nnFunctional.col2im(input, outputSize, kernelSize, dilation, padding, stride);
}
