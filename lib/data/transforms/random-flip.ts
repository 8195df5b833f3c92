import { checkedOptions } from '../../tensor/checked';
import type { Tensor } from '../../tensor/tensor';
import { horizontalFlip, verticalFlip } from './functional/geometry';
import { probability, type RandomOptions, RandomTransform } from './transform';

export interface RandomFlipOptions extends RandomOptions {
  /** How often. Default 0.5. */
  p?: number;
}

/** Mirrors an image left to right with probability `p`. */
export class RandomHorizontalFlip extends RandomTransform {
  readonly p: number;
  constructor(options?: RandomFlipOptions) {
    const { p = 0.5, ...rest } = checkedOptions(options, 'RandomHorizontalFlip');
    super(rest);
    this.p = probability(p);
  }
  protected override change(images: Tensor): Tensor {
    return this.sometimes(this.p, images, () => horizontalFlip(images));
  }
}

/** Mirrors an image top to bottom with probability `p`. */
export class RandomVerticalFlip extends RandomTransform {
  readonly p: number;
  constructor(options?: RandomFlipOptions) {
    const { p = 0.5, ...rest } = checkedOptions(options, 'RandomVerticalFlip');
    super(rest);
    this.p = probability(p);
  }
  protected override change(images: Tensor): Tensor {
    return this.sometimes(this.p, images, () => verticalFlip(images));
  }
}
