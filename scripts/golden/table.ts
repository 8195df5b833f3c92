/** Outcomes of golden cases, a row for each paper. */

import type { Check, Outcome } from './run';

const CHECKS: readonly Check[] = ['float64', 'throws', 'strided', 'float32', 'cuda', 'twice', 'empty'];

/** `passed/all` for each check of each paper. */
export function rowsOf(outcomes: readonly Outcome[]): Record<string, string>[] {
  const papers = new Set(outcomes.map(({ method }) => method));
  return [...papers].map((paper) => {
    const of = outcomes.filter(({ method }) => method === paper);
    const row: Record<string, string> = { paper, functions: String(new Set(of.map((outcome) => outcome.function)).size) };
    for (const check of CHECKS) {
      const looked = of.filter((outcome) => outcome.check === check);
      row[check] = looked.length === 0 ? '-' : `${looked.filter(({ problem }) => problem === null).length}/${looked.length}`;
    }
    return row;
  });
}
