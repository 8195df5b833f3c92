// @ts-check
'use strict';
// Unpacks zip files (wheels are zip files too), also larger than 4 GiB: reads the central directory, inflates each
// wanted entry as a stream, checks its size and CRC-32, and refuses names that lead out of the target folder.

const fs = require('node:fs');
const path = require('node:path');
const zlib = require('node:zlib');
const { pipeline } = require('node:stream/promises');
const { Transform } = require('node:stream');

/**
 * @typedef {object} Entry
 * @property {string} name
 * @property {number} method 0 stored, 8 deflated
 * @property {number} flags
 * @property {number} crc
 * @property {number} compressed
 * @property {number} size
 * @property {number} offset of its local header
 * @property {number} mode Unix mode, 0 when not given
 */

const END = 0x06054b50;
const END_64 = 0x06064b50;
const LOCATOR_64 = 0x07064b50;
const CENTRAL = 0x02014b50;
const LOCAL = 0x04034b50;
const WHOLE_AT_ONCE = 4 << 20;

/** @type {Int32Array | undefined} */
let table;
/** @param {Buffer} data @param {number} value */
function slowCrc32(data, value) {
  if (!table) {
    table = new Int32Array(256);
    for (let i = 0; i < 256; i++) {
      let c = i;
      for (let k = 0; k < 8; k++) c = c & 1 ? (c >>> 1) ^ 0xedb88320 : c >>> 1;
      table[i] = c;
    }
  }
  let crc = ~value;
  for (let i = 0; i < data.length; i++) crc = table[(crc ^ data[i]) & 255] ^ (crc >>> 8);
  return ~crc >>> 0;
}
/** Node has it since 20.15. @type {(data: Buffer, value?: number) => number} */
const crc32 = /** @type {any} */ (zlib).crc32 ?? ((/** @type {Buffer} */ data, value = 0) => slowCrc32(data, value));

/** @param {number} fd @param {number} position @param {number} length */
function readAt(fd, position, length) {
  const buffer = Buffer.alloc(length);
  let done = 0;
  while (done < length) {
    const n = fs.readSync(fd, buffer, done, length - done, position + done);
    if (n === 0) throw new Error('the file ends too early');
    done += n;
  }
  return buffer;
}

/** @param {Buffer} buffer @param {number} at */
const read64 = (buffer, at) => Number(buffer.readBigUInt64LE(at));

/**
 * The entries of a zip file.
 * @param {number} fd
 * @returns {Entry[]}
 */
function readDirectory(fd) {
  const fileSize = fs.fstatSync(fd).size;
  const tailLength = Math.min(fileSize, 22 + 0xffff);
  const tail = readAt(fd, fileSize - tailLength, tailLength);
  let end = tailLength - 22;
  while (end >= 0 && !(tail.readUInt32LE(end) === END && end + 22 + tail.readUInt16LE(end + 20) <= tailLength)) end--;
  if (end < 0) throw new Error('it has no zip directory');
  let count = tail.readUInt16LE(end + 10);
  let length = tail.readUInt32LE(end + 12);
  let position = tail.readUInt32LE(end + 16);
  if ((count === 0xffff || length === 0xffffffff || position === 0xffffffff) && end >= 20 && tail.readUInt32LE(end - 20) === LOCATOR_64) {
    const record = readAt(fd, read64(tail, end - 12), 56);
    if (record.readUInt32LE(0) !== END_64) throw new Error('its zip64 directory is damaged');
    count = read64(record, 32);
    length = read64(record, 40);
    position = read64(record, 48);
  }
  if (position + length > fileSize) throw new Error('its zip directory points past its end');
  const directory = readAt(fd, position, length);
  /** @type {Entry[]} */
  const entries = [];
  for (let at = 0; entries.length < count; ) {
    if (at + 46 > length || directory.readUInt32LE(at) !== CENTRAL) throw new Error('its zip directory is damaged');
    const nameLength = directory.readUInt16LE(at + 28);
    const extraLength = directory.readUInt16LE(at + 30);
    const next = at + 46 + nameLength + extraLength + directory.readUInt16LE(at + 32);
    if (next > length) throw new Error('its zip directory is damaged');
    const entry = {
      flags: directory.readUInt16LE(at + 8),
      method: directory.readUInt16LE(at + 10),
      crc: directory.readUInt32LE(at + 16),
      compressed: directory.readUInt32LE(at + 20),
      size: directory.readUInt32LE(at + 24),
      mode: directory.readUInt32LE(at + 38) >>> 16,
      offset: directory.readUInt32LE(at + 42),
      name: directory.toString('utf8', at + 46, at + 46 + nameLength),
    };
    // zip64 keeps the numbers that do not fit in an extra field, in this order and only those.
    const extraEnd = at + 46 + nameLength + extraLength;
    for (let extra = at + 46 + nameLength; extra + 4 <= extraEnd; ) {
      const id = directory.readUInt16LE(extra);
      const bytes = directory.readUInt16LE(extra + 2);
      if (id === 1) {
        let field = extra + 4;
        for (const key of /** @type {const} */ (['size', 'compressed', 'offset'])) {
          if (entry[key] !== 0xffffffff) continue;
          if (field + 8 > extra + 4 + bytes) throw new Error(`its entry ${entry.name} is damaged`);
          entry[key] = read64(directory, field);
          field += 8;
        }
      }
      extra += 4 + bytes;
    }
    entries.push(entry);
    at = next;
  }
  return entries;
}

/**
 * Where an entry goes, or an error when its name leads elsewhere.
 * @param {string} target @param {string} name
 */
function placeFor(target, name) {
  const parts = name.replace(/\\/g, '/').split('/');
  const bad = name.includes('\0') || path.isAbsolute(name) || /^[A-Za-z]:/.test(name) || parts[0] === '' || parts.includes('..');
  if (bad) throw new Error(`its entry ${JSON.stringify(name)} leads out of the folder that it is unpacked to`);
  return path.join(target, ...parts);
}

/**
 * Unpacks a zip file.
 * @param {string} file
 * @param {string} target folder
 * @param {{ want?: (name: string) => boolean, onProgress?: (done: number, total: number) => void, signal?: AbortSignal }} [options]
 * @returns {Promise<string[]>} the names of what was unpacked
 */
async function unzip(file, target, options = {}) {
  const { want = () => true, onProgress, signal } = options;
  const fd = fs.openSync(file, 'r');
  try {
    const entries = readDirectory(fd);
    for (const entry of entries) placeFor(target, entry.name); // one bad name spoils all of it, before anything is written
    const wanted = entries.filter((entry) => want(entry.name));
    const total = wanted.reduce((sum, entry) => sum + entry.size, 0);
    let done = 0;
    /** @type {Set<string>} */
    const folders = new Set();
    for (const entry of wanted) {
      signal?.throwIfAborted();
      const place = placeFor(target, entry.name);
      const isFolder = entry.name.endsWith('/');
      const folder = isFolder ? place : path.dirname(place);
      if (!folders.has(folder)) {
        fs.mkdirSync(folder, { recursive: true });
        folders.add(folder);
      }
      if (isFolder) continue;
      const before = done;
      await extract(file, fd, entry, place, signal, (bytes) => onProgress?.(before + bytes, total));
      done += entry.size;
      onProgress?.(done, total);
    }
    return wanted.map((entry) => entry.name);
  } catch (error) {
    const problem = /** @type {NodeJS.ErrnoException} */ (error);
    if (signal?.aborted || problem.syscall) throw error; // a full disk, say, is no fault of the archive
    throw new Error(`Expected ${path.basename(file)} to be a sound zip file, but ${problem.message}.`, { cause: error });
  } finally {
    fs.closeSync(fd);
  }
}

/**
 * @param {string} file @param {number} fd @param {Entry} entry @param {string} place @param {AbortSignal | undefined} signal
 * @param {(bytes: number) => void} onBytes
 */
async function extract(file, fd, entry, place, signal, onBytes) {
  if (entry.flags & 1) throw new Error(`its entry ${entry.name} is encrypted`);
  if (entry.method !== 0 && entry.method !== 8)
    throw new Error(`its entry ${entry.name} is packed with method ${entry.method}, expected 0 or 8`);
  const header = readAt(fd, entry.offset, 30);
  if (header.readUInt32LE(0) !== LOCAL) throw new Error(`its entry ${entry.name} is damaged`);
  const start = entry.offset + 30 + header.readUInt16LE(26) + header.readUInt16LE(28);
  const mode = entry.mode & 0o111 ? 0o755 : 0o644;
  let crc = 0;
  let size = 0;
  /** @param {Buffer} chunk */
  const count = (chunk) => {
    crc = crc32(chunk, crc);
    size += chunk.length;
    if (size > entry.size) throw new Error(`its entry ${entry.name} is larger than it says`);
  };
  if (entry.size <= WHOLE_AT_ONCE && entry.compressed <= WHOLE_AT_ONCE) {
    const packed = readAt(fd, start, entry.compressed);
    const data = entry.method === 8 ? zlib.inflateRawSync(packed, { maxOutputLength: Math.max(entry.size, 1) }) : packed;
    count(data);
    fs.writeFileSync(place, data, { mode });
  } else {
    const counter = new Transform({
      transform(chunk, _encoding, next) {
        try {
          count(chunk);
          onBytes(size);
          next(null, chunk);
        } catch (error) {
          next(/** @type {Error} */ (error));
        }
      },
    });
    // A stream of its own file descriptor: it closes it when it fails, and `fd` is still needed.
    const source = fs.createReadStream(file, { start, end: start + entry.compressed - 1, highWaterMark: 1 << 20 });
    const output = fs.createWriteStream(place, { mode, highWaterMark: 1 << 20 });
    if (entry.method === 8) await pipeline(source, zlib.createInflateRaw({ chunkSize: 1 << 20 }), counter, output, { signal });
    else await pipeline(source, counter, output, { signal });
  }
  if (size !== entry.size) throw new Error(`its entry ${entry.name} has ${size} bytes, expected ${entry.size}`);
  if (crc !== entry.crc) throw new Error(`its entry ${entry.name} has a wrong checksum (CRC-32)`);
}

module.exports = { unzip };
