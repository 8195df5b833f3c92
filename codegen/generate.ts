/** The whole generator as a function: entries in, files out. */

import { emitFunctions, emitMethods, emitResults } from './emit/interfaces';
import { emitRoot } from './emit/root';
import { emitSkipped } from './emit/skipped';
import { emitTable } from './emit/table';
import { collect } from './operators';
import { ResultTypes } from './results';
import type { NativeFunction } from './source';

export interface Generated {
  /** Text by path, relative to the repository. */
  readonly files: ReadonlyMap<string, string>;
  readonly counts: Counts;
}

export interface Counts {
  /** Overloads reached as typed functions. */
  readonly functions: number;
  /** Overloads reached as methods. */
  readonly methods: number;
  /** Distinct overloads reached either way. */
  readonly overloads: number;
  readonly skipped: number;
}

const FOLDER = 'lib/tensor/generated';

export function generate(entries: readonly NativeFunction[]): Generated {
  const { operators, skipped } = collect(entries);
  const results = new ResultTypes();
  const files = new Map<string, string>([
    [`${FOLDER}/methods.ts`, emitMethods(operators, results)],
    [`${FOLDER}/functions.ts`, emitFunctions(operators, results)],
    [`${FOLDER}/results.ts`, emitResults(results)],
    [`${FOLDER}/table.ts`, emitTable(operators)],
    [`${FOLDER}/root.ts`, emitRoot(operators)],
    ['codegen/skipped.md', emitSkipped(skipped)],
  ]);
  const counts = {
    functions: operators.filter((op) => op.functionName !== null).length,
    methods: operators.filter((op) => op.methodName !== null).length,
    overloads: new Set(operators.map((op) => op.fullName)).size,
    skipped: skipped.length,
  };
  return { files, counts };
}
