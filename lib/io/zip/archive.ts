/** Reads zip archives whose entries are mostly stored as they are: weights and arrays. */

import { inflateRawSync } from 'node:zlib';
import { dataStart, type Entry, readDirectory } from '../../libtorch/zip-directory.cjs';
import { bufferSource, malformed, type Source } from '../source';

/** Deflate gives at most this many bytes for one. */
const LARGEST_GAIN = 1032;

const STORED = 0;
const DEFLATED = 8;

/** What is in a zip archive. Entries are found at once and read when asked for. */
export class ZipArchive {
  readonly #source: Source;
  readonly #entries: ReadonlyMap<string, Entry>;

  /** @throws when the directory is damaged, names an entry twice, or entries share bytes, by which a small file could claim to be large */
  constructor(source: Source) {
    this.#source = source;
    const entries = this.#sound(() => readDirectory((position, length) => this.#bytes(position, length), source.size));
    this.#entries = new Map(entries.map((entry) => [entry.name, entry]));
    if (this.#entries.size < entries.length) throw malformed(source, 'each zip entry once', `one of the ${entries.length} twice`);
    let end = 0;
    let before = '';
    for (const { name, offset, compressed } of [...entries].sort((a, b) => a.offset - b.offset)) {
      if (offset < end)
        throw malformed(source, 'zip entries behind each other', `${JSON.stringify(name)} inside ${JSON.stringify(before)}`);
      end = offset + compressed;
      before = name;
    }
  }

  /** The entries' names, in the archive's order. */
  names(): string[] {
    return [...this.#entries.keys()];
  }

  has(name: string): boolean {
    return this.#entries.has(name);
  }

  /**
   * Where an entry's bytes lie, and their CRC-32 as the archive tells it, which nobody has compared yet. An entry that is stored as it
   * is stays in the file; a deflated one is inflated.
   * @throws when there is none, or it is encrypted, packed in another way, or does not lie in the file
   */
  open(name: string): { source: Source; begin: number; size: number; crc: number } {
    const entry = this.#entries.get(name);
    if (entry === undefined) throw malformed(this.#source, `a zip entry ${JSON.stringify(name)}`, 'none');
    const { method, size, compressed, crc } = entry;
    const fail = (what: string, received: string): Error =>
      malformed(this.#source, `${what} for the zip entry ${JSON.stringify(name)}`, received);
    if (entry.flags & 1) throw fail('plain bytes', 'encrypted ones');
    const begin = this.#sound(() => dataStart((position, length) => this.#bytes(position, length), entry));
    if (begin + compressed > this.#source.size) throw fail(`${compressed} bytes at ${begin}`, `${this.#source.size - begin}`);
    if (method === STORED) {
      if (size !== compressed) throw fail(`${compressed} bytes, as many as are stored,`, `a size of ${size}`);
      return { source: this.#source, begin, size, crc };
    }
    if (method !== DEFLATED) throw fail('a stored or deflated entry', `packing method ${method}`);
    if (size > compressed * LARGEST_GAIN) throw fail(`at most ${compressed * LARGEST_GAIN} bytes`, `a size of ${size}`);
    let bytes: Buffer;
    try {
      bytes = inflateRawSync(this.#bytes(begin, compressed), { maxOutputLength: Math.max(size, 1) });
    } catch (error) {
      throw fail('deflated bytes', (error as Error).message);
    }
    if (bytes.length !== size) throw fail(`${size} bytes`, `${bytes.length}`);
    return { source: bufferSource(bytes, `${JSON.stringify(name)} of ${this.#source.name}`), begin: 0, size, crc };
  }

  #bytes(position: number, length: number): Buffer {
    const rest = this.#source.size - position;
    if (!(position >= 0 && length <= rest)) throw new Error('the file ends too early');
    const buffer = Buffer.alloc(length);
    this.#source.read(buffer, position);
    return buffer;
  }

  #sound<R>(read: () => R): R {
    try {
      return read();
    } catch (error) {
      throw malformed(this.#source, 'a sound zip archive', `one where ${(error as Error).message}`);
    }
  }
}
