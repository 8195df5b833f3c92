/**
 * Fields of protocol buffers, of the kinds that events need: https://protobuf.dev/programming-guides/encoding/
 *
 * A message is the bytes of its fields one after the other.
 */

const VARINT = 0;
const BITS_64 = 1;
const LENGTH = 2;
const BITS_32 = 5;

function varint(value: bigint): Buffer {
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, value); // negative numbers take ten bytes
  for (; rest > 0x7fn; rest >>= 7n) bytes.push(Number(rest & 0x7fn) | 0x80);
  bytes.push(Number(rest));
  return Buffer.from(bytes);
}

const tag = (field: number, kind: number): Buffer => varint(BigInt((field << 3) | kind));

/** A whole number: `int32`, `int64`, an enumeration. */
export function int(field: number, value: number): Buffer {
  return Buffer.concat([tag(field, VARINT), varint(BigInt(value))]);
}

export function double(field: number, value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleLE(value);
  return Buffer.concat([tag(field, BITS_64), bytes]);
}

export function float(field: number, value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeFloatLE(value);
  return Buffer.concat([tag(field, BITS_32), bytes]);
}

/** Bytes, a text, or a message in a message. */
export function bytes(field: number, value: string | Uint8Array): Buffer {
  const content = typeof value === 'string' ? Buffer.from(value) : value;
  return Buffer.concat([tag(field, LENGTH), varint(BigInt(content.length)), content]);
}

export function message(field: number, ...fields: readonly Uint8Array[]): Buffer {
  return bytes(field, Buffer.concat(fields));
}

/** A repeated field of doubles, packed. */
export function doubles(field: number, values: readonly number[]): Buffer {
  const content = Buffer.alloc(8 * values.length);
  for (const [k, value] of values.entries()) content.writeDoubleLE(value, 8 * k);
  return bytes(field, content);
}

/** A repeated field of floats, packed. */
export function floats(field: number, values: readonly number[]): Buffer {
  const content = Buffer.alloc(4 * values.length);
  for (const [k, value] of values.entries()) content.writeFloatLE(value, 4 * k);
  return bytes(field, content);
}
