/** Reads a file that may be gzip-compressed. */

import { constants } from 'node:buffer';
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { gunzipSync } from 'node:zlib';

// Deflate compresses by at most 1032 : 1, so a file that claims to unpack to more is damaged or hostile.
const MAX_DEFLATE_RATIO = 1032;

/**
 * The bytes of a file, unpacked when they are gzip-compressed (told by the content, not by the name).
 *
 * @throws when there is no such file, or it is a damaged gzip file
 */
export function readMaybeGzip(path: string): Buffer {
  const raw = readFileSync(path);
  if (raw.length < 2 || raw[0] !== 0x1f || raw[1] !== 0x8b) return raw;
  try {
    return gunzipSync(raw, { maxOutputLength: Math.min(raw.length * MAX_DEFLATE_RATIO, constants.MAX_LENGTH) });
  } catch (error) {
    throw new Error(`Expected a whole gzip file in ${basename(path)} but unpacking it failed: ${(error as Error).message}`);
  }
}
