/** Compares what the package answers with what is stored, and says in words where they differ. */

import type { Tensor } from '../../lib';
import { Tensor as TensorClass } from '../../lib';
import { type Encoded, type EncodedNumber, type EncodedTensor, isComplexDType, isEncodedTensor } from './decode';

/** Relative and absolute tolerance by dtype. The stored numbers are rounded to 13 digits (float64) and 9 (float32). */
const TOLERANCES: Readonly<Record<string, readonly [number, number]>> = {
  float64: [1e-9, 1e-11],
  complex128: [1e-9, 1e-11],
  float32: [2e-5, 2e-6],
  complex64: [2e-5, 2e-6],
  float16: [4e-3, 2e-3],
  bfloat16: [1.6e-2, 1e-2],
};

/** Where the two differ; null when they agree. `signFree` compares absolute values. */
export function difference(got: unknown, expected: Encoded, where = 'result', signFree = false): string | null {
  if (isEncodedTensor(expected)) return tensorDifference(got, expected, where, signFree);
  if (Array.isArray(expected)) {
    if (!Array.isArray(got)) return `${where}: expected an array of ${expected.length} but got ${show(got)}`;
    if (got.length !== expected.length) return `${where}: expected ${expected.length} values but got ${got.length}`;
    return firstDifference(expected.map((value, i) => difference(got[i], value, `${where}[${i}]`, signFree)));
  }
  if (typeof expected === 'object' && expected !== null && 'named' in expected) {
    if (typeof got !== 'object' || got === null) return `${where}: expected an object with names but got ${show(got)}`;
    const names = Object.keys(expected.named);
    const fields = Object.keys(got);
    if (names.join() !== fields.join()) return `${where}: expected the fields ${names.join(', ')} but got ${fields.join(', ')}`;
    const values: ReadonlyMap<string, unknown> = new Map(Object.entries(got));
    return firstDifference(names.map((name) => difference(values.get(name), expected.named[name] ?? null, name, signFree)));
  }
  if (typeof expected === 'number' && typeof got === 'number') {
    return Object.is(got, expected) || close(got, expected, 1e-9, 1e-12) ? null : `${where}: expected ${expected} but got ${got}`;
  }
  return got === expected ? null : `${where}: expected ${JSON.stringify(expected)} but got ${show(got)}`;
}

export function firstDifference(found: readonly (string | null)[]): string | null {
  return found.find((text) => text !== null) ?? null;
}

function tensorDifference(got: unknown, expected: EncodedTensor, where: string, signFree: boolean): string | null {
  if (!(got instanceof TensorClass)) return `${where}: expected a ${expected.dtype} tensor but got ${show(got)}`;
  if (got.dtype !== expected.dtype) return `${where}: expected dtype ${expected.dtype} but got ${got.dtype}`;
  if (got.shape.join() !== expected.shape.join()) return `${where}: expected shape [${expected.shape}] but got [${got.shape}]`;
  return dataDifference(got, expected.data, expected.dtype, where, signFree);
}

/** Compares elements alone: gradients are stored without shape and dtype, which are those of their input. */
export function dataDifference(
  got: Tensor,
  expected: readonly EncodedNumber[],
  dtype: string,
  where: string,
  signFree = false,
): string | null {
  const elements = flatten(got, dtype);
  if (elements.length !== expected.length) return `${where}: expected ${expected.length} numbers but got ${elements.length}`;
  const [rtol, atol] = TOLERANCES[dtype] ?? [0, 0];
  const bad = expected.findIndex((value, i) => !equal(elements[i], value, rtol, atol, signFree));
  if (bad < 0) return null;
  return `${where}: element ${bad}: expected ${expected[bad]} but got ${String(elements[bad])}\n  expected ${brief(expected)}\n  got      ${brief(elements)}`;
}

/** The elements in logical order, complex ones as two numbers. */
export function flatten(tensor: Tensor, dtype: string = tensor.dtype): unknown[] {
  const flat: unknown[] = [];
  const walk = (value: unknown): void => {
    if (Array.isArray(value)) value.forEach(walk);
    else if (isComplexDType(dtype) && typeof value === 'object' && value !== null && 're' in value && 'im' in value)
      flat.push(value.re, value.im);
    else flat.push(value);
  };
  walk(tensor.detach().toArray());
  return flat;
}

function equal(got: unknown, expected: EncodedNumber, rtol: number, atol: number, signFree: boolean): boolean {
  if (typeof expected === 'boolean') return got === expected;
  if (typeof got === 'bigint') return got === BigInt(expected);
  if (typeof got !== 'number') return false;
  const value = Number(expected);
  return signFree ? close(Math.abs(got), Math.abs(value), rtol, atol) : close(got, value, rtol, atol);
}

function close(got: number, expected: number, rtol: number, atol: number): boolean {
  if (Number.isNaN(expected)) return Number.isNaN(got);
  if (!Number.isFinite(expected)) return got === expected;
  return Math.abs(got - expected) <= atol + rtol * Math.abs(expected);
}

export function show(value: unknown): string {
  if (value instanceof TensorClass) return `a tensor ${value.dtype}[${value.shape}]`;
  if (value === undefined) return 'undefined';
  if (typeof value === 'bigint') return `${value}n`;
  return JSON.stringify(value) ?? String(value);
}

function brief(values: readonly unknown[]): string {
  const text = values.slice(0, 12).map((value) => (typeof value === 'number' ? Number(value.toPrecision(10)) : String(value)));
  return `[${text.join(', ')}${values.length > 12 ? ', ...' : ''}]`;
}
