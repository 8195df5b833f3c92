/** The order in which the runtime tries the overloads of one name. */

import type { Operator } from './operators';
import type { SchemaType } from './schema';

/**
 * The order of native_functions.yaml, except that of two overloads with as many arguments the narrower one comes first:
 * a number is an `int` before it is a list of one, a real before it is any scalar. Overloads with `out` come last.
 */
export function resolutionOrder(operators: readonly Operator[]): Operator[] {
  const sorted: Operator[] = [];
  for (const operator of operators) {
    const at = sorted.findIndex((other) => comesBefore(operator, other));
    if (at < 0) sorted.push(operator);
    else sorted.splice(at, 0, operator);
  }
  return [...sorted.filter((op) => op.form !== 'out'), ...sorted.filter((op) => op.form === 'out')];
}

function comesBefore(a: Operator, b: Operator): boolean {
  const first = a.schema.args.filter((arg) => !arg.isOut);
  const second = b.schema.args.filter((arg) => !arg.isOut);
  if (first.length !== second.length) return false;
  const differences = first.map((arg, i) => compareWidth(arg.type, second[i]?.type ?? arg.type));
  return differences.every((d) => d <= 0) && differences.some((d) => d < 0);
}

/** Negative when every JavaScript value for `a` that fits `b` too is meant for `a`. NaN when no value fits both. */
function compareWidth(a: SchemaType, b: SchemaType): number {
  const [first, second] = [width(a), width(b)];
  if (first < 0 || second < 0) return a.kind === b.kind && a.list === b.list ? 0 : Number.NaN;
  return first - second;
}

/** -1 for types whose values are no numbers and no tensors: they exclude one another. */
function width(type: SchemaType): number {
  if (type.list) return type.kind === 'Tensor' ? 4 : type.kind === 'int' ? 5 : -1;
  return WIDTHS.indexOf(type.kind);
}

const WIDTHS: readonly string[] = ['Tensor', 'int', 'float', 'Scalar'];
