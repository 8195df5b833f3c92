/** IDX, the file format of MNIST and its relatives: a big-endian header, then the elements in row-major order. */

import { endianness } from 'node:os';
import { basename } from 'node:path';
import { checkedBytes } from '../tensor/checked';
import { readMaybeGzip } from './read-file';

export type IdxArray = Uint8Array | Int8Array | Int16Array | Int32Array | Float32Array | Float64Array;

/** The content of an IDX file: as many elements as the sizes multiply to. */
export interface Idx {
  readonly shape: readonly number[];
  readonly data: IdxArray;
}

interface ElementType {
  readonly bytes: number;
  readonly view: (buffer: ArrayBuffer, offset: number, length: number) => IdxArray;
}

const ELEMENT_TYPES: ReadonlyMap<number, ElementType> = new Map<number, ElementType>([
  [0x08, { bytes: 1, view: (buffer, offset, length) => new Uint8Array(buffer, offset, length) }],
  [0x09, { bytes: 1, view: (buffer, offset, length) => new Int8Array(buffer, offset, length) }],
  [0x0b, { bytes: 2, view: (buffer, offset, length) => new Int16Array(buffer, offset, length) }],
  [0x0c, { bytes: 4, view: (buffer, offset, length) => new Int32Array(buffer, offset, length) }],
  [0x0d, { bytes: 4, view: (buffer, offset, length) => new Float32Array(buffer, offset, length) }],
  [0x0e, { bytes: 8, view: (buffer, offset, length) => new Float64Array(buffer, offset, length) }],
]);

/**
 * Reads an IDX file, gzip-compressed or not (told by its content, not by its name).
 *
 * @throws when the file is no IDX file, or holds more or less than its header says
 */
export function readIdx(path: string): Idx {
  return parseIdx(readMaybeGzip(path), basename(path));
}

/**
 * The array in the bytes of an IDX file.
 *
 * Bytes 0 and 1 are zero, byte 2 is the element type, byte 3 the number of dimensions; then one unsigned 32-bit size per
 * dimension, then the elements, all big-endian.
 *
 * @param name what the bytes are called in errors
 * @throws when the bytes are no IDX file, or are more or fewer than the header says
 */
export function parseIdx(bytes: Uint8Array, name = 'the buffer'): Idx {
  const fail = (what: string, received: string): Error => new Error(`Expected ${what} in ${name} but received ${received}`);
  checkedBytes(bytes, 'parseIdx');
  if (bytes.length < 4) throw fail('an IDX header of at least 4 bytes', `${bytes.length} bytes`);
  if (bytes[0] !== 0 || bytes[1] !== 0) {
    throw fail('an IDX header that starts with two zero bytes', `${hex(bytes[0] ?? 0)} ${hex(bytes[1] ?? 0)}`);
  }
  const code = bytes[2] ?? 0;
  const type = ELEMENT_TYPES.get(code);
  if (type === undefined) throw fail('one of the IDX element types 08, 09, 0b, 0c, 0d, 0e', hex(code));
  const dimensions = bytes[3] ?? 0;
  const header = 4 + 4 * dimensions;
  if (bytes.length < header) throw fail(`an IDX header of ${header} bytes for ${dimensions} dimensions`, `${bytes.length} bytes`);
  const sizes = new DataView(bytes.buffer, bytes.byteOffset, header);
  const shape = Array.from({ length: dimensions }, (_, axis) => sizes.getUint32(4 + 4 * axis));
  const count = shape.reduce((product, size) => product * size, 1);
  if (bytes.length !== header + count * type.bytes) {
    throw fail(`${count * type.bytes} bytes of elements for the shape [${shape.join(', ')}]`, `${bytes.length - header}`);
  }
  // A copy: the elements start at a multiple of four, which eight-byte elements cannot be viewed at.
  const body = new Uint8Array(count * type.bytes);
  body.set(bytes.subarray(header));
  if (type.bytes > 1 && endianness() === 'LE') swapBytes(body, type.bytes);
  return { shape, data: type.view(body.buffer, 0, count) };
}

function swapBytes(bytes: Uint8Array, width: number): void {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  if (width === 2) buffer.swap16();
  else if (width === 4) buffer.swap32();
  else buffer.swap64();
}

function hex(byte: number): string {
  return byte.toString(16).padStart(2, '0');
}
