// Things that look like libtorch to the resolver: folders, archives and wheels of a few hundred bytes.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { strToU8, zipSync } from 'fflate';
import { CUDA_LIBRARY, LIBRARY } from '../../../lib/libtorch/locate.cjs';

export interface Fake {
  version: string;
  cuda?: string;
  headers?: boolean;
}

/** The files of a libtorch, under `prefix`, as wheels (version.py) and archives (build-version) carry them. */
export function fakeFiles(
  prefix: string,
  { version, cuda, headers = true }: Fake,
  from: 'wheel' | 'archive' = 'wheel',
): Record<string, string> {
  const files: Record<string, string> = { [`${prefix}/lib/${LIBRARY}`]: 'the CPU part' };
  if (cuda) files[`${prefix}/lib/${CUDA_LIBRARY}`] = 'the CUDA part';
  if (headers) files[`${prefix}/include/ATen/ATen.h`] = '#pragma once\n';
  if (from === 'archive') files[`${prefix}/build-version`] = `${version}\n`;
  else {
    const types = "from typing import Optional\n\n__all__ = ['__version__', 'cuda']\n";
    files[`${prefix}/version.py`] = `${types}__version__ = '${version}'\ncuda: Optional[str] = ${cuda ? `'${cuda}'` : 'None'}\n`;
  }
  return files;
}

export function writeFiles(folder: string, files: Record<string, string>): void {
  for (const [name, text] of Object.entries(files)) {
    const file = path.join(folder, name);
    fs.mkdirSync(path.dirname(file), { recursive: true });
    fs.writeFileSync(file, text);
  }
}

export function zip(files: Record<string, string | Uint8Array>, level: 0 | 6 = 6): Buffer {
  const entries = Object.entries(files).map(([name, data]) => [name, typeof data === 'string' ? strToU8(data) : data] as const);
  return Buffer.from(zipSync(Object.fromEntries(entries), { level }));
}

/** A wheel that pip accepts. */
export function wheel(name: string, version: string, files: Record<string, string>, requires: string[] = []): Buffer {
  const about = `${name}-${version}.dist-info`;
  const metadata = [
    'Metadata-Version: 2.1',
    `Name: ${name}`,
    `Version: ${version}`,
    ...requires.map((line) => `Requires-Dist: ${line}`),
    '',
  ];
  return zip({
    ...files,
    [`${about}/METADATA`]: metadata.join('\n'),
    [`${about}/WHEEL`]: 'Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: false\nTag: py3-none-any\n',
    [`${about}/RECORD`]: '',
  });
}

/** A folder of its own for every test, removed after it. */
export function temporaryFolder(): () => string {
  let folder = '';
  beforeEach(() => {
    folder = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'torchwright-test-')));
  });
  afterEach(() => fs.rmSync(folder, { recursive: true, force: true }));
  return () => folder;
}

/** Sets environment variables for each test (undefined unsets) and puts the old ones back. */
export function environment(settings: () => Record<string, string | undefined>): void {
  let before: NodeJS.ProcessEnv = {};
  beforeEach(() => {
    before = { ...process.env };
    for (const [name, value] of Object.entries(settings())) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
  });
  afterEach(() => {
    for (const name of Object.keys(process.env)) if (!(name in before)) delete process.env[name];
    Object.assign(process.env, before);
  });
}

/** No setting of this machine reaches the resolver; its cache is in `folder`. */
export function isolated(folder: string): Record<string, string | undefined> {
  const unset = ['LIBTORCH', 'CUDA_LIBTORCH', 'PYTHON', 'LIBTORCH_URL', 'LIBTORCH_SHA256', 'SKIP_DOWNLOAD', 'PREBUILD', 'SETUP'];
  return {
    ...Object.fromEntries(unset.map((name) => [`TORCHWRIGHT_${name}`, undefined])),
    ...withoutProxies,
    TORCHWRIGHT_CUDA: '0',
    VIRTUAL_ENV: undefined,
    CONDA_PREFIX: undefined,
    XDG_CACHE_HOME: path.join(folder, 'cache'),
  };
}

export const withoutProxies: Record<string, string | undefined> = Object.fromEntries(
  ['HTTP_PROXY', 'HTTPS_PROXY', 'ALL_PROXY', 'NO_PROXY'].flatMap((name) => [
    [name, undefined],
    [name.toLowerCase(), undefined],
  ]),
);

/** Where progress bars go in tests. */
export function collector(isTTY = false): { text: string; isTTY: boolean; write(text: string): void } {
  return {
    text: '',
    isTTY,
    write(text: string) {
      this.text += text;
    },
  };
}

/** The rejection of a promise, as the error that it is. */
export async function rejection(promise: Promise<unknown>): Promise<Error & { code?: string; status?: number; tried?: unknown }> {
  try {
    await promise;
  } catch (error) {
    return error as Error;
  }
  throw new Error('Expected a rejection but the promise was fulfilled');
}
