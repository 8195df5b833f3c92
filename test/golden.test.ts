/** The papers' golden cases in all variants, and the program that runs those of any folder. */

import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type Case, type CaseFile, readCaseFiles } from '../scripts/golden/cases';
import { runFile } from '../scripts/golden/run';
import { variants } from '../scripts/golden/variants';

const folder = path.join(__dirname, 'golden');
const files = readCaseFiles(folder);

if (!variants().includes('cuda')) console.log('Golden cases do not run on a GPU: there is no CUDA here.');

describe.each(files.map((file) => [file.method, file] as const))('%s', (_, file) => {
  const functions = [...new Set(file.cases.map((one) => one.function))];
  test.each(functions)('%s', (name) => {
    const outcomes = runFile({ ...file, cases: file.cases.filter((one) => one.function === name) });
    expect(
      outcomes.filter(({ problem }) => problem !== null).map(({ name: which, check, problem }) => `${which} (${check}): ${problem}`),
    ).toEqual([]);
    expect(outcomes.length).toBeGreaterThanOrEqual(file.cases.filter((one) => one.function === name).length);
  });

  test('names of cases are unique within a function', () => {
    const names = file.cases.map((one) => `${one.function} ${one.name}`);
    expect(new Set(names).size).toBe(names.length);
  });
});

describe('npm run golden -- FOLDER', () => {
  let place: string;
  beforeEach(() => {
    place = mkdtempSync(path.join(tmpdir(), 'golden-'));
  });
  afterEach(() => rmSync(place, { recursive: true }));

  const logits = { dtype: 'float64', shape: [1, 2], data: [0, 0], requiresGrad: true } as const;
  const labels = { dtype: 'int64', shape: [1], data: [1] } as const;
  // With two equal logits cross-entropy is log 2, and its gradient plus and minus a half.
  const right: Case = {
    name: 'two_equal_logits',
    function: 'losses.compSumLoss',
    args: ['logits', 'labels'],
    inputs: { logits, labels },
    params: {},
    outputs: { value: { dtype: 'float64', shape: [], data: [Math.LN2] } },
    grads: { logits: { dtype: 'float64', shape: [1, 2], data: [0.5, -0.5] } },
  };

  function golden(...cases: Case[]): { status: number | null; stdout: string; stderr: string } {
    const file: CaseFile = { method: '05-cross-entropy-comp-sum', cases };
    writeFileSync(path.join(place, '05-cross-entropy-comp-sum.json'), JSON.stringify(file));
    return run(place);
  }

  function run(where: string): { status: number | null; stdout: string; stderr: string } {
    const root = path.join(__dirname, '..');
    const tsx = path.join(root, 'node_modules', 'tsx', 'dist', 'cli.mjs');
    return spawnSync(process.execPath, [tsx, path.join(root, 'scripts', 'golden.ts'), where], { encoding: 'utf8' });
  }

  test('passes what is right, and counts it', () => {
    const { status, stdout, stderr } = golden(right);
    expect(stderr).toBe('');
    expect(stdout.trim().split('\n').at(-1)).toBe('1 passed, 0 failed');
    expect(stdout).toMatch(/05-cross-entropy-comp-sum +1 +1\/1/);
    expect(status).toBe(0);
  });

  test.each<[string, Case, RegExp]>([
    [
      'another value',
      { ...right, outputs: { value: { dtype: 'float64', shape: [], data: [0.69] } } },
      /value: 0\.693\d* instead of 0\.69 at index 0/,
    ],
    [
      'another gradient',
      { ...right, grads: { logits: { dtype: 'float64', shape: [1, 2], data: [0.5, 0.5] } } },
      /gradient of logits: -0\.5 instead of 0\.5/,
    ],
    ['another shape', { ...right, outputs: { value: { dtype: 'float64', shape: [1], data: [Math.LN2] } } }, /shape \[\] instead of \[1\]/],
    ['a field that is not there', { ...right, outputs: { total: { dtype: 'float64', shape: [], data: [1] } } }, /gave no total/],
    ['a refusal that does not come', { ...right, throws: true }, /\(throws\): did not throw/],
    ['a function that is not there', { ...right, function: 'losses.nothing' }, /Expected a function losses\.nothing in the package/],
    [
      'a function that is not there and should throw',
      { ...right, function: 'losses.nothing', throws: true },
      /Expected a function losses\.nothing/,
    ],
  ])('fails for %s', (_, wrong, message) => {
    const { status, stdout, stderr } = golden(right, { ...wrong, name: 'wrong' });
    expect(stderr).toMatch(message);
    expect(stdout.trim().split('\n').at(-1)).toBe('1 passed, 1 failed');
    expect(status).toBe(1);
  });

  test('says in a sentence that there are no cases, or that a file holds none', () => {
    expect(run(place)).toMatchObject({
      status: 1,
      stderr: expect.stringContaining(`Expected golden cases, files that end in .json, in ${place}`),
    });
    writeFileSync(path.join(place, 'other.json'), '[]');
    expect(run(place)).toMatchObject({ status: 1, stderr: expect.stringContaining('Expected {"method": ..., "cases": [...]} in') });
    expect(run(path.join(place, 'nowhere'))).toMatchObject({ status: 1, stderr: expect.stringContaining('nowhere') });
  });
});
