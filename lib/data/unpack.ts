/** Unpacks the archives that datasets of many files come in. */

import { existsSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { acquire } from '../libtorch/lock.cjs';
import { unzip } from '../libtorch/unzip.cjs';

/**
 * Unpacks `name.zip` beside itself, unless the folder `name` that is in it is there. It appears when it is whole; two processes at
 * once unpack once.
 *
 * @throws when the archive is damaged or has no such folder, and when nothing can be written there
 */
export async function unpackFolder(where: string, name: string, signal?: AbortSignal): Promise<void> {
  const folder = join(where, name);
  if (existsSync(folder)) return;
  const archive = join(where, `${name}.zip`);
  const begun = join(where, `${name}.partial`);
  const release = await acquire(join(where, '.lock'), signal === undefined ? {} : { signal });
  try {
    if (existsSync(folder)) return; // another process unpacked it meanwhile
    rmSync(begun, { recursive: true, force: true });
    await unzip(archive, begun, signal === undefined ? {} : { signal });
    if (!existsSync(join(begun, name))) throw new Error(`Expected a folder ${name} in ${archive} but found none`);
    renameSync(join(begun, name), folder);
  } finally {
    rmSync(begun, { recursive: true, force: true });
    release();
  }
}
