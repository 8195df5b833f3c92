/** PNG and JPEG files as tensors. The decoder is the package @napi-rs/image, which those install who read pictures. */

import { readFileSync } from 'node:fs';
import { endianness } from 'node:os';
import { basename } from 'node:path';
import { optionalPackage } from '../optional-package';
import { checkedOptions } from '../tensor/checked';
import { fromTypedArray } from '../tensor/creation';
import { expected } from '../tensor/expected';
import { scope } from '../tensor/scope';
import type { Tensor } from '../tensor/tensor';
import { findPath } from './find-files';

export interface ReadImageOptions {
  /** Three channels red, green and blue, or one of brightness. Default 'rgb'. */
  mode?: 'rgb' | 'grey';
}

/** Channels and bytes per channel, by the decoder's numbers of its colour types. */
const LAYOUTS: readonly (readonly [channels: number, bytes: number])[] = [
  [1, 1],
  [2, 1],
  [3, 1],
  [4, 1],
  [1, 2],
  [2, 2],
  [3, 2],
  [4, 2],
];

// Pillow's limit: a file that claims to be larger is a mistake or an attack.
const MAX_PIXELS = 178_956_970;

// Deflate compresses by at most 1032 : 1, and a byte holds at most 8 pixels; a JPEG needs a bit for each block of 64.
const MAX_PIXELS_PER_BYTE = 8 * 1032;

/**
 * The picture in a PNG or JPEG file, uint8[3, height, width], or uint8[1, height, width] for `mode: 'grey'`.
 *
 * Of 16 bits the upper 8 count, transparency is dropped, and brightness is (19595 R + 38470 G + 7471 B + 32768) / 65536
 * rounded down (ITU-R 601-2), as Pillow has it. A relative path that leads nowhere is looked for below `$TORCHWRIGHT_DATA`.
 *
 * @throws when there is no such file, it is no whole PNG or JPEG file, or the package @napi-rs/image is not installed
 */
export function readImage(path: string, options?: ReadImageOptions): Tensor {
  const file = findPath(path);
  return decodeImage(readFileSync(file), { ...checkedOptions(options, 'readImage'), name: basename(file) });
}

/**
 * The picture in the bytes of a PNG or JPEG file, as `readImage` gives it.
 *
 * @param options `name`: what the bytes are called in errors
 * @throws as `readImage` does
 */
export function decodeImage(bytes: Uint8Array, options?: ReadImageOptions & { name?: string }): Tensor {
  const { mode = 'rgb', name = 'the buffer' } = checkedOptions(options, 'decodeImage');
  if (mode !== 'rgb' && mode !== 'grey') throw expected("'rgb' or 'grey'", 'mode', mode);
  if (!(bytes instanceof Uint8Array)) throw expected('the bytes of a picture', 'bytes', bytes);
  const { pixels, height, width, colorType } = decode(bytes, name);
  const [channels, size] = LAYOUTS[colorType] ?? [0, 0];
  if (channels === 0 || pixels.length !== height * width * channels * size) {
    throw new Error(`Expected 8 or 16 bits per channel in ${name} but received another kind of pixels`);
  }
  return scope(() => {
    const all = fromTypedArray(pixels, { shape: [height, width, channels, size] });
    const upper = all.select(3, size === 2 && endianness() === 'LE' ? 1 : 0).permute([2, 0, 1]);
    const colours = upper.narrow(0, 0, channels < 3 ? 1 : 3);
    if (mode === 'rgb') return colours.expand([3, height, width]).contiguous();
    if (channels < 3) return colours.contiguous();
    const [red, green, blue] = colours.to('int32').unbind(0) as [Tensor, Tensor, Tensor];
    return red.mul(19595).add(green.mul(38470)).add(blue.mul(7471)).add(32768).bitwiseRightShift(16).to('uint8').unsqueeze(0);
  });
}

interface Decoded {
  readonly pixels: Uint8Array;
  readonly height: number;
  readonly width: number;
  readonly colorType: number;
}

function decode(bytes: Uint8Array, name: string): Decoded {
  const { Transformer } = optionalPackage<typeof import('@napi-rs/image')>('@napi-rs/image', 'PNG and JPEG files');
  const fail = (received: string): Error => new Error(`Expected a whole PNG or JPEG file in ${name} but received ${received}`);
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const isJpeg = view.length > 2 && view.readUInt16BE(0) === 0xffd8;
  if (!isJpeg && !view.subarray(0, 8).equals(PNG_SIGNATURE)) throw fail(view.length === 0 ? 'no bytes' : 'something else');
  // The decoder fills the rest of a cut JPEG with grey. An end marker has to follow the last scan (a thumbnail has both).
  if (isJpeg && view.lastIndexOf(END_OF_IMAGE) < view.lastIndexOf(START_OF_SCAN)) throw fail('one that was cut');
  // The size is read here: the decoder allocates before it finds out that there is too little.
  const size = isJpeg ? jpegSize(view) : pngSize(view);
  if (size === undefined) throw fail('one without a size');
  if (size.width * size.height > Math.min(MAX_PIXELS, MAX_PIXELS_PER_BYTE * view.length)) {
    throw fail(`${size.width} x ${size.height} pixels in ${view.length} bytes`);
  }
  try {
    const { width, height, colorType } = new Transformer(view).metadataSync();
    return { pixels: new Transformer(view).rawPixelsSync(), height, width, colorType };
  } catch (error) {
    throw fail(`one that cannot be read: ${(error as Error).message}`);
  }
}

const PNG_SIGNATURE = Buffer.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a);
const START_OF_SCAN = Buffer.of(0xff, 0xda);
const END_OF_IMAGE = Buffer.of(0xff, 0xd9);

interface Size {
  readonly width: number;
  readonly height: number;
}

/** In the header chunk, which comes first. */
function pngSize(bytes: Buffer): Size | undefined {
  return bytes.length < 24 ? undefined : { width: bytes.readUInt32BE(16), height: bytes.readUInt32BE(20) };
}

/** In the first segment that starts a frame: markers c0 to cf but c4, c8 and cc, which define tables. */
function jpegSize(bytes: Buffer): Size | undefined {
  let at = bytes.indexOf(0xff, 2);
  while (at >= 0 && at + 9 <= bytes.length) {
    const marker = bytes[at + 1] as number;
    const alone = marker === 0xff || marker <= 0x01 || (marker >= 0xd0 && marker <= 0xd9);
    const startsFrame = marker === 0xc0 || (marker > 0xc0 && marker <= 0xcf && marker % 4 !== 0);
    if (startsFrame) return { height: bytes.readUInt16BE(at + 5), width: bytes.readUInt16BE(at + 7) };
    at = bytes.indexOf(0xff, alone ? at + 1 : at + 2 + bytes.readUInt16BE(at + 2));
  }
  return undefined;
}
