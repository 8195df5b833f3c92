/** Writes zip archives of entries that are stored as they are and aligned, so that readers can map them. */

import { deflateRawSync } from 'node:zlib';
import { crc32 } from '../../libtorch/zip-directory.cjs';
import { checkedOptions } from '../../tensor/checked';
import { writeAll } from '../atomic';

const ALIGNMENT = 64;
const STORED = 0;
const DEFLATED = 8;
const LOCAL_HEADER = 30;
/** Where a local header has its checksum. */
const CRC = 14;
const CENTRAL_HEADER = 46;
/** From here on numbers move to the 64-bit fields. */
const LIMIT_32 = 0xffffffff;
const LIMIT_16 = 0xffff;
const VERSION = 45; // the first with 64-bit fields
const UTF8_NAMES = 0x800;
/** 1980-01-01, the first day of the format: the same content gives the same bytes. */
const DATE = 0x21;
const PADDING_FIELD = 0x4246; // 'FB', which PyTorch uses

interface Written {
  readonly name: Buffer;
  readonly crc: number;
  readonly method: number;
  readonly size: number;
  /** Bytes in the archive. */
  readonly packed: number;
  readonly offset: number;
}

export class ZipWriter {
  readonly #file: number;
  readonly #wide: boolean;
  readonly #entries: Written[] = [];
  #at = 0;

  /**
   * @param file descriptor of an empty file
   * @param options `wide`: use the 64-bit fields even where 32 bits would do, for tests. Default false.
   */
  constructor(file: number, options?: { wide?: boolean }) {
    const { wide = false } = checkedOptions(options, 'ZipWriter');
    this.#file = file;
    this.#wide = wide;
  }

  /** Appends an entry of `size` bytes, which `give` puts piece by piece. */
  add(name: string, size: number, give: (put: (bytes: Uint8Array) => void) => void): void {
    const offset = this.#at;
    this.#header(Buffer.from(name), STORED, size, size, 0);
    let crc = 0;
    let count = 0;
    give((bytes) => {
      crc = crc32(bytes, crc);
      count += bytes.length;
      this.#write(bytes);
    });
    if (count !== size) throw new Error(`Expected ${size} bytes for the zip entry ${name} but received ${count}`);
    const sum = Buffer.alloc(4);
    sum.writeUInt32LE(crc);
    writeAll(this.#file, sum, offset + CRC);
    this.#entries.push({ name: Buffer.from(name), crc, method: STORED, size, packed: size, offset });
  }

  /** Appends an entry that takes less room. */
  addDeflated(name: string, bytes: Uint8Array): void {
    const packed = deflateRawSync(bytes);
    const entry = {
      name: Buffer.from(name),
      crc: crc32(bytes),
      method: DEFLATED,
      size: bytes.length,
      packed: packed.length,
      offset: this.#at,
    };
    this.#header(entry.name, DEFLATED, entry.size, entry.packed, entry.crc);
    this.#write(packed);
    this.#entries.push(entry);
  }

  #header(name: Buffer, method: number, size: number, packed: number, crc: number): void {
    const wide = this.#wide || size >= LIMIT_32 || packed >= LIMIT_32;
    const fixed = LOCAL_HEADER + name.length + (wide ? 20 : 0);
    const gap = (ALIGNMENT - ((this.#at + fixed + 4) % ALIGNMENT)) % ALIGNMENT;
    const header = Buffer.alloc(fixed + 4 + gap);
    header.writeUInt32LE(0x04034b50, 0);
    header.writeUInt16LE(VERSION, 4);
    header.writeUInt16LE(UTF8_NAMES, 6);
    header.writeUInt16LE(method, 8);
    header.writeUInt16LE(DATE, 12);
    header.writeUInt32LE(crc, CRC);
    header.writeUInt32LE(wide ? LIMIT_32 : packed, 18);
    header.writeUInt32LE(wide ? LIMIT_32 : size, 22);
    header.writeUInt16LE(name.length, 26);
    header.writeUInt16LE(header.length - LOCAL_HEADER - name.length, 28);
    name.copy(header, LOCAL_HEADER);
    if (wide) writeWide(header, LOCAL_HEADER + name.length, [size, packed]);
    header.writeUInt16LE(PADDING_FIELD, fixed);
    header.writeUInt16LE(gap, fixed + 2);
    this.#write(header);
  }

  /** Writes the directory. */
  end(): void {
    const start = this.#at;
    for (const entry of this.#entries) this.#write(this.#central(entry));
    const length = this.#at - start;
    const count = this.#entries.length;
    if (this.#wide || count >= LIMIT_16 || start + length >= LIMIT_32) {
      const record = Buffer.alloc(56 + 20);
      record.writeUInt32LE(0x06064b50, 0);
      record.writeBigUInt64LE(44n, 4);
      record.writeUInt16LE(VERSION, 12);
      record.writeUInt16LE(VERSION, 14);
      record.writeBigUInt64LE(BigInt(count), 24);
      record.writeBigUInt64LE(BigInt(count), 32);
      record.writeBigUInt64LE(BigInt(length), 40);
      record.writeBigUInt64LE(BigInt(start), 48);
      record.writeUInt32LE(0x07064b50, 56);
      record.writeBigUInt64LE(BigInt(this.#at), 64);
      record.writeUInt32LE(1, 72);
      this.#write(record);
    }
    const end = Buffer.alloc(22);
    end.writeUInt32LE(0x06054b50, 0);
    const short = this.#wide ? LIMIT_16 : Math.min(count, LIMIT_16);
    end.writeUInt16LE(short, 8);
    end.writeUInt16LE(short, 10);
    end.writeUInt32LE(this.#wide ? LIMIT_32 : Math.min(length, LIMIT_32), 12);
    end.writeUInt32LE(this.#wide ? LIMIT_32 : Math.min(start, LIMIT_32), 16);
    this.#write(end);
  }

  #central({ name, crc, method, size, packed, offset }: Written): Buffer {
    const wideSize = this.#wide || size >= LIMIT_32 || packed >= LIMIT_32;
    const wideOffset = this.#wide || offset >= LIMIT_32;
    const extra = [...(wideSize ? [size, packed] : []), ...(wideOffset ? [offset] : [])];
    const header = Buffer.alloc(CENTRAL_HEADER + name.length + (extra.length > 0 ? 4 + 8 * extra.length : 0));
    header.writeUInt32LE(0x02014b50, 0);
    header.writeUInt16LE(VERSION, 4);
    header.writeUInt16LE(VERSION, 6);
    header.writeUInt16LE(UTF8_NAMES, 8);
    header.writeUInt16LE(method, 10);
    header.writeUInt16LE(DATE, 14);
    header.writeUInt32LE(crc, 16);
    header.writeUInt32LE(wideSize ? LIMIT_32 : packed, 20);
    header.writeUInt32LE(wideSize ? LIMIT_32 : size, 24);
    header.writeUInt16LE(name.length, 28);
    header.writeUInt16LE(header.length - CENTRAL_HEADER - name.length, 30);
    header.writeUInt32LE(wideOffset ? LIMIT_32 : offset, 42);
    name.copy(header, CENTRAL_HEADER);
    if (extra.length > 0) writeWide(header, CENTRAL_HEADER + name.length, extra);
    return header;
  }

  #write(bytes: Uint8Array): void {
    writeAll(this.#file, bytes, this.#at);
    this.#at += bytes.length;
  }
}

/** The extra field with the numbers that do not fit in 32 bits. */
function writeWide(header: Buffer, at: number, values: readonly number[]): void {
  header.writeUInt16LE(1, at);
  header.writeUInt16LE(8 * values.length, at + 2);
  for (const [k, value] of values.entries()) header.writeBigUInt64LE(BigInt(value), at + 4 + 8 * k);
}
