/** A case of operators.json; record.py writes them. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Encoded, type EncodedNumber, isEncodedTensor } from './decode';

export interface Case {
  group: string;
  /** Schema name: `sum.dim_IntList`. */
  op: string;
  /** Dotted name of the function. */
  name: string;
  as: Kind[];
  /** Name of the method where it is another, and the position of `self` where it does not stand first. */
  method?: string;
  self?: number;
  /** Required positional arguments. */
  args: Encoded[];
  /** All others, in the order of the schema. */
  options?: Record<string, Encoded>;
  /** Those of the others that may stand in place, with the defaults of what comes before them. */
  positional?: Record<string, Encoded>;
  /** The list that is the only positional argument may be spread, in the function and in the method. */
  spread?: boolean;
  spreadMethod?: boolean;
  /** Seeds the default generator. */
  seed?: number;
  /** Positions of the arguments that the operator writes to: they are the result. */
  writes?: number[];
  result: Encoded;
  /** Results, by name or position, whose sign is arbitrary. */
  signFree?: (string | number)[];
  /** The results that are compared, where the others are arbitrary. */
  only?: (string | number)[];
  /** Gradients of the weighted outputs with respect to the inputs that require them, in order. */
  grads?: (EncodedNumber[] | null)[];
  /** There is an `out` form; it does not take these options. */
  out?: string[];
  /** Its schema does not name its results: they go in and come back as an array. */
  outUnnamed?: boolean;
  inPlace?: { name: string; method?: string; as: Kind[] };
  /** PyTorch itself refuses other strides, or answers otherwise. */
  contiguousOnly?: boolean;
}

export type Kind = 'function' | 'method';

export function readCases(): Case[] {
  return (JSON.parse(readFileSync(join(__dirname, 'operators.json'), 'utf8')) as { cases: Case[] }).cases;
}

/** The call in words: `addmm(float64[2,4], float64[2,3], float64[3,4], { beta: 0.5 })`. */
export function callText(one: Case): string {
  const options = Object.entries(one.options ?? {}).map(([key, value]) => `${key}: ${describe(value)}`);
  const args = [...one.args.map(describe), ...(options.length > 0 ? [`{ ${options.join(', ')} }`] : [])];
  return `${one.name}(${args.join(', ')})`;
}

function describe(value: Encoded): string {
  if (isEncodedTensor(value)) return `${value.dtype}[${value.shape}]`;
  if (Array.isArray(value)) return `[${value.map(describe).join(', ')}]`;
  return JSON.stringify(value);
}

/** The cases of each group under titles that differ. */
export function titled(cases: readonly Case[]): Map<string, [title: string, one: Case][]> {
  const groups = new Map<string, [string, Case][]>();
  const seen = new Map<string, number>();
  for (const one of cases) {
    const text = callText(one);
    const count = (seen.get(text) ?? 0) + 1;
    seen.set(text, count);
    const group = groups.get(one.group) ?? [];
    groups.set(one.group, group);
    group.push([count === 1 ? text : `${text} #${count}`, one]);
  }
  return groups;
}
