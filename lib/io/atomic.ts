import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

let written = 0;

/**
 * Writes a file that appears under its name only when it is whole: first beside it, then renamed.
 *
 * @param write gets the open file's descriptor
 */
export function writeAtomically(path: string, write: (file: number) => void): void {
  const aside = join(dirname(path), `.${basename(path)}.${process.pid}.${written++}.tmp`);
  const file = openSync(aside, 'wx');
  try {
    try {
      write(file);
      fsyncSync(file); // the name must not come to disk before the content
    } finally {
      closeSync(file);
    }
    renameSync(aside, path);
    syncFolder(dirname(path));
  } catch (error) {
    rmSync(aside, { force: true });
    throw error;
  }
}

/** Brings the names in a folder to disk: without it a power failure may bring the old file back. */
function syncFolder(path: string): void {
  if (process.platform === 'win32') return; // which cannot open folders
  try {
    const folder = openSync(path, 'r');
    try {
      fsyncSync(folder);
    } finally {
      closeSync(folder);
    }
  } catch {
    // Some network file systems know no such thing; the file is there all the same.
  }
}

/** Systems write at most some two gigabytes at once. */
const LARGEST_WRITE = 1 << 30;

/** Writes all of `bytes`, at the end of what was written or at a position. */
export function writeAll(file: number, bytes: Uint8Array, position: number | null = null): void {
  for (let done = 0; done < bytes.length; ) {
    const count = Math.min(bytes.length - done, LARGEST_WRITE);
    done += writeSync(file, bytes, done, count, position === null ? null : position + done);
  }
}
