/** What the functions on images have in common. Images are [C, H, W], batches of them [N, C, H, W]. */

import { checkedTensor } from '../../../tensor/checked';
import { tensor } from '../../../tensor/creation';
import { expected } from '../../../tensor/expected';
import { Tensor } from '../../../tensor/tensor';
import type { DType } from '../../../tensor/types';

/** One number for all images, or one for each image of a batch: [N]. */
export type PerImage = number | Tensor;

/** A number for all channels, or one for each; null: none. */
export type Fill = number | readonly number[] | null;

/** Whether the elements are real numbers in [0, 1] and not whole ones. */
export function isReal(image: Tensor): boolean {
  checkedTensor(image, 'image');
  return image.isFloatingPoint();
}

/** @throws unless the tensor is [C, H, W] or [N, C, H, W] */
export function checkImage(image: Tensor, where: string): void {
  if (!(image instanceof Tensor) || (image.dim() !== 3 && image.dim() !== 4)) {
    throw expected('an image [C, H, W] or images [N, C, H, W]', where, image);
  }
}

/** @throws unless there are one or three channels */
export function channelsOf(image: Tensor, where: string): 1 | 3 {
  checkedTensor(image, 'image');
  checkImage(image, where);
  const channels = image.size(-3);
  if (channels !== 1 && channels !== 3) throw expected('an image with 1 or 3 channels', where, image);
  return channels;
}

const BITS: Partial<Record<DType, number>> = { uint8: 8, int8: 7, int16: 15, int32: 31, int64: 63 };

/** Bits of a whole number's value. @throws for other dtypes */
export function valueBits(dtype: DType): number {
  const bits = BITS[dtype];
  if (bits === undefined) throw expected('an image of a floating-point or integer dtype', 'the transform', dtype);
  return bits;
}

/** The value of white: 1 for real numbers, the largest whole number else. */
export function whiteOf(image: Tensor): number {
  checkedTensor(image, 'image');
  return isReal(image) ? 1 : 2 ** valueBits(image.dtype) - 1;
}

/** A value per image beside [N, C, H, W]; of one kind with the image, so that the result's dtype is the image's. */
export function beside(value: PerImage, image: Tensor, where: string): number | Tensor {
  checkedTensor(image, 'image');
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw expected('a finite number', where, value);
    return value;
  }
  if (!(value instanceof Tensor) || value.dim() !== 1 || image.dim() !== 4 || value.numel() !== image.size(0)) {
    throw expected(image.dim() === 4 ? `a number or a tensor of ${image.size(0)}` : 'a number', where, value);
  }
  return value.to(image.device, isReal(image) ? image.dtype : 'float32').reshape(-1, 1, 1, 1);
}

/** Values per image as float64[N] on the CPU; a number as [1]. */
export function asColumn(value: PerImage, image: Tensor, where: string): Tensor {
  const checked = beside(value, image, where);
  return typeof checked === 'number' ? tensor([checked], { dtype: 'float64' }) : (value as Tensor).to('cpu', 'float64');
}

/** Works on [N, C, H, W], whatever came. */
export function asImages(image: Tensor, work: (images: Tensor) => Tensor): Tensor {
  checkedTensor(image, 'image');
  return image.dim() === 4 ? work(image) : work(image.unsqueeze(0)).squeeze(0);
}

/** Works on real numbers and rounds the result to the image's dtype. */
export function inReals(image: Tensor, work: (images: Tensor) => Tensor): Tensor {
  checkedTensor(image, 'image');
  if (isReal(image)) return work(image);
  return work(image.to('float32')).round().to(image.dtype);
}
