import { closeSync, fsyncSync, openSync, readdirSync, renameSync, rmSync, writeSync } from 'node:fs';
import { hostname } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { threadId } from 'node:worker_threads';

/** What this process's unfinished files are called, so that those of dead ones can be told from them. */
const HOST = hostname()
  .replace(/[^\w-]/g, '-')
  .slice(0, 60);
const STARTED = Math.round(Date.now() - process.uptime() * 1000);
const MARK = `.${HOST}.${process.pid}.${STARTED}.${threadId}`;
/** The start of a process is known to about this many milliseconds. */
const TOLERANCE = 2000;
let written = 0;

/**
 * Writes a file that appears under its name only when it is whole: first beside it, then renamed.
 *
 * @param write gets the open file's descriptor
 */
export function writeAtomically(path: string, write: (file: number) => void): void {
  const aside = join(dirname(path), `.${basename(path)}${MARK}.${written++}.tmp`);
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

/** Removes what processes of this machine that were killed while they wrote have left: unfinished files whose names `mine` accepts. */
export function removeLeftovers(folder: string, mine: (name: string) => boolean): void {
  for (const file of readdirSync(folder)) {
    const match = /^\.(.+)\.([\w-]+)\.(\d+)\.(\d+)\.\d+\.\d+\.tmp$/.exec(file);
    if (match === null || match[2] !== HOST || !mine(match[1] as string)) continue;
    const [pid, started] = [Number(match[3]), Number(match[4])];
    // A number is used again, by other processes and by containers.
    const alive = pid === process.pid ? Math.abs(started - STARTED) <= TOLERANCE : isAlive(pid);
    if (!alive) rmSync(join(folder, file), { force: true });
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH'; // one of another user is alive
  }
}
