import { closeSync, fsyncSync, openSync, renameSync, rmSync } from 'node:fs';
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
  } catch (error) {
    rmSync(aside, { force: true });
    throw error;
  }
}
