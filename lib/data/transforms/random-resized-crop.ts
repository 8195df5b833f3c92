import { checkedOptions } from '../../tensor/checked';
import { where } from '../../tensor/generated/root';
import type { Tensor } from '../../tensor/tensor';
import { firstFitting } from './first-fitting';
import { type Size, sizeOf } from './functional/geometry';
import { type ResizedCropOptions, resizedCrop } from './functional/resize';
import { RandomTransform, type Range, rangeOf } from './transform';
import type { RandomOptions } from './with-generator';

export interface RandomResizedCropOptions extends RandomOptions, ResizedCropOptions {
  /** Share of the image's area. Default [0.08, 1]. */
  scale?: Range;
  /** Width / height. Default [3 / 4, 4 / 3]. */
  ratio?: Range;
  /** Default `'bilinear'`. */
  interpolation?: 'nearest' | 'bilinear';
}

/** How often a rectangle that does not fit is drawn anew, as in torchvision. */
const TRIES = 10;

/**
 * A part of random size, shape and place of its own in each image, resized. When ten rectangles in a row do not fit, it is the largest
 * in the middle whose shape is in range.
 *
 * C. Szegedy et al., "Going deeper with convolutions", 2014.
 */
export class RandomResizedCrop extends RandomTransform {
  readonly size: readonly [height: number, width: number];
  readonly scale: Range;
  readonly ratio: Range;
  readonly options: ResizedCropOptions;

  constructor(size: Size, options?: RandomResizedCropOptions) {
    const given = checkedOptions(options, 'RandomResizedCrop');
    super(given);
    const { scale = [0.08, 1], ratio = [3 / 4, 4 / 3], interpolation = 'bilinear', antialias = true } = given;
    this.size = sizeOf(size, 'size');
    this.scale = rangeOf(scale, 'scale', 0, 1);
    this.ratio = rangeOf(ratio, 'ratio', Number.MIN_VALUE);
    this.options = { interpolation, antialias };
  }

  protected override change(images: Tensor): Tensor {
    const [count, , height, width] = images.shape as [number, number, number, number];
    const area = this.uniform([count, TRIES], ...this.scale).mul(height * width);
    const ratio = this.uniform([count, TRIES], Math.log(this.ratio[0]), Math.log(this.ratio[1])).exp();
    const [w, h] = [area.mul(ratio).sqrt().round(), area.div(ratio).sqrt().round()];
    const fits = w.gt(0).logicalAnd(w.le(width)).logicalAnd(h.gt(0)).logicalAnd(h.le(height));
    const [fallbackHeight, fallbackWidth] = this.#middle(height, width);
    const [cropHeight, fitting] = firstFitting(h, fits, fallbackHeight);
    const [cropWidth] = firstFitting(w, fits, fallbackWidth);
    const place = (whole: number, part: Tensor): Tensor => {
      const free = part.neg().add(whole);
      return where(fitting, this.below(free.add(1)).to('float64'), free.div(2).floor());
    };
    const top = place(height, cropHeight);
    return resizedCrop(images, top, place(width, cropWidth), cropHeight, cropWidth, this.size, this.options);
  }

  #middle(height: number, width: number): [height: number, width: number] {
    const [narrowest, widest] = this.ratio;
    if (width / height < narrowest) return [Math.round(width / narrowest), width];
    return width / height > widest ? [height, Math.round(height * widest)] : [height, width];
  }
}
