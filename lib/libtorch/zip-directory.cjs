// @ts-check
'use strict';
// The directory of a zip file: what is in it and where. Errors go on from "Expected ... a sound zip file, but".

const zlib = require('node:zlib');

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

/**
 * Gives bytes of the file; throws when it has fewer.
 * @typedef {(position: number, length: number) => Buffer} Read
 */

const END = 0x06054b50;
const END_64 = 0x06064b50;
const LOCATOR_64 = 0x07064b50;
const CENTRAL = 0x02014b50;
const LOCAL = 0x04034b50;

/** @type {Int32Array | undefined} */
let table;
/** @param {Uint8Array} data @param {number} value */
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
/** Node has it since 20.15. @type {(data: Uint8Array, value?: number) => number} */
const crc32 = /** @type {any} */ (zlib).crc32 ?? ((/** @type {Uint8Array} */ data, value = 0) => slowCrc32(data, value));

/** @param {Buffer} buffer @param {number} at */
const read64 = (buffer, at) => Number(buffer.readBigUInt64LE(at));

/**
 * The entries of a zip file, also of one larger than 4 GiB.
 * @param {Read} read
 * @param {number} fileSize
 * @returns {Entry[]}
 */
function readDirectory(read, fileSize) {
  const tailLength = Math.min(fileSize, 22 + 0xffff);
  const tail = read(fileSize - tailLength, tailLength);
  let end = tailLength - 22;
  while (end >= 0 && !(tail.readUInt32LE(end) === END && end + 22 + tail.readUInt16LE(end + 20) <= tailLength)) end--;
  if (end < 0) throw new Error('it has no zip directory');
  let count = tail.readUInt16LE(end + 10);
  let length = tail.readUInt32LE(end + 12);
  let position = tail.readUInt32LE(end + 16);
  if ((count === 0xffff || length === 0xffffffff || position === 0xffffffff) && end >= 20 && tail.readUInt32LE(end - 20) === LOCATOR_64) {
    const record = read(read64(tail, end - 12), 56);
    if (record.readUInt32LE(0) !== END_64) throw new Error('its zip64 directory is damaged');
    count = read64(record, 32);
    length = read64(record, 40);
    position = read64(record, 48);
  }
  if (position + length > fileSize) throw new Error('its zip directory points past its end');
  const directory = read(position, length);
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
 * Where an entry's bytes begin.
 * @param {Read} read @param {Entry} entry
 */
function dataStart(read, entry) {
  const header = read(entry.offset, 30);
  if (header.readUInt32LE(0) !== LOCAL) throw new Error(`its entry ${entry.name} is damaged`);
  return entry.offset + 30 + header.readUInt16LE(26) + header.readUInt16LE(28);
}

module.exports = { crc32, dataStart, readDirectory };
