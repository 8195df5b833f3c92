/** What a compiled model asks the system's loader to open. */

import { closeSync, openSync, readSync, writeSync } from 'node:fs';

const STUB = 'libtorch.so';
const REAL = 'libtorch_cpu.so';

const PROGRAM_HEADER = 56;
const DYNAMIC_ENTRY = 16;
const Segment = { load: 1, dynamic: 2 };
const Tag = { needed: 1, strings: 5 };

/**
 * Lets a library on the disk ask for `libtorch_cpu.so`, which is open, in place of `libtorch.so`. The latter has nothing in it and asks
 * for libtorch's other libraries in turn: that of a CUDA build for CUDA's, which a machine without it does not have.
 *
 * What is no 64-bit library of this system's order of bytes stays as it is, for the loader to refuse.
 */
export function needLibtorchCpu(path: string): void {
  const file = openSync(path, 'r+');
  try {
    const bytes = (position: number, count: number): Buffer => {
      const buffer = Buffer.alloc(count); // zeros where the file has ended
      if (Number.isSafeInteger(position)) readSync(file, buffer, 0, count, position);
      return buffer;
    };
    const header = bytes(0, 64);
    if (header.readUInt32BE(0) !== 0x7f454c46 || header[4] !== 2 || header[5] !== 1 || header.readUInt16LE(54) !== PROGRAM_HEADER) return;
    const segments = split(bytes(Number(header.readBigUInt64LE(32)), header.readUInt16LE(56) * PROGRAM_HEADER), PROGRAM_HEADER).map(
      (part) => ({
        kind: part.readUInt32LE(0),
        offset: Number(part.readBigUInt64LE(8)),
        address: Number(part.readBigUInt64LE(16)),
        size: Number(part.readBigUInt64LE(32)),
      }),
    );
    const dynamic = segments.find(({ kind }) => kind === Segment.dynamic);
    if (dynamic === undefined || dynamic.size > 1 << 16) return;
    const entries = split(bytes(dynamic.offset, dynamic.size), DYNAMIC_ENTRY).map((part, k) => ({
      tag: Number(part.readBigUInt64LE(0)),
      value: Number(part.readBigUInt64LE(8)),
      valueAt: dynamic.offset + k * DYNAMIC_ENTRY + 8,
    }));
    const address = entries.find(({ tag }) => tag === Tag.strings)?.value ?? -1;
    const holder = segments.find((part) => part.kind === Segment.load && address >= part.address && address < part.address + part.size);
    if (holder === undefined) return;
    const strings = address - holder.address + holder.offset;
    const named = (value: number, name: string): boolean => bytes(strings + value, name.length + 1).toString('latin1') === `${name}\0`;
    const needed = entries.filter(({ tag }) => tag === Tag.needed);
    const real = needed.find(({ value }) => named(value, REAL));
    if (real === undefined) return;
    const other = Buffer.alloc(8);
    other.writeBigUInt64LE(BigInt(real.value));
    for (const { value, valueAt } of needed) if (named(value, STUB)) writeSync(file, other, 0, 8, valueAt);
  } finally {
    closeSync(file);
  }
}

function split(buffer: Buffer, size: number): Buffer[] {
  return Array.from({ length: Math.floor(buffer.length / size) }, (_, k) => buffer.subarray(k * size, (k + 1) * size));
}
