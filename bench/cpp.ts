/** Builds the C++ side, once and when its sources changed. */

import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import path from 'node:path';

const ROOT = path.join(__dirname, '..');
const BUILD = path.join(ROOT, 'build', 'bench', 'cpp');

interface Libtorch {
  readonly root: string;
  readonly version: string;
}

/** The program and the libtorch that it is linked against, the one that the package uses. */
export function buildCpp(): { program: string; libtorch: string } {
  const { locateOrThrow } = require('../lib/libtorch/locate.cjs') as { locateOrThrow(options: { needHeaders: true }): Libtorch };
  const libtorch = locateOrThrow({ needHeaders: true });
  mkdirSync(BUILD, { recursive: true });
  cmake('-S', path.join(__dirname, 'cpp'), '-B', BUILD, `-DTORCHWRIGHT_LIBTORCH=${libtorch.root}`);
  cmake('--build', BUILD, '--config', 'Release', '--parallel', '2');
  return { program: path.join(BUILD, 'bench'), libtorch: libtorch.version };
}

function cmake(...args: string[]): void {
  try {
    execFileSync('cmake', args, { stdio: 'pipe', encoding: 'utf8' });
  } catch (error) {
    const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string };
    throw new Error(`Building the C++ side of the benchmark failed: cmake ${args.join(' ')}\n${stdout}${stderr}`);
  }
}
