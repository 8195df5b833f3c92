/** Resizing, of whole images and of a part of each. */

import { checkedOptions, checkedTensor } from '../../../tensor/checked';
import { expected } from '../../../tensor/expected';
import { arange } from '../../../tensor/generated/root';
import { nnFunctional } from '../../../tensor/operators';
import type { Tensor } from '../../../tensor/tensor';
import { crop, type Size, sizeOf } from './geometry';
import { asColumn, asImages, checkImage, isReal, type PerImage, whiteOf } from './image';

export type Interpolation = 'nearest' | 'bilinear' | 'bicubic';

export interface ResizedCropOptions {
  /** Default `'bilinear'`. */
  interpolation?: Interpolation;
  /** Where the image gets smaller, average over all that a new pixel covers. Default true. */
  antialias?: boolean;
}

export interface ResizeOptions extends ResizedCropOptions {
  /** With one size: the longer side is at most this. Default: no limit. */
  maxSize?: number | null;
}

/**
 * The image in another size: [height, width], or one number for the shorter side, the other in proportion.
 *
 * @throws for `maxSize` beside two sizes, or not above the size
 */
export function resize(image: Tensor, size: Size, options?: ResizeOptions): Tensor {
  checkedTensor(image, 'image');
  checkImage(image, 'resize');
  const { interpolation = 'bilinear', antialias = true, maxSize = null } = checkedOptions(options, 'resize');
  const old: [number, number] = [image.size(-2), image.size(-1)];
  const wanted = outputSize(old, size, maxSize);
  if (wanted[0] === old[0] && wanted[1] === old[1]) return image;
  return asImages(image, (images) => {
    if (interpolation === 'nearest') return nnFunctional.upsampleNearest2d(images, wanted);
    // On the CPU there are kernels for bytes.
    if (isReal(image) || (image.dtype === 'uint8' && image.device === 'cpu')) return interpolate(images, wanted, interpolation, antialias);
    const made = interpolate(images.to('float32'), wanted, interpolation, antialias);
    return made.round().clamp(0, whiteOf(image)).to(image.dtype);
  });
}

function interpolate(images: Tensor, size: readonly [number, number], interpolation: Interpolation, antialias: boolean): Tensor {
  if (interpolation === 'bilinear')
    return antialias
      ? nnFunctional._upsampleBilinear2dAa(images, [...size], false)
      : nnFunctional.upsampleBilinear2d(images, [...size], false);
  if (interpolation === 'bicubic')
    return antialias
      ? nnFunctional._upsampleBicubic2dAa(images, [...size], false)
      : nnFunctional.upsampleBicubic2d(images, [...size], false);
  throw expected("'nearest', 'bilinear' or 'bicubic'", 'interpolation', interpolation);
}

function outputSize([height, width]: readonly [number, number], size: Size, maxSize: number | null): [number, number] {
  if (typeof size !== 'number') {
    if (maxSize !== null) throw expected('one number for size beside maxSize', 'resize', size);
    return sizeOf(size, 'size');
  }
  sizeOf(size, 'size');
  if (maxSize !== null && !(maxSize > size)) throw expected(`a number above ${size}`, 'maxSize', maxSize);
  const [short, long] = height < width ? [height, width] : [width, height];
  let [newShort, newLong] = [size, Math.trunc((size * long) / short)];
  if (maxSize !== null && newLong > maxSize) [newShort, newLong] = [Math.trunc((maxSize * newShort) / newLong), maxSize];
  return height < width ? [newShort, newLong] : [newLong, newShort];
}

/**
 * A part of the image, resized: from row `top` and column `left`, `height` x `width` pixels, each a number or one for each image of a
 * batch.
 *
 * Parts that differ are resized by one matrix product for the rows and one for the columns: row i of the matrix has the weights that the
 * image's rows have in new row i.
 *
 * @throws for `'bicubic'` when the parts differ
 */
export function resizedCrop(
  image: Tensor,
  top: PerImage,
  left: PerImage,
  height: PerImage,
  width: PerImage,
  size: Size,
  options?: ResizedCropOptions,
): Tensor {
  checkedTensor(image, 'image');
  const given = checkedOptions(options, 'resizedCrop');
  checkImage(image, 'resizedCrop');
  const wanted = sizeOf(size, 'size');
  if ([top, left, height, width].every((value) => typeof value === 'number')) {
    return resize(crop(image, top, left, height as number, width as number), wanted, given);
  }
  const { interpolation = 'bilinear', antialias = true } = given;
  if (interpolation === 'bicubic') throw expected("'nearest' or 'bilinear' for parts that differ", 'interpolation', interpolation);
  const real = isReal(image) ? image : image.to('float32');
  const weights = (begin: PerImage, length: PerImage, name: string, old: number, made: number): Tensor =>
    weightsOf(asColumn(begin, image, name), asColumn(length, image, name), old, made, interpolation, antialias).to(real.device, real.dtype);
  const rows = weights(top, height, 'top and height', image.size(-2), wanted[0]);
  const columns = weights(left, width, 'left and width', image.size(-1), wanted[1]);
  const made = rows.unsqueeze(1).matmul(real).matmul(columns.unsqueeze(1).transpose(-2, -1));
  return isReal(image) ? made : made.round().clamp(0, whiteOf(image)).to(image.dtype);
}

/**
 * How much each of `old` pixels counts in each of `made` new ones, for a part [begin, begin + length): [N, made, old], float64.
 *
 * New pixel i lies at (i + 1/2) length / made; a triangle around it gives the weights, one pixel wide to either side, or with `antialias`
 * one new pixel where that is more.
 */
function weightsOf(begin: Tensor, length: Tensor, old: number, made: number, interpolation: Interpolation, antialias: boolean): Tensor {
  const scale = length.div(made).reshape(-1, 1, 1);
  const index = arange(made, { dtype: 'float64' }).reshape(1, -1, 1);
  const place = arange(old, { dtype: 'float64' })
    .reshape(1, 1, -1)
    .sub(begin.reshape(-1, 1, 1));
  const inside = place.ge(0).logicalAnd(place.lt(length.reshape(-1, 1, 1)));
  if (interpolation === 'nearest') return place.eq(index.mul(scale).floor()).logicalAnd(inside).to('float64');
  const width = antialias ? scale.clamp(1) : 1;
  const triangle = place.add(0.5).sub(index.add(0.5).mul(scale)).div(width).abs().neg().add(1).clamp(0).mul(inside);
  return triangle.div(triangle.sum(-1, { keepdim: true }));
}
