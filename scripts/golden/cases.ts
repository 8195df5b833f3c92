/** Golden cases: calls of the package's functions with what they must give, one file of them for each paper. */

import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

/** A number, or one that JSON has no digits for. */
export type Num = number | boolean | 'NaN' | 'Infinity' | '-Infinity';

export type CaseDType = 'float64' | 'float32' | 'int64' | 'bool';

export interface CaseTensor {
  readonly dtype: CaseDType;
  readonly shape: readonly number[];
  readonly data: readonly Num[];
  readonly requiresGrad?: boolean;
}

/** null stands in the place of a tensor that is left out. */
export type CaseInput = CaseTensor | { readonly list: readonly CaseTensor[] } | null;

export interface Case {
  /** Unique within one function. */
  readonly name: string;
  /** Dotted path from the package's root: `losses.zLoss`. */
  readonly function: string;
  /** All tensors of the call in order, by the name they have in `inputs`. */
  readonly args: readonly string[];
  readonly inputs: Readonly<Record<string, CaseInput>>;
  /** The options, always given. */
  readonly params: Readonly<Record<string, unknown>>;
  /** `value`, or the fields of the object that is returned; absent when the call must throw. */
  readonly outputs?: Readonly<Record<string, CaseTensor>>;
  /** Of the sum of all elements of `value`, or of the field `gradOf`; `name.0` for an element of a list. */
  readonly grads?: Readonly<Record<string, CaseTensor>>;
  readonly gradOf?: string;
  readonly throws?: true;
  readonly rtol?: number;
  readonly atol?: number;
}

export interface CaseFile {
  /** `05-cross-entropy-comp-sum`, also the file's name. */
  readonly method: string;
  readonly cases: readonly Case[];
}

/** @throws when the folder cannot be read, holds no cases, or a file is no file of cases */
export function readCaseFiles(folder: string): CaseFile[] {
  const names = readdirSync(folder).filter((name) => name.endsWith('.json'));
  if (names.length === 0) throw new Error(`Expected golden cases, files that end in .json, in ${folder} but there are none`);
  return names.sort().map((name) => readCaseFile(path.join(folder, name)));
}

function readCaseFile(file: string): CaseFile {
  const content = JSON.parse(readFileSync(file, 'utf8')) as Partial<CaseFile>;
  if (typeof content.method !== 'string' || !Array.isArray(content.cases))
    throw new Error(`Expected {"method": ..., "cases": [...]} in ${file}`);
  return content as CaseFile;
}
