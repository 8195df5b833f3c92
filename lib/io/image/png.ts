/** PNG (https://www.w3.org/TR/png-3/), eight bits a sample, written with the system's zlib and native operators: nothing walks over pixels here. */

import { deflateSync } from 'node:zlib';
import { noGrad } from '../../autograd/modes';
import { crc32 } from '../../libtorch/zip-directory.cjs';
import { checkedOptions } from '../../tensor/checked';
import { expected } from '../../tensor/expected';
import { arange, cat, constantPadNd, stack, where, zerosLike } from '../../tensor/generated/root';
import { scope } from '../../tensor/scope';
import { Tensor } from '../../tensor/tensor';

const SIGNATURE = Buffer.from('\x89PNG\r\n\x1a\n', 'latin1');
/** The format's numbers of gray, RGB and RGBA. */
const COLOR_TYPES: Readonly<Record<number, number>> = { 1: 0, 3: 2, 4: 6 };

export interface EncodePngOptions {
  /** From 0, fast and large, to 9, slow and small. Default 6, torchvision's. */
  compressionLevel?: number;
}

/**
 * The bytes of a PNG file, without a loss.
 *
 * @param image uint8, [1, height, width] gray, [3, height, width] RGB or [4, height, width] RGBA
 * @throws for other dtypes and shapes, and images without pixels
 */
export function encodePng(image: Tensor, options?: EncodePngOptions): Buffer {
  const { compressionLevel = 6 } = checkedOptions(options, 'encodePng');
  if (!(image instanceof Tensor) || image.dtype !== 'uint8') throw expected('a uint8 tensor', 'image', image);
  const [channels = 0, height = 0, width = 0] = image.shape;
  const colorType = COLOR_TYPES[channels];
  if (image.dim() !== 3 || colorType === undefined || height === 0 || width === 0)
    throw expected('[1, 3 or 4 channels, height, width] with pixels', 'image', image);
  if (!Number.isInteger(compressionLevel) || compressionLevel < 0 || compressionLevel > 9)
    throw expected('a whole number from 0 to 9', 'compressionLevel', compressionLevel);
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header[8] = 8;
  header[9] = colorType;
  const data = scope(() =>
    noGrad(() => deflateSync(filtered(image.detach().cpu().permute([1, 2, 0])).toTypedArray() as Uint8Array, { level: compressionLevel })),
  );
  return Buffer.concat([SIGNATURE, chunk('IHDR', header), chunk('IDAT', data), chunk('IEND', Buffer.alloc(0))]);
}

function chunk(name: string, data: Uint8Array): Buffer {
  const named = Buffer.concat([Buffer.from(name, 'latin1'), data]);
  const bytes = Buffer.alloc(4 + named.length + 4);
  bytes.writeUInt32BE(data.length, 0);
  named.copy(bytes, 4);
  bytes.writeUInt32BE(crc32(named), 4 + named.length);
  return bytes;
}

/**
 * Each row with the number of its filter before it. Filters predict a byte from the pixels to the left (a), above (b) and above the
 * one to the left (c) and keep the difference; a row gets the one whose differences, taken as signed, are smallest together, which
 * is the choice that the standard recommends (section 12.7).
 */
function filtered(pixels: Tensor): Tensor {
  const [height, width, channels] = pixels.shape as [number, number, number];
  const x = pixels.to('int16');
  const a = constantPadNd(x, [0, 0, 1, -1]);
  const b = constantPadNd(x, [0, 0, 0, 0, 1, -1]);
  const c = constantPadNd(a, [0, 0, 0, 0, 1, -1]);
  const [toA, toB, toC] = [b.sub(c).abs(), a.sub(c).abs(), a.add(b).sub(c.mul(2)).abs()];
  const paeth = where(toA.le(toB).logicalAnd(toA.le(toC)), a, where(toB.le(toC), b, c));
  const predictions = [zerosLike(x), a, b, a.add(b).bitwiseRightShift(1), paeth];
  const rows = stack(
    predictions.map((prediction) =>
      x
        .sub(prediction)
        .bitwiseAnd(0xff)
        .to('uint8')
        .reshape([height, width * channels]),
    ),
  );
  const cost = rows.view('int8').to('int16').abs().sum(2, { dtype: 'int64' });
  const best = cost.argmin({ dim: 0 });
  return cat([best.to('uint8').unsqueeze(1), rows.index(best, arange(height))], { dim: 1 }).contiguous();
}
