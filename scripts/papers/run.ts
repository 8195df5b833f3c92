/** Starts recipes. */

import { spawn } from 'node:child_process';
import path from 'node:path';
import type { Paper } from '../../lib/papers/paper';
import { foundations, papers } from '../../lib/papers/registry';
import { nameOf, ROOT } from './docs';

/** The foundations and papers that have a recipe. */
export function withRecipe(): Paper[] {
  return [...foundations, ...papers].filter(({ status }) => status === 'done');
}

/** @throws when there is no such paper, or it has no recipe yet */
export function paperOf(text: string): Paper {
  const number = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  const found = withRecipe().find((paper) => (paper.number === number && number > 0) || paper.slug === text);
  if (found !== undefined) return found;
  const known = withRecipe().map(nameOf);
  throw new Error(`Expected the number of a paper with a recipe, ${known.join(', ')}, but received ${text}`);
}

/** Runs a recipe in a process of its own; resolves to its exit code. */
export function runRecipe(paper: Paper, args: readonly string[]): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ['--import', 'tsx', path.join(ROOT, paper.example), ...args], { stdio: 'inherit', cwd: ROOT });
    child.once('error', reject);
    child.once('exit', (code) => resolve(code ?? 1));
  });
}
