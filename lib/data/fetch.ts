/** Brings a dataset's files into the per-user cache. */

import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { download } from '../libtorch/http.cjs';
import { cacheFolder } from '../libtorch/locate.cjs';
import { acquire } from '../libtorch/lock.cjs';

/** A file that can be downloaded: its name and the SHA-256 of its content. */
export interface RemoteFile {
  readonly name: string;
  readonly sha256: string;
  /** The folder that is in it, for an archive that is unpacked beside itself: when that is there, it is not needed. */
  readonly holds?: string;
}

/** Where downloaded datasets live: `~/.cache/torchwright/datasets`, or the platform's counterpart. */
export function datasetCache(): string {
  return join(dirname(cacheFolder()), 'datasets');
}

// A network that swallows packets must not hold up a program that has something else to fall back on.
const SILENCE_MS = 15_000;

/**
 * Downloads the files that `folder` lacks. Each is checked, and appears under its name only when it is whole; two processes
 * at once download once.
 *
 * @param mirrors addresses to try in turn, each followed by `/` and the file's name
 * @throws when no mirror has a file; the message lists what each answered
 */
export async function fetchFiles(
  folder: string,
  files: readonly RemoteFile[],
  mirrors: readonly string[],
  signal?: AbortSignal,
): Promise<void> {
  const isThere = ({ name, holds = name }: RemoteFile): boolean => existsSync(join(folder, name)) || existsSync(join(folder, holds));
  const missing = files.filter((file) => !isThere(file));
  if (missing.length === 0) return;
  const release = await acquire(join(folder, '.lock'), signal === undefined ? {} : { signal });
  try {
    let usable = [...mirrors];
    for (const file of missing) {
      const path = join(folder, file.name);
      if (isThere(file)) continue; // another process brought it meanwhile
      const problems: string[] = [];
      for (const mirror of usable) {
        try {
          await downloadOrGiveUp(`${mirror}/${file.name}`, path, file.sha256, signal);
          break;
        } catch (error) {
          signal?.throwIfAborted();
          problems.push(`${mirror}: ${(error as Error).message}`);
          usable = usable.filter((other) => other !== mirror);
        }
      }
      if (!existsSync(path)) throw new Error(`Expected to download ${file.name} but\n${problems.map((line) => `  - ${line}`).join('\n')}`);
    }
  } finally {
    release();
  }
}

async function downloadOrGiveUp(url: string, path: string, sha256: string, signal: AbortSignal | undefined): Promise<void> {
  const giveUp = new AbortController();
  const timer = setTimeout(() => {
    if (!existsSync(`${path}.partial`)) giveUp.abort(new Error(`nothing came within ${SILENCE_MS / 1000} s`));
  }, SILENCE_MS);
  const cancel = (): void => giveUp.abort(signal?.reason);
  signal?.throwIfAborted();
  signal?.addEventListener('abort', cancel);
  try {
    await download(url, path, { sha256, signal: giveUp.signal });
  } catch (error) {
    throw giveUp.signal.aborted ? giveUp.signal.reason : error;
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', cancel);
  }
}
