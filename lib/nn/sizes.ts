/** Sizes that layers take: one number for all spatial dimensions, or one for each. */

import { expected } from '../tensor/expected';

export type Single = number | readonly [number];
export type Pair = number | readonly [number, number];
export type Triple = number | readonly [number, number, number];

/** What one-, two- and three-dimensional layers take. */
export type Size = Single | Pair | Triple;

/** One number for each dimension. */
export type Each<S extends Size> = Exclude<S, number>;

/** The number of spatial dimensions of a layer. */
export type Dims = 1 | 2 | 3;

const COUNTS = { 1: '', 2: ', or two of them,', 3: ', or three of them,' } as const;

/**
 * One number for each of `dims` dimensions.
 *
 * @throws for what is no whole number from `least`, and for another count of them
 */
export function each<S extends Size>(value: S, dims: Dims, where: string, least = 0): Each<S> {
  const values: readonly unknown[] = Array.isArray(value) ? value : Array(dims).fill(value);
  if (values.length !== dims || !values.every((size) => isSize(size, least))) {
    throw expected(`a whole number from ${least}${COUNTS[dims]}`, where, value);
  }
  return values as unknown as Each<S>;
}

/** The value as it came, one number or one for each dimension, after the checks of `each`. */
export function checked<S extends Size>(value: S, dims: Dims, where: string, least = 0): S {
  each(value, dims, where, least);
  return value;
}

/** Refuses what is no whole number, from 1 unless told. */
export function checkSize(value: number, where: string, least = 1): void {
  if (!isSize(value, least)) throw expected(least === 1 ? 'a positive whole number' : `a whole number from ${least}`, where, value);
}

/** Refuses what is no whole number, or nothing but whole numbers. */
export function checkSizes(value: number | readonly number[], where: string, least = 1): void {
  const values = Array.isArray(value) ? value : [value];
  if (!values.every((size) => isSize(size, least))) throw expected(`whole numbers from ${least}`, where, value);
}

function isSize(value: unknown, least: number): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= least;
}
