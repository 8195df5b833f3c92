// @ts-check
'use strict';
// Unpacks zip files (wheels are zip files too), also larger than 4 GiB: reads the central directory, inflates each
// wanted entry as a stream, checks its size and CRC-32, and refuses names that lead out of the target folder.

const fs = require('node:fs');
const path = require('node:path');
const zlib = require('node:zlib');
const { pipeline } = require('node:stream/promises');
const { Transform } = require('node:stream');
const { setImmediate: turn } = require('node:timers/promises');
const { crc32, dataStart, readDirectory } = require('./zip-directory.cjs');

/** @typedef {import('./zip-directory.cjs').Entry} Entry */

const WHOLE_AT_ONCE = 4 << 20;
const LONGEST_HOLD_MS = 50;

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
    const size = fs.fstatSync(fd).size;
    const entries = readDirectory((position, length) => readAt(fd, position, length), size);
    for (const entry of entries) placeFor(target, entry.name); // one bad name spoils all of it, before anything is written
    const wanted = entries.filter((entry) => want(entry.name));
    const total = wanted.reduce((sum, entry) => sum + entry.size, 0);
    let done = 0;
    /** @type {Set<string>} */
    const folders = new Set();
    let breath = Date.now();
    for (const entry of wanted) {
      if (Date.now() - breath >= LONGEST_HOLD_MS) {
        // Small entries are written at once; without a turn of the event loop nobody could stop thousands of them.
        await turn();
        breath = Date.now();
      }
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
  const start = dataStart((position, length) => readAt(fd, position, length), entry);
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
