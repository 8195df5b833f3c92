/** Colours. Factors are a number, or one for each image of a batch. */

import { checkedOptions, checkedTensor } from '../../../tensor/checked';
import { tensor } from '../../../tensor/creation';
import { expected } from '../../../tensor/expected';
import { conv2d, stack, where, zerosLike } from '../../../tensor/generated/root';
import type { Tensor } from '../../../tensor/tensor';
import { toDtype } from './dtype';
import { asImages, beside, channelsOf, isReal, type PerImage, valueBits, whiteOf } from './image';

/** ITU-R BT.601: how bright red, green and blue look. */
const LUMA = [0.2989, 0.587, 0.114] as const;

/** Brightness of each pixel, not yet of the image's dtype: [..., 1, H, W]. */
function luma(image: Tensor): Tensor {
  const [r, g, b] = image.unbind(-3) as [Tensor, Tensor, Tensor];
  return r.mul(LUMA[0]).add(g, { alpha: LUMA[1] }).add(b, { alpha: LUMA[2] }).unsqueeze(-3);
}

/** 0.2989 R + 0.587 G + 0.114 B, in one channel or in three equal ones. @throws unless there are 1 or 3 channels */
export function rgbToGrayscale(image: Tensor, options?: { numOutputChannels?: 1 | 3 }): Tensor {
  checkedTensor(image, 'image');
  const { numOutputChannels = 1 } = checkedOptions(options, 'rgbToGrayscale');
  if (numOutputChannels !== 1 && numOutputChannels !== 3) throw expected('1 or 3', 'numOutputChannels', numOutputChannels);
  const gray = channelsOf(image, 'rgbToGrayscale') === 1 ? image.clone() : luma(image).to(image.dtype);
  return numOutputChannels === 1 ? gray : gray.repeatInterleave(3, -3);
}

/** factor * image in real numbers: whole ones would overflow. */
function scaled(image: Tensor, factor: number | Tensor): Tensor {
  return (isReal(image) ? image : image.to('float32')).mul(factor);
}

/** factor * image + (1 - factor) * other, cut off at black and white. */
function blend(image: Tensor, other: Tensor, factor: number | Tensor): Tensor {
  const rest = typeof factor === 'number' ? other.mul(1 - factor) : other.mul(factor.neg().add(1));
  return scaled(image, factor).add(rest).clamp(0, whiteOf(image)).to(image.dtype);
}

function notNegative(factor: PerImage, image: Tensor, name: string): number | Tensor {
  if (typeof factor === 'number' && !(factor >= 0)) throw expected('a number from 0', name, factor);
  return beside(factor, image, name);
}

/** factor * image: 0 is black, 1 the image. @throws for a factor below 0, and unless there are 1 or 3 channels */
export function adjustBrightness(image: Tensor, brightnessFactor: PerImage): Tensor {
  checkedTensor(image, 'image');
  channelsOf(image, 'adjustBrightness');
  const factor = notNegative(brightnessFactor, image, 'brightnessFactor');
  return scaled(image, factor).clamp(0, whiteOf(image)).to(image.dtype);
}

/** Away from the mean brightness: 0 is plain gray, 1 the image. @throws as `adjustBrightness` */
export function adjustContrast(image: Tensor, contrastFactor: PerImage): Tensor {
  const channels = channelsOf(image, 'adjustContrast');
  const factor = notNegative(contrastFactor, image, 'contrastFactor');
  const gray = channels === 3 ? luma(image) : image;
  const mean = (isReal(image) ? gray : gray.to('float32').floor()).mean([-3, -2, -1], { keepdim: true });
  return blend(image, mean, factor);
}

/** Away from gray: 0 is gray, 1 the image; an image of one channel stays what it is. @throws as `adjustBrightness` */
export function adjustSaturation(image: Tensor, saturationFactor: PerImage): Tensor {
  const channels = channelsOf(image, 'adjustSaturation');
  const factor = notNegative(saturationFactor, image, 'saturationFactor');
  if (channels === 1) return image;
  return blend(image, isReal(image) ? luma(image) : luma(image).floor(), factor);
}

/**
 * Turns the hue by a part of the circle, -0.5 to 0.5; an image of one channel stays what it is.
 *
 * @throws for a factor out of range, and unless there are 1 or 3 channels
 */
export function adjustHue(image: Tensor, hueFactor: PerImage): Tensor {
  checkedTensor(image, 'image');
  const channels = channelsOf(image, 'adjustHue');
  if (typeof hueFactor === 'number' && !(Math.abs(hueFactor) <= 0.5)) throw expected('a number in [-0.5, 0.5]', 'hueFactor', hueFactor);
  const turn = beside(hueFactor, image, 'hueFactor');
  if (channels === 1 || image.numel() === 0) return image;
  const [h, s, v] = rgbToHsv(toDtype(image, 'float32', { scale: true }));
  const turned = h.add(typeof turn === 'number' ? turn : turn.to('float32').squeeze(-3)).remainder(1);
  return toDtype(hsvToRgb(turned, s, v), image.dtype, { scale: true });
}

/** Hue in [0, 1), saturation and value, each [..., H, W]: A. R. Smith, "Color gamut transform pairs", 1978. */
function rgbToHsv(image: Tensor): [Tensor, Tensor, Tensor] {
  const [r, g, b] = image.unbind(-3) as [Tensor, Tensor, Tensor];
  const highest = image.amax(-3);
  const range = highest.sub(image.amin(-3));
  const divisor = where(range.eq(0), 1, range);
  const isRed = highest.eq(r);
  const isGreen = highest.eq(g);
  const fromRed = g.sub(b).div(divisor);
  const fromGreen = b.sub(r).div(divisor).add(2);
  const fromBlue = r.sub(g).div(divisor).add(4);
  const sixths = where(isRed, fromRed, where(isGreen, fromGreen, fromBlue));
  return [sixths.div(6).remainder(1), range.div(where(highest.eq(0), 1, highest)), highest];
}

/** The inverse, without cases: channel n is v - v s max(0, min(k, 4 - k, 1)) with k = (n + 6 h) mod 6, n = 5, 3, 1. */
function hsvToRgb(h: Tensor, s: Tensor, v: Tensor): Tensor {
  const chroma = v.mul(s);
  const channel = (n: number): Tensor => {
    const k = h.mul(6).add(n).remainder(6);
    return v.sub(chroma.mul(k.minimum(k.neg().add(4)).clamp(0, 1)));
  };
  return stack([channel(5), channel(3), channel(1)], -3);
}

/**
 * Away from a blurred image, with weights 1/13 around 5/13: 0 is blurred, 1 the image. The border stays what it is.
 *
 * @throws as `adjustBrightness`
 */
export function adjustSharpness(image: Tensor, sharpnessFactor: PerImage): Tensor {
  checkedTensor(image, 'image');
  const channels = channelsOf(image, 'adjustSharpness');
  const factor = notNegative(sharpnessFactor, image, 'sharpnessFactor');
  if (image.size(-1) <= 2 || image.size(-2) <= 2) return image;
  const real = isReal(image) ? image.clone() : image.to('float32');
  const weights = tensor([1, 1, 1, 1, 5, 1, 1, 1, 1], { dtype: real.dtype, device: real.device })
    .div(13)
    .reshape(1, 1, 3, 3)
    .expand(channels, 1, 3, 3);
  const blurred = asImages(real, (images) => conv2d(images, weights, null, { groups: channels }));
  const smooth = isReal(image) ? blurred : blurred.round();
  const inner = real.narrow(-1, 1, real.size(-1) - 2).narrow(-2, 1, real.size(-2) - 2);
  const difference = smooth.sub(inner);
  inner.add_(typeof factor === 'number' ? difference.mul(1 - factor) : difference.mul(factor.neg().add(1)));
  return real.clamp(0, whiteOf(image)).to(image.dtype);
}

/** The negative. */
export function invert(image: Tensor): Tensor {
  checkedTensor(image, 'image');
  if (isReal(image)) return image.neg().add(1);
  return image.bitwiseXor(whiteOf(image));
}

/** Keeps the upper `bits` of each value. @throws unless 0 <= bits <= 8 */
export function posterize(image: Tensor, bits: number): Tensor {
  checkedTensor(image, 'image');
  if (!Number.isInteger(bits) || bits < 0 || bits > 8) throw expected('a whole number from 0 to 8', 'bits', bits);
  if (isReal(image)) {
    const levels = 2 ** bits;
    return image
      .mul(levels)
      .floor()
      .clamp(0, levels - 1)
      .mul(1 / levels);
  }
  const all = valueBits(image.dtype);
  return bits >= all ? image : image.bitwiseAnd((2 ** bits - 1) * 2 ** (all - bits));
}

/** The negative of values from `threshold` on. @throws for a threshold above white */
export function solarize(image: Tensor, threshold: number): Tensor {
  checkedTensor(image, 'image');
  if (typeof threshold !== 'number' || !(threshold <= whiteOf(image)))
    throw expected(`a number up to ${whiteOf(image)}`, 'threshold', threshold);
  return where(image.ge(threshold), invert(image), image);
}

/** Stretches each channel to black and white; one that is even stays what it is. @throws unless there are 1 or 3 channels */
export function autocontrast(image: Tensor): Tensor {
  checkedTensor(image, 'image');
  channelsOf(image, 'autocontrast');
  const real = isReal(image) ? image : image.to('float32');
  const lowest = real.amin([-2, -1], { keepdim: true });
  const range = real.amax([-2, -1], { keepdim: true }).sub(lowest);
  const even = range.eq(0);
  const white = whiteOf(image);
  const scale = where(even, 1, range.mul(1 / white));
  return real
    .sub(where(even, 0, lowest))
    .div(scale)
    .clamp(0, white)
    .to(image.dtype);
}

/**
 * Spreads the values of each channel evenly over 256 steps, as PIL does: value v becomes (number of pixels below v + step / 2) / step
 * with step = (number of pixels - those of the highest value) / 255, all rounded down.
 */
export function equalize(image: Tensor): Tensor {
  checkedTensor(image, 'image');
  if (image.numel() === 0) return image;
  const bytes = toDtype(image, 'uint8', { scale: true });
  const flat = bytes.flatten(-2).to('int64');
  const histogram = zerosLike(flat.narrow(-1, 0, 1))
    .repeatInterleave(256, -1)
    .scatterAdd(-1, flat, flat.mul(0).add(1));
  const upTo = histogram.cumsum(-1);
  const highest = histogram.gather(-1, flat.amax(-1, { keepdim: true }));
  const step = highest.neg().add(flat.size(-1)).div(255, { roundingMode: 'floor' });
  const divisor = step.clamp(1);
  const table = upTo
    .sub(histogram)
    .add(divisor.div(2, { roundingMode: 'floor' }))
    .div(divisor, { roundingMode: 'floor' })
    .clamp(0, 255);
  const spread = table.gather(-1, flat).to('uint8').reshape(bytes.shape);
  return toDtype(where(step.ne(0).unsqueeze(-1), spread, bytes), image.dtype, { scale: true });
}
