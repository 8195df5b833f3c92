/** Moving whole pixels: flips, crops and borders. */

import { checkedOptions, checkedTensor } from '../../../tensor/checked';
import { expected } from '../../../tensor/expected';
import { arange, constantPadNd } from '../../../tensor/generated/root';
import { slice } from '../../../tensor/indexing';
import type { Tensor } from '../../../tensor/tensor';
import { fillImage } from './fill';
import { beside, checkImage, type Fill, type PerImage } from './image';

/** [height, width], or one number for both. */
export type Size = number | readonly [height: number, width: number];

/** @throws unless the sizes are positive whole numbers */
export function sizeOf(size: Size, where: string): [height: number, width: number] {
  const [height, width] = typeof size === 'number' ? [size, size] : [size?.[0], size?.[1]];
  const good = (value: unknown): boolean => Number.isSafeInteger(value) && (value as number) > 0;
  if (!good(height) || !good(width)) throw expected('a positive whole number, or two of them,', where, size);
  return [height as number, width as number];
}

export function horizontalFlip(image: Tensor): Tensor {
  checkedTensor(image, 'image');
  checkImage(image, 'horizontalFlip');
  return image.flip([-1]);
}

export function verticalFlip(image: Tensor): Tensor {
  checkedTensor(image, 'image');
  checkImage(image, 'verticalFlip');
  return image.flip([-2]);
}

/** One number for all sides, [left and right, top and bottom], or [left, top, right, bottom]. */
export type Padding = number | readonly [x: number, y: number] | readonly [left: number, top: number, right: number, bottom: number];

export type PaddingMode = 'constant' | 'edge' | 'reflect' | 'symmetric';

export interface PadOptions {
  /** Default 0. */
  fill?: Fill;
  /** `'reflect'` does not repeat the border's pixels, `'symmetric'` does. Default `'constant'`. */
  paddingMode?: PaddingMode;
}

/** Left, top, right, bottom. @throws unless the numbers are whole */
export function sidesOf(padding: Padding): [left: number, top: number, right: number, bottom: number] {
  const list: readonly number[] = Array.isArray(padding) ? padding : [padding as number];
  const [a, b = a, c = a, d = b] = list;
  const good = [1, 2, 4].includes(list.length) && list.every((side) => Number.isSafeInteger(side) && side >= 0);
  if (!good) throw expected('1, 2 or 4 whole numbers from 0', 'padding', padding);
  return [a, b, c, d] as [number, number, number, number];
}

/** A border around the image. @throws for `'reflect'` wider than the image less one pixel, `'symmetric'` wider than the image */
export function pad(image: Tensor, padding: Padding, options?: PadOptions): Tensor {
  checkedTensor(image, 'image');
  const { fill = 0, paddingMode = 'constant' } = checkedOptions(options, 'pad');
  checkImage(image, 'pad');
  const [left, top, right, bottom] = sidesOf(padding);
  const [height, width] = [image.size(-2), image.size(-1)];
  switch (paddingMode) {
    case 'constant': {
      if (fill === null || typeof fill === 'number') return constantPadNd(image, [left, right, top, bottom], fill ?? 0);
      const filled = fillImage(fill, image)
        .expand([...image.shape.slice(0, -2), height + top + bottom, width + left + right])
        .clone();
      filled.narrow(-2, top, height).narrow(-1, left, width).copy_(image);
      return filled;
    }
    case 'edge':
    case 'reflect':
    case 'symmetric': {
      const rows = positions(height, top, bottom, paddingMode, image);
      return image.indexSelect(-2, rows).indexSelect(-1, positions(width, left, right, paddingMode, image));
    }
    default:
      throw expected("'constant', 'edge', 'reflect' or 'symmetric'", 'paddingMode', paddingMode);
  }
}

/** Which of `length` pixels stands at each place of a line with a border. */
function positions(length: number, before: number, after: number, mode: 'edge' | 'reflect' | 'symmetric', image: Tensor): Tensor {
  const widest = mode === 'reflect' ? length - 1 : mode === 'symmetric' ? length : Number.POSITIVE_INFINITY;
  if (Math.max(before, after) > widest)
    throw expected(`at most ${widest} for an image of ${length}`, `padding (${mode})`, Math.max(before, after));
  const line = arange(-before, length + after, { dtype: 'int64', device: image.device });
  if (mode === 'edge') return line.clamp(0, length - 1);
  const last = length - 1;
  if (mode === 'reflect') return line.abs().sub(last).abs().neg().add(last);
  const mirrored = line.mul(2).add(1).abs(); // distances to the outer edge in half pixels
  return mirrored
    .sub(2 * length)
    .abs()
    .neg()
    .add(2 * length - 1)
    .div(2, { roundingMode: 'floor' });
}

/**
 * The part from row `top` and column `left`, each a number or one for each image of a batch; what is outside the image is 0 (numbers
 * only).
 *
 * @throws for parts that are partly outside, when the places are tensors
 */
export function crop(image: Tensor, top: PerImage, left: PerImage, height: number, width: number): Tensor {
  checkedTensor(image, 'image');
  checkImage(image, 'crop');
  sizeOf([height, width], 'crop');
  if (typeof top === 'number' && typeof left === 'number') return cropAll(image, top, left, height, width);
  const rows = places(top, image, 'top');
  const columns = places(left, image, 'left');
  // Every part of that size is a view; one index operation picks one for each image.
  const parts = image.unfold(-2, height, 1).unfold(-2, width, 1);
  return parts.index(arange(image.size(0), { device: image.device }), slice(), rows, columns);
}

function cropAll(image: Tensor, top: number, left: number, height: number, width: number): Tensor {
  for (const [name, value] of [
    ['top', top],
    ['left', left],
  ] as const) {
    if (!Number.isSafeInteger(value)) throw expected('a whole number', name, value);
  }
  const [bottom, right] = [top + height - image.size(-2), left + width - image.size(-1)];
  const outside = [-top, -left, bottom, right].some((beyond) => beyond > 0);
  // Negative borders cut off.
  return outside ? constantPadNd(image, [-left, right, -top, bottom]) : image.narrow(-2, top, height).narrow(-1, left, width);
}

function places(value: PerImage, image: Tensor, name: string): Tensor {
  if (typeof value === 'number') return arange(image.size(0), { device: image.device }).mul(0).add(value);
  beside(value, image, name);
  return value.to(image.device, 'int64');
}

/** The middle; a border of 0 where the image is smaller. Half pixels are rounded to even ones. */
export function centerCrop(image: Tensor, outputSize: Size): Tensor {
  checkedTensor(image, 'image');
  checkImage(image, 'centerCrop');
  const [height, width] = sizeOf(outputSize, 'outputSize');
  const [missingRows, missingColumns] = [Math.max(0, height - image.size(-2)), Math.max(0, width - image.size(-1))];
  const half = (missing: number): [number, number] => [Math.floor(missing / 2), Math.ceil(missing / 2)];
  const [[top, bottom], [left, right]] = [half(missingRows), half(missingColumns)];
  const large = missingRows + missingColumns === 0 ? image : pad(image, [left, top, right, bottom]);
  return crop(large, roundHalfEven((large.size(-2) - height) / 2), roundHalfEven((large.size(-1) - width) / 2), height, width);
}

function roundHalfEven(value: number): number {
  const floor = Math.floor(value);
  if (value - floor !== 0.5) return Math.round(value);
  return floor % 2 === 0 ? floor : floor + 1;
}
