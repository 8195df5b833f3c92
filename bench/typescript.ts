/** Compiles the TypeScript side, so that its workers run as a user's compiled program does, with nothing else loaded. */

import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, symlinkSync } from 'node:fs';
import path from 'node:path';

const ROOT = path.join(__dirname, '..');
const BUILD = path.join(ROOT, 'build', 'bench', 'typescript');

export function buildTypescript(): { worker: string; packageFolder: string } {
  // The workers import the package by its name, as a dependency that is installed beside them.
  const modules = path.join(BUILD, 'node_modules');
  const packageFolder = path.join(modules, 'torchwright');
  mkdirSync(modules, { recursive: true });
  if (!existsSync(packageFolder)) symlinkSync(ROOT, packageFolder, 'junction');
  const tsc = path.join(path.dirname(require.resolve('typescript/package.json')), 'bin', 'tsc');
  try {
    execFileSync(process.execPath, [tsc, '-p', path.join(__dirname, 'typescript')], { stdio: 'pipe', encoding: 'utf8' });
  } catch (error) {
    throw new Error(`Compiling the TypeScript side of the benchmark failed:\n${(error as { stdout: string }).stdout}`);
  }
  return { worker: path.join(BUILD, 'bench', 'typescript', 'worker.js'), packageFolder };
}
