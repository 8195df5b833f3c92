/** Means and p-norms of windows. */

import { checkedOptions, checkedTensor } from '../../tensor/checked';
import { expected } from '../../tensor/expected';
import * as root from '../../tensor/generated/root';
import { nnFunctional } from '../../tensor/operators';
import type { Tensor } from '../../tensor/tensor';
import { maxPool1d, maxPool2d, maxPool3d } from './max-pooling';
import { fillSizes, type Sizes } from './sizes';

export const { avgPool1d } = root;
export const { avgPool2d, avgPool3d } = nnFunctional;

/** Means of as many windows as `outputSize` says, where null stands for the input's own size. */
export type AdaptiveAvgPool = (input: Tensor, outputSize: number | readonly (number | null)[]) => Tensor;

function adaptive(pool: (input: Tensor, outputSize: Sizes) => Tensor): AdaptiveAvgPool {
  return (input, outputSize) => pool(input, fillSizes(outputSize, input));
}

/** The means of as many windows as `outputSize` says, over [N, C, L]. */
export const adaptiveAvgPool1d = adaptive(root.adaptiveAvgPool1d);
/** The means of as many windows as `outputSize` says, over [N, C, H, W]. */
export const adaptiveAvgPool2d = adaptive(nnFunctional.adaptiveAvgPool2d);
/** The means of as many windows as `outputSize` says, over [N, C, D, H, W]. */
export const adaptiveAvgPool3d = adaptive(nnFunctional.adaptiveAvgPool3d);

export interface LpPoolOptions {
  /** Steps of the window. Default: `kernelSize`. */
  stride?: Sizes | null;
  /** Round the output's size up instead of down. Default false. */
  ceilMode?: boolean;
}

/** The p-norm of each window, `(sum x^p)^(1/p)`: its sum for p = 1, its maximum for p = Infinity. */
export type LpPool = (input: Tensor, normType: number, kernelSize: Sizes, options?: LpPoolOptions) => Tensor;

type Pool = (input: Tensor, kernelSize: Sizes, options: { stride: Sizes; ceilMode: boolean }) => Tensor;

function lpPooling(dims: 1 | 2 | 3, avgPool: Pool, maxPool: Pool): LpPool {
  return (input, normType, kernelSize, options) => {
    const { stride = null, ceilMode = false } = checkedOptions(options, `lpPool${dims}d`);
    if (typeof normType !== 'number' || normType === 0 || Number.isNaN(normType))
      throw expected('a number other than 0', 'normType', normType);
    checkedTensor(input, 'input');
    const windows = { stride: stride ?? kernelSize, ceilMode };
    if (normType === Number.POSITIVE_INFINITY) return maxPool(input.abs(), kernelSize, windows);
    if (normType === Number.NEGATIVE_INFINITY) return maxPool(input.abs().neg(), kernelSize, windows).neg();
    const mean = avgPool(input.pow(normType), kernelSize, windows);
    const count = typeof kernelSize === 'number' ? kernelSize ** dims : kernelSize.reduce((product, size) => product * size, 1);
    // Equal to the mean itself, but without a gradient where it is zero: PyTorch's form.
    return mean
      .sign()
      .mul(mean.abs().relu())
      .mul(count)
      .pow(1 / normType);
  };
}

/** The p-norm of each window of [N, C, L] or [C, L]. */
export const lpPool1d = lpPooling(1, avgPool1d, maxPool1d);
/** The p-norm of each window of [N, C, H, W] or [C, H, W]. */
export const lpPool2d = lpPooling(2, avgPool2d, maxPool2d);
/** The p-norm of each window of [N, C, D, H, W] or [C, D, H, W]. */
export const lpPool3d = lpPooling(3, avgPool3d, maxPool3d);
