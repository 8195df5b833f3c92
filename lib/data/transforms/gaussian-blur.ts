import { checkedOptions } from '../../tensor/checked';
import { expected } from '../../tensor/expected';
import type { Tensor } from '../../tensor/tensor';
import { gaussianBlur } from './functional/blur';
import { type Size, sizeOf } from './functional/geometry';
import { RandomTransform, type Range, rangeOf } from './transform';
import type { RandomOptions } from './with-generator';

export interface RandomBlurOptions extends RandomOptions {
  /** Range of the standard deviation in pixels. Default [0.1, 2]. */
  sigma?: number | Range;
}

/** Blurs each image by a Gauss of its own. @param kernelSize odd, one number or [x, y] */
export class GaussianBlur extends RandomTransform {
  readonly kernelSize: Size;
  readonly sigma: Range;
  constructor(kernelSize: Size, options?: RandomBlurOptions) {
    const { sigma = [0.1, 2], ...rest } = checkedOptions(options, 'GaussianBlur');
    super(rest);
    if (sizeOf(kernelSize, 'kernelSize').some((size) => size % 2 === 0)) throw expected('odd numbers', 'kernelSize', kernelSize);
    this.kernelSize = kernelSize;
    this.sigma = rangeOf(typeof sigma === 'number' ? [sigma, sigma] : sigma, 'sigma', Number.MIN_VALUE);
  }
  protected override change(images: Tensor): Tensor {
    return gaussianBlur(images, this.kernelSize, { sigma: this.uniform(images.size(0), ...this.sigma) });
  }
}
