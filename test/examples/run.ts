import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

const root = join(__dirname, '..', '..');

/** Runs an example in a folder of its own, as its command in `package.json` does. */
export function runExample(
  name: string,
  folder: string,
  args: readonly string[],
): { status: number | null; stdout: string; stderr: string } {
  const tsx = join(root, 'node_modules', 'tsx', 'dist', 'cli.mjs');
  // One thread: the networks are small, and tests run beside each other.
  const env = { ...process.env, OMP_NUM_THREADS: '1' };
  return spawnSync(process.execPath, [tsx, join(root, 'examples', name), ...args], { cwd: folder, encoding: 'utf8', env });
}
