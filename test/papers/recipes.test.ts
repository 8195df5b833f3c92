/** Every recipe runs to its end, in a short training, and tells what it measured. */

import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Outcome } from '../../examples/papers/lib/recipe';
import { withRecipe } from '../../scripts/papers/run';

const root = path.join(__dirname, '..', '..');
let out: string;
beforeEach(() => {
  out = mkdtempSync(path.join(tmpdir(), 'recipe-'));
});
afterEach(() => rmSync(out, { recursive: true }));

function start(script: string, ...args: string[]): { status: number | null; stdout: string; stderr: string } {
  // One thread: the networks are small, and tests run beside each other.
  const env = { ...process.env, OMP_NUM_THREADS: '1' };
  return spawnSync(process.execPath, ['--import', 'tsx', path.join(root, script), ...args], { cwd: root, encoding: 'utf8', env });
}

test.each(withRecipe().map((paper) => [paper.slug, paper] as const))(
  '%s',
  (_, paper) => {
    const file = path.join(out, 'outcome.json');
    const { status, stdout, stderr } = start('scripts/paper.ts', paper.slug, '--quick', '--json', file);
    expect({ status, problem: status === 0 ? '' : stderr }).toEqual({ status: 0, problem: '' });
    const outcome = JSON.parse(readFileSync(file, 'utf8')) as Outcome;
    expect(outcome).toMatchObject({ paper: paper.number, title: paper.title, size: 'quick' });
    expect(outcome.tables.length).toBeGreaterThan(0);
    expect(outcome.claims.length).toBeGreaterThan(0);
    for (const { title, rows } of outcome.tables) {
      expect(stdout).toContain(title);
      expect(rows.length).toBeGreaterThan(0);
    }
  },
  120_000,
);

test('a number without a recipe, or none, is answered with those that have one', () => {
  expect(start('scripts/paper.ts', '99')).toMatchObject({
    status: 1,
    stderr: expect.stringMatching(/Expected the number of a paper with a recipe, .*05.* but received 99/),
  });
  expect(start('scripts/paper.ts').stdout).toContain('05  Cross-Entropy Loss Functions');
});

test('the report holds what the recipes measured, in Markdown and as a page', () => {
  const { status, stderr } = start('scripts/papers.ts', '05', '--quick', '--out', out);
  expect({ status, problem: status === 0 ? '' : stderr }).toEqual({ status: 0, problem: '' });
  const outcome = JSON.parse(readFileSync(path.join(out, '05-cross-entropy-comp-sum.json'), 'utf8')) as Outcome;
  const cell = outcome.tables[0]?.rows[0]?.cells.accuracy?.mean.toFixed(3) as string;
  expect(readFileSync(path.join(out, 'report.md'), 'utf8')).toMatch(new RegExp(`\\| comp-sum, tau = 0 +\\| ${cell} +\\|`));
  expect(readFileSync(path.join(out, 'report.html'), 'utf8')).toContain(`<td>${cell}</td>`);
}, 120_000);
