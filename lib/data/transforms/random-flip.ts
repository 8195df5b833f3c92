import { checkedOptions } from '../../tensor/checked';
import type { Tensor } from '../../tensor/tensor';
import { horizontalFlip, verticalFlip } from './functional/geometry';
import { OccasionalTransform } from './occasional';
import type { RandomOptions } from './with-generator';

export interface RandomFlipOptions extends RandomOptions {
  /** How often. Default 0.5. */
  p?: number;
}

/** Mirrors an image left to right with probability `p`. */
export class RandomHorizontalFlip extends OccasionalTransform {
  constructor(options?: RandomFlipOptions) {
    super(checkedOptions(options, 'RandomHorizontalFlip'), 0.5);
  }
  protected override changeAll(images: Tensor): Tensor {
    return horizontalFlip(images);
  }
}

/** Mirrors an image top to bottom with probability `p`. */
export class RandomVerticalFlip extends OccasionalTransform {
  constructor(options?: RandomFlipOptions) {
    super(checkedOptions(options, 'RandomVerticalFlip'), 0.5);
  }
  protected override changeAll(images: Tensor): Tensor {
    return verticalFlip(images);
  }
}
