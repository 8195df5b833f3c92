/** The package as it would be published: what is in it, and who can use it how. */

import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

const ROOT = path.join(__dirname, '..', '..');
const bin = (name: string) => path.join(ROOT, 'node_modules', '.bin', name);
let folder: string;
let tarball: string;
let files: string[];

beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'torchwright-package-'));
  const npm = process.env.npm_execpath;
  const args = ['pack', '--ignore-scripts', '--json', '--pack-destination', folder];
  const [program, ...first] = npm?.endsWith('.js') === true ? [process.execPath, npm] : ['npm'];
  const answer = execFileSync(program, [...first, ...args], { cwd: ROOT, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  const parsed = JSON.parse(answer) as { files: { path: string }[] }[] | Record<string, { files: { path: string }[] }>;
  files = (Object.values(parsed)[0] as { files: { path: string }[] }).files.map((file) => file.path);
  tarball = path.join(folder, readdirSync(folder).find((name) => name.endsWith('.tgz')) as string);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('holds compiled JavaScript, types, the CLI, the digits and the licence', () => {
  for (const wanted of [
    'dist/index.js',
    'dist/index.d.ts',
    'dist/cli/main.js',
    'dist/libtorch/locate.cjs',
    'LICENSE',
    'README.md',
    'scripts/install.mjs',
  ]) {
    expect(files).toContain(wanted);
  }
  expect(files.some((file) => file.startsWith('assets/digits/'))).toBe(true);
});

test('holds no tests, no sources and nothing of the build', () => {
  expect(files.filter((file) => /^(test|lib|native|codegen|bench|examples|build|node_modules)\//.test(file))).toEqual([]);
  expect(files.filter((file) => /\.test\.|\.log$|\.tgz$/.test(file))).toEqual([]);
});

test('publint has nothing to say', () => {
  expect(execFileSync(bin('publint'), ['run', tarball, '--strict'], { encoding: 'utf8' })).toContain('All good');
});

test('the types are right for CommonJS, ESM and bundlers', () => {
  expect(execFileSync(bin('attw'), [tarball, '--profile', 'node16', '--format', 'ascii'], { encoding: 'utf8' })).toContain(
    'No problems found',
  );
});

describe('from a project that has it in node_modules', () => {
  let project: string;
  beforeAll(() => {
    project = path.join(folder, 'project');
    mkdirSync(path.join(project, 'node_modules'), { recursive: true });
    symlinkSync(ROOT, path.join(project, 'node_modules', 'torchwright'), 'junction');
    symlinkSync(path.join(ROOT, 'node_modules', '@types'), path.join(project, 'node_modules', '@types'), 'junction'); // a dependency
  });
  const run = (name: string, text: string): string => {
    const file = path.join(project, name);
    writeFileSync(file, text);
    return execFileSync(process.execPath, [file], { cwd: project, encoding: 'utf8' });
  };

  test('CommonJS and ESM get one and the same instance', () => {
    const text = `
      import { createRequire } from 'node:module';
      import * as torch from 'torchwright';
      import standard, { Tensor, tensor, nn } from 'torchwright';
      const required = createRequire(import.meta.url)('torchwright');
      console.log(torch.Tensor === required.Tensor, Tensor === required.Tensor, standard === required, nn === required.nn);
      console.log(required.add(tensor([1]), torch.ones(1)) instanceof Tensor);`;
    expect(run('both.mjs', text)).toBe('true true true true\ntrue\n');
  });

  test('CommonJS', () => {
    expect(run('common.cjs', "const torch = require('torchwright'); console.log(torch.ones(2).sum().item());")).toBe('2\n');
  });

  test.each([
    ['node16', 'node16', 'index.mts'],
    ['bundler', 'esnext', 'index.ts'],
  ])('TypeScript with moduleResolution %s, strict', (moduleResolution, module, name) => {
    const source = path.join(project, name);
    writeFileSync(
      source,
      `import * as torch from 'torchwright';
       import { nn, type Tensor } from 'torchwright';
       export const y: Tensor = torch.zeros(2, 3, { dtype: 'float64' }).sum(1, { keepdim: true });
       export const model: nn.Sequential<[nn.Linear, nn.ReLU]> = new nn.Sequential(new nn.Linear(2, 3), new nn.ReLU());
       // @ts-expect-error no such option
       torch.zeros(2).sum(0, { keepDim: true });`,
    );
    const options = ['--strict', '--noEmit', '--target', 'es2022', '--lib', 'es2023,esnext.disposable', '--types', 'node'];
    const args = [...options, '--moduleResolution', moduleResolution, '--module', module, source];
    const { status, stdout } = spawnSync(bin('tsc'), args, { cwd: project, encoding: 'utf8' });
    expect({ status, stdout }).toEqual({ status: 0, stdout: '' });
  });

  test('prebuilds, when they were made, hold both libraries', () => {
    const prebuilt = path.join(ROOT, 'prebuilds', `${process.platform}-${process.arch}`);
    if (!existsSync(prebuilt)) {
      console.log('no prebuilds here: `npm run prebuild` makes them');
      return;
    }
    expect(readdirSync(prebuilt).sort()).toEqual(['torchwright-core.so', 'torchwright.node']);
  });
});
