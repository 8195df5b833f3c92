/** Reads event files from the format's description alone: nothing of it is the package's. */

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** CRC-32C bit by bit. */
function crc32c(bytes: Uint8Array): number {
  let value = 0xffffffff;
  for (const byte of bytes) {
    value ^= byte;
    for (let bit = 0; bit < 8; bit++) value = (value >>> 1) ^ (0x82f63b78 & -(value & 1));
  }
  return ~value >>> 0;
}

function masked(bytes: Uint8Array): number {
  const crc = BigInt(crc32c(bytes));
  return Number((((crc >> 15n) | (crc << 17n)) + 0xa282ead8n) & 0xffffffffn);
}

/** The data of each record. @throws for a checksum that is wrong and a record that is cut short */
export function recordsOf(file: Buffer): Buffer[] {
  const records: Buffer[] = [];
  for (let at = 0; at < file.length; ) {
    const length = Number(file.readBigUInt64LE(at));
    if (file.readUInt32LE(at + 8) !== masked(file.subarray(at, at + 8))) throw new Error(`wrong checksum of the length at ${at}`);
    const data = file.subarray(at + 12, at + 12 + length);
    if (file.readUInt32LE(at + 12 + length) !== masked(data)) throw new Error(`wrong checksum of the data at ${at}`);
    records.push(data);
    at += 12 + length + 4;
  }
  return records;
}

/** Fields by number, in order: bigint for varints, 8 or 4 bytes as they are, else the bytes. */
export type Message = Map<number, (bigint | Buffer)[]>;

export function fieldsOf(message: Buffer): Message {
  const fields: Message = new Map();
  let at = 0;
  const varint = (): bigint => {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = message[at++];
      if (byte === undefined) throw new Error('a varint is cut short');
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return BigInt.asIntN(64, value);
    }
  };
  const take = (count: number): Buffer => {
    if (at + count > message.length) throw new Error('a field is cut short');
    at += count;
    return message.subarray(at - count, at);
  };
  while (at < message.length) {
    const tag = Number(varint());
    const kind = tag & 7;
    const value = kind === 0 ? varint() : kind === 1 ? take(8) : kind === 5 ? take(4) : take(Number(varint()));
    if (![0, 1, 2, 5].includes(kind)) throw new Error(`no such kind of field: ${kind}`);
    fields.set(tag >> 3, [...(fields.get(tag >> 3) ?? []), value]);
  }
  return fields;
}

/** The events of all event files in a folder, in the order of their names. */
export function eventsIn(folder: string): Message[] {
  const files = readdirSync(folder).filter((name) => name.includes('tfevents'));
  return files.sort().flatMap((name) => recordsOf(readFileSync(join(folder, name))).map(fieldsOf));
}

/** The field at a path of numbers, as bytes; undefined when it is missing. */
export function at(message: Message, ...path: readonly number[]): bigint | Buffer | undefined {
  const [first, ...rest] = path as [number, ...number[]];
  const value = message.get(first)?.[0];
  return rest.length === 0 || value === undefined ? value : at(fieldsOf(value as Buffer), ...rest);
}

export function doublesOf(bytes: Buffer): number[] {
  return Array.from({ length: bytes.length / 8 }, (_, k) => bytes.readDoubleLE(8 * k));
}
