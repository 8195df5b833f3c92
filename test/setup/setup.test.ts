// scripts/setup.mjs in a small checkout of its own, with a CMake and an npm that only note that they were called.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fakeFiles, isolated, writeFiles } from '../libtorch/support/fake';
import { node, root } from '../libtorch/support/run';

let folder = '';
const at = (...parts: string[]) => path.join(folder, 'checkout', ...parts);
const exists = (...parts: string[]) => fs.existsSync(at(...parts));

const DEPENDENCIES = ['typescript', 'node-addon-api', 'node-api-headers'];

const CMAKE = `#!/usr/bin/env node
const fs = require('node:fs');
const path = require('node:path');
const args = process.argv.slice(2);
if (args[0] === '--version') process.exit(0);
const note = ${JSON.stringify('NOTE')};
fs.appendFileSync(note, 'cmake ' + args[0] + '\\n');
if (process.env.FAKE_COMPILER_FAILS) process.exit(2);
const value = (name) => args.find((arg) => arg.startsWith('-D' + name + '='))?.split('=')[1];
if (args[0] === '-S') {
  const build = args[args.indexOf('-B') + 1];
  fs.mkdirSync(build, { recursive: true });
  fs.writeFileSync(path.join(build, 'CMakeCache.txt'), value('TORCHWRIGHT_OUTPUT'));
} else {
  const output = fs.readFileSync(path.join(args[1], 'CMakeCache.txt'), 'utf8');
  fs.mkdirSync(output, { recursive: true });
  for (const name of ['torchwright.node', 'torchwright-core.so', 'torchwright-core.dylib']) fs.writeFileSync(path.join(output, name), '');
}
`;
const NPM = `require('node:fs').appendFileSync('NOTE', 'npm ' + process.argv.slice(2).join(' ') + ' ' + process.env.TORCHWRIGHT_SETUP + '\\n');
process.exit(1);
`;

const noted = () => {
  const file = path.join(folder, 'note');
  const lines = fs.existsSync(file) ? fs.readFileSync(file, 'utf8').trim().split('\n').filter(Boolean) : [];
  fs.rmSync(file, { force: true });
  return lines;
};

function setup(env: Record<string, string | undefined> = {}, script = 'setup.mjs') {
  return node(
    [at('scripts', script)],
    {
      ...isolated(folder),
      TORCHWRIGHT_LIBTORCH: path.join(folder, 'libtorch'),
      PATH: `${path.join(folder, 'bin')}${path.delimiter}${process.env.PATH}`,
      npm_execpath: path.join(folder, 'bin', 'npm.js'),
      ...env,
    },
    at(),
  );
}

beforeAll(() => {
  folder = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'torchwright-setup-')));
  writeFiles(folder, fakeFiles('libtorch', { version: '2.15.0' }));
  fs.mkdirSync(path.join(folder, 'bin'));
  const note = path.join(folder, 'note');
  fs.writeFileSync(path.join(folder, 'bin', 'cmake'), CMAKE.replace('NOTE', note), { mode: 0o755 });
  fs.writeFileSync(path.join(folder, 'bin', 'npm.js'), NPM.replace('NOTE', note));

  for (const part of ['scripts', 'lib/libtorch']) fs.cpSync(path.join(root, part), at(part), { recursive: true });
  for (const name of ['tsconfig.json', 'package.json']) fs.copyFileSync(path.join(root, name), at(name));
  writeFiles(at(), { 'CMakeLists.txt': '', 'native/addon.cc': 'int main;', 'lib/index.ts': 'export const answer: number = 42;\n' });
  const packages: Record<string, { version: string; optional?: boolean }> = {};
  fs.mkdirSync(at('node_modules'));
  for (const name of [...DEPENDENCIES, '@types']) fs.symlinkSync(path.join(root, 'node_modules', name), at('node_modules', name));
  for (const name of DEPENDENCIES) {
    const { version } = JSON.parse(fs.readFileSync(at('node_modules', name, 'package.json'), 'utf8')) as { version: string };
    packages[`node_modules/${name}`] = { version };
  }
  const lock = {
    packages: { '': { version: '0.1.0' }, ...packages, 'node_modules/for-another-system': { version: '1.0.0', optional: true } },
  };
  fs.writeFileSync(at('package-lock.json'), JSON.stringify(lock));
  fs.writeFileSync(at('node_modules', '.package-lock.json'), JSON.stringify({ packages }));
});
afterAll(() => fs.rmSync(folder, { recursive: true, force: true }));

// One story, in order: each step starts from what the one before left.
describe('setup', () => {
  test('a failing compiler stops it with a sentence', async () => {
    const { code, err } = await setup({ FAKE_COMPILER_FAILS: '1' });
    expect([code, err]).toEqual([1, '\nSet-up stopped: cmake ended with 2; its messages are above.\n']);
    noted();
  });

  test('the first run makes the addon and dist/, each with a line', async () => {
    const { code, out, err } = await setup();
    expect([code, err]).toEqual([0, '']);
    expect(noted()).toEqual(['cmake -S', 'cmake --build']);
    expect(out).toMatch(
      /^\[3\/4\] addon .*compiling for libtorch 2\.15\.0[^\n]*\n\[4\/4\] TypeScript .*\nSet up in [\d.]+ s: libtorch 2\.15\.0 in /,
    );
    expect(fs.readFileSync(at('dist', 'index.js'), 'utf8')).toContain('exports.answer = 42');
    expect(exists('dist', 'libtorch', 'locate.cjs')).toBe(true);
    expect(exists('build', 'setup.lock')).toBe(false);
  });

  test('the second run does nothing', async () => {
    const { code, out } = await setup();
    expect([code, out.replace(/[\d.]+ s/, 'T s')]).toEqual([0, 'Nothing to set up (T s).\n']);
    expect(noted()).toEqual([]);
  });

  test('a new time alone is no change', async () => {
    const now = new Date();
    for (const name of ['native/addon.cc', 'lib/index.ts', 'package-lock.json']) fs.utimesSync(at(name), now, now);
    expect((await setup()).out).toMatch(/^Nothing to set up/);
  });

  test('a changed C++ source compiles the addon and nothing else', async () => {
    fs.writeFileSync(at('native', 'addon.cc'), 'int main = 1;');
    const { out } = await setup();
    expect(noted()).toEqual(['cmake --build']);
    expect(out).not.toContain('TypeScript');
  });

  test('a changed TypeScript source compiles TypeScript; what a deleted one left is removed', async () => {
    fs.writeFileSync(at('lib', 'extra.ts'), 'export const extra = 1;\n');
    await setup();
    expect(exists('dist', 'extra.js')).toBe(true);
    fs.rmSync(at('lib', 'extra.ts'));
    const { out } = await setup();
    expect(out).not.toContain('addon');
    expect(fs.readdirSync(at('dist')).filter((name) => name.startsWith('extra'))).toEqual([]);
    expect(exists('dist', 'index.d.ts')).toBe(true);
    expect(noted()).toEqual([]);
  });

  test('what was deleted of the results is made again', async () => {
    fs.rmSync(at('dist', 'index.js'));
    fs.rmSync(at('build', 'Release', 'torchwright.node'));
    expect((await setup()).code).toBe(0);
    expect([exists('dist', 'index.js'), exists('build', 'Release', 'torchwright.node')]).toEqual([true, true]);
    noted();
  });

  test('another libtorch version compiles the addon anew, from nothing', async () => {
    fs.writeFileSync(path.join(folder, 'libtorch', 'version.py'), "__version__ = '2.13.0'\n");
    expect((await setup()).out).toContain('compiling for libtorch 2.13.0');
    expect(noted()).toEqual(['cmake -S', 'cmake --build']);
  });

  test('an error in TypeScript stops it, also the next time', async () => {
    fs.writeFileSync(at('lib', 'index.ts'), "export const answer: number = 'x';\n");
    for (let time = 0; time < 2; time++) {
      const { code, out, err } = await setup();
      expect([code, err]).toEqual([1, '\nSet-up stopped: TypeScript found the errors above in lib/.\n']);
      expect(out).toContain("Type 'string' is not assignable to type 'number'");
    }
    fs.writeFileSync(at('lib', 'index.ts'), 'export const answer: number = 42;\n');
    expect((await setup()).code).toBe(0);
  });

  test('a libtorch that was named and is not there stops it', async () => {
    const { code, err } = await setup({ TORCHWRIGHT_LIBTORCH: path.join(folder, 'typo') });
    expect(code).toBe(1);
    expect(err).toMatch(
      /^\nSet-up stopped: Expected libtorch 2\.11 to 2\.15 in TORCHWRIGHT_LIBTORCH=.*typo, but there is no such folder; correct/,
    );
  });

  test('a dependency that the lock file wants and is not there calls npm ci, once and not in itself', async () => {
    const lock = JSON.parse(fs.readFileSync(at('package-lock.json'), 'utf8')) as { packages: Record<string, { version: string }> };
    lock.packages['node_modules/new-one'] = { version: '3.2.1' };
    fs.writeFileSync(at('package-lock.json'), JSON.stringify(lock));
    const { code, out, err } = await setup();
    expect(noted()).toEqual(['npm ci --no-audit --no-fund --loglevel=error 1']);
    expect(out).toContain('[1/4] dependencies  new-one 3.2.1 is not there yet: npm ci');
    expect([code, err]).toEqual([1, expect.stringContaining('Set-up stopped: npm ci ended with 1')]);
  });
});

describe('the install script', () => {
  test('in a checkout sets up without npm, and not when set-up itself runs npm', async () => {
    fs.rmSync(at('dist'), { recursive: true });
    const inside = await setup({ TORCHWRIGHT_SETUP: '1' }, 'install.mjs');
    expect([inside.code, inside.out, exists('dist')]).toEqual([0, '', false]);
    const skipped = await setup({ TORCHWRIGHT_SKIP_DOWNLOAD: '1' }, 'install.mjs');
    expect([skipped.code, exists('dist')]).toEqual([0, false]);
    expect(skipped.out).toContain('run `npm run setup` when you want it');
    const { code, err } = await setup({}, 'install.mjs');
    expect([code, err, exists('dist', 'index.js')]).toEqual([0, '', true]);
    expect(noted()).toEqual([]);
  });

  test('in an installed package never fails the installation', async () => {
    fs.rmSync(at('tsconfig.json'));
    const { code, out } = await setup({}, 'install.mjs');
    expect([code, out]).toEqual([0, expect.stringContaining('no prebuilt addon for')]);
  });
});
