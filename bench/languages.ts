/** The languages: how a worker of each is started. */

import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { buildCpp } from './cpp';
import { buildTypescript } from './typescript';
import type { Command } from './worker';

export type Language = 'typescript' | 'cpp' | 'cpp-same-memory' | 'python' | 'python-foreach';

export const NAMES: Readonly<Record<Language, string>> = {
  typescript: 'TypeScript',
  cpp: 'C++',
  'cpp-same-memory': 'C++ with the same allocator',
  python: 'Python',
  'python-foreach': 'Python with foreach',
};

export interface Toolbox {
  /** What runs a workload in each language that this machine has. */
  readonly command: ReadonlyMap<Language, (workload: string, threads: number, size: number) => Command>;
  /** What only imports the library, and ends. */
  readonly importing: ReadonlyMap<Language, Command>;
  /** Versions, for the report. */
  readonly versions: Readonly<Record<string, string>>;
}

/** Builds what must be built and finds out which languages there are. */
export function prepareLanguages(): Toolbox {
  const cpp = buildCpp();
  const typescript = buildTypescript();
  const python = findPython();

  type Worker = { readonly program: readonly string[]; readonly last?: string };
  const workers = new Map<Language, Worker>([
    ['typescript', { program: [process.execPath, typescript.worker] }],
    ['cpp', { program: [cpp.program] }],
    ['cpp-same-memory', { program: [cpp.program], last: 'package-memory' }],
  ]);
  const importing = new Map<Language, Command>([
    ['typescript', { program: process.execPath, args: ['-e', `require(${JSON.stringify(typescript.packageFolder)})`] }],
  ]);
  const versions: Record<string, string> = { node: process.version, libtorch: cpp.libtorch };
  if (python !== null) {
    const worker = [python.program, path.join(__dirname, 'python', 'worker.py')];
    workers.set('python', { program: worker });
    workers.set('python-foreach', { program: worker, last: 'foreach' });
    importing.set('python', { program: python.program, args: ['-c', 'import torch'] });
    versions['Python torch'] = python.version;
  }
  const command = new Map(
    [...workers].map(
      ([
        language,
        {
          program: [program, ...args],
          last,
        },
      ]) => [
        language,
        (workload: string, threads: number, size: number): Command => ({
          program: program as string,
          args: [...args, workload, String(threads), String(size), ...(last === undefined ? [] : [last])],
        }),
      ],
    ),
  );
  return { command, importing, versions };
}

/** The first Python that can import torch. */
function findPython(): { program: string; version: string } | null {
  for (const program of [process.env.TORCHWRIGHT_PYTHON, process.env.PYTHON, 'python3', 'python']) {
    if (!program) continue;
    const asked = spawnSync(program, ['-c', 'import torch; print(torch.__version__)'], { encoding: 'utf8', windowsHide: true });
    if (asked.status === 0) return { program, version: asked.stdout.trim() };
  }
  console.error('No Python with torch found (set TORCHWRIGHT_PYTHON to one): measuring without it.');
  return null;
}
