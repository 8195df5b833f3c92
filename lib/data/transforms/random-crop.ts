import { checkedOptions } from '../../tensor/checked';
import { expected } from '../../tensor/expected';
import type { Tensor } from '../../tensor/tensor';
import { crop, type Padding, type PadOptions, pad, type Size, sidesOf, sizeOf } from './functional/geometry';
import { RandomTransform } from './transform';
import type { RandomOptions } from './with-generator';

export interface RandomCropOptions extends RandomOptions, PadOptions {
  /** A border that is put on first. Default: none. */
  padding?: Padding | null;
  /** Put on a border where the image is smaller than the crop. Default false. */
  padIfNeeded?: boolean;
}

/** A part of the given size, at a random place of its own in each image. @throws (forward) when the image is smaller than that */
export class RandomCrop extends RandomTransform {
  readonly size: readonly [height: number, width: number];
  readonly padding: readonly [left: number, top: number, right: number, bottom: number];
  readonly padIfNeeded: boolean;
  readonly padOptions: PadOptions;

  constructor(size: Size, options?: RandomCropOptions) {
    const { padding = null, padIfNeeded = false, fill = 0, paddingMode = 'constant', ...rest } = checkedOptions(options, 'RandomCrop');
    super(rest);
    this.size = sizeOf(size, 'size');
    this.padding = sidesOf(padding ?? 0);
    this.padIfNeeded = padIfNeeded;
    this.padOptions = { fill, paddingMode };
  }

  protected override change(images: Tensor): Tensor {
    const [height, width] = this.size;
    let [left, top, right, bottom] = this.padding;
    if (this.padIfNeeded) {
      const missing = (wanted: number, has: number): number => Math.max(0, wanted - has);
      const rows = missing(height, images.size(-2) + top + bottom);
      const columns = missing(width, images.size(-1) + left + right);
      [left, top, right, bottom] = [left + columns, top + rows, right + columns, bottom + rows];
    }
    const bordered = left + top + right + bottom === 0 ? images : pad(images, [left, top, right, bottom], this.padOptions);
    const [freeRows, freeColumns] = [bordered.size(-2) - height, bordered.size(-1) - width];
    if (freeRows < 0 || freeColumns < 0) {
      throw expected(`images of at least ${height} x ${width}`, 'RandomCrop', `${bordered.size(-2)} x ${bordered.size(-1)}`);
    }
    const count = images.size(0);
    return crop(bordered, this.integers(count, 0, freeRows + 1), this.integers(count, 0, freeColumns + 1), height, width);
  }
}
