/** Whether the languages do the same: the demo's network, from the same seed, must lose the same in each. */

import { spawnSync } from 'node:child_process';
import { NAMES, type Toolbox } from './languages';
import { type Command, environment } from './worker';

const STEPS = 5;
/** Images per step: few, because this is no measurement. */
export const BATCH = 8;

/** The losses of the first steps of the workload `cnn-losses`. */
export function losses({ program, args }: Command): number[] {
  const { status, stdout, stderr } = spawnSync(program, args, { input: `${STEPS}\n`, env: environment(1), encoding: 'utf8' });
  if (status !== 0) throw new Error(`${[program, ...args].join(' ')} ended with ${status}: ${stderr}`);
  // "ready", the losses, the duration.
  return stdout.trim().split('\n').slice(1, -1).map(Number);
}

/** Whether two sequences of losses are equal but for rounding, which training makes larger. */
export function agree(a: readonly number[], b: readonly number[]): boolean {
  return a.length === STEPS && b.length === STEPS && a.every((loss, k) => Math.abs(loss - (b[k] as number)) <= 1e-3 * loss);
}

/** @throws naming the languages and their losses when a language does other work than the first one */
export function checkAgreement({ command }: Toolbox): void {
  // A second way to step in Python is no other language.
  const languages = [...command].filter(([language]) => language !== 'python-foreach');
  const all = languages.map(([language, start]) => ({ name: NAMES[language], losses: losses(start('cnn-losses', 1, BATCH)) }));
  const [first] = all;
  if (first !== undefined && all.every((one) => agree(first.losses, one.losses))) return;
  const shown = all.map(({ name, losses }) => `${name} ${losses.join(' ')}`).join('; ');
  throw new Error(`Expected the same losses of the demo's network in all languages but received ${shown}`);
}
