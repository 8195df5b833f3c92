/** The code blocks of the README run, and print what stands below them. */

import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { transformSync } from '@swc/core';

const ROOT = path.join(__dirname, '..');
const FOLDER = path.join(ROOT, 'build', 'readme'); // inside the package, so that it finds itself by its name

const text = readFileSync(path.join(ROOT, 'README.md'), 'utf8');
const blocks = [...text.matchAll(/```ts\n([\s\S]*?)```(?:\n\n```text\n([\s\S]*?)```)?/g)].map(([, code = '', output = ''], i) => ({
  title: `block ${i + 1}: ${code.split('\n').find((line) => line !== '' && !line.startsWith('import')) ?? ''}`,
  name: `block-${i + 1}`,
  code,
  output,
}));

beforeAll(() => mkdirSync(FOLDER, { recursive: true }));

test('has blocks', () => {
  expect(blocks.length).toBeGreaterThanOrEqual(6);
});

test.each(blocks)('$title', ({ name, code, output }) => {
  const { code: javascript } = transformSync(code, {
    jsc: { parser: { syntax: 'typescript' }, target: 'es2022' },
    module: { type: 'commonjs' },
  });
  const file = path.join(FOLDER, `${name}.js`);
  writeFileSync(file, javascript);
  writeFileSync(path.join(FOLDER, `${name}.ts`), code);
  expect(execFileSync(process.execPath, [file], { encoding: 'utf8' })).toBe(output);
});

test('all blocks are valid TypeScript', () => {
  for (const { name, code } of blocks) writeFileSync(path.join(FOLDER, `${name}.ts`), code);
  const config = {
    extends: '../../tsconfig.json',
    compilerOptions: { rootDir: '../..', noEmit: true, incremental: false, tsBuildInfoFile: null, noUnusedLocals: false },
    include: ['*.ts'],
  };
  writeFileSync(path.join(FOLDER, 'tsconfig.json'), JSON.stringify(config));
  const tsc = path.join(path.dirname(require.resolve('typescript/package.json')), 'bin', 'tsc');
  let problems = '';
  try {
    execFileSync(process.execPath, [tsc, '-p', FOLDER], { encoding: 'utf8', stdio: 'pipe' });
  } catch (error) {
    problems = (error as { stdout: string }).stdout;
  }
  expect(problems).toBe('');
});

test('the commands it names exist', () => {
  const { scripts } = JSON.parse(readFileSync(path.join(ROOT, 'package.json'), 'utf8')) as { scripts: Record<string, string> };
  const named = [...text.matchAll(/`?npm (?:run ([\w:-]+)|(test))/g)].map(([, script, test]) => script ?? test ?? '');
  expect(named.length).toBeGreaterThan(2);
  expect(named.filter((name) => !(name in scripts))).toEqual([]);
});
