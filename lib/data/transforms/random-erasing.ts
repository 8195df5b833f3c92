import { checkedOptions } from '../../tensor/checked';
import { randn } from '../../tensor/generated/root';
import type { Tensor } from '../../tensor/tensor';
import { firstFitting } from './first-fitting';
import { erase } from './functional/erase';
import { fillImage } from './functional/fill';
import { OccasionalTransform } from './occasional';
import { type Range, rangeOf } from './transform';
import type { RandomOptions } from './with-generator';

export interface RandomErasingOptions extends RandomOptions {
  /** How often. Default 0.5. */
  p?: number;
  /** Share of the image's area. Default [0.02, 0.33]. */
  scale?: Range;
  /** Height / width. Default [0.3, 3.3]. */
  ratio?: Range;
  /** What is written: a number, one for each channel, or normal noise. Default 0. */
  value?: number | readonly number[] | 'random';
}

/**
 * Writes over a rectangle of random size, shape and place of its own in each image, with probability `p`; not at all when ten rectangles
 * in a row do not fit.
 *
 * Z. Zhong et al., "Random Erasing Data Augmentation", 2017.
 */
export class RandomErasing extends OccasionalTransform {
  readonly scale: Range;
  readonly ratio: Range;
  readonly value: number | readonly number[] | 'random';

  constructor(options?: RandomErasingOptions) {
    const given = checkedOptions(options, 'RandomErasing');
    super(given, 0.5);
    const { scale = [0.02, 0.33], ratio = [0.3, 3.3], value = 0 } = given;
    this.scale = rangeOf(scale, 'scale', 0, 1);
    this.ratio = rangeOf(ratio, 'ratio', Number.MIN_VALUE);
    this.value = value;
  }

  protected override changeAll(images: Tensor): Tensor {
    const [count, , height, width] = images.shape as [number, number, number, number];
    const area = this.uniform([count, 10], ...this.scale).mul(height * width);
    const ratio = this.uniform([count, 10], Math.log(this.ratio[0]), Math.log(this.ratio[1])).exp();
    const [h, w] = [area.mul(ratio).sqrt().round(), area.div(ratio).sqrt().round()];
    const fits = h.lt(height).logicalAnd(w.lt(width));
    const [erasedHeight] = firstFitting(h, fits, 0);
    const [erasedWidth] = firstFitting(w, fits, 0);
    const top = this.below(erasedHeight.neg().add(height + 1));
    const left = this.below(erasedWidth.neg().add(width + 1));
    return erase(images, top, left, erasedHeight, erasedWidth, this.#over(images));
  }

  #over(images: Tensor): Tensor {
    if (this.value !== 'random') return fillImage(this.value, images);
    return randn(images.shape, { generator: this.generator });
  }
}
