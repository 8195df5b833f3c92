/** Sizes that layers take: one number for all spatial dimensions, or one for each. */

import { expected } from '../tensor/expected';

export type Pair = number | readonly [number, number];

/** One number per dimension. */
export function pair(value: Pair, where: string, least = 0): [number, number] {
  const values: readonly unknown[] = Array.isArray(value) ? value : [value, value];
  const [first, second] = values;
  if (values.length !== 2 || !isSize(first, least) || !isSize(second, least)) {
    throw expected(`a whole number from ${least}, or two of them,`, where, value);
  }
  return [first, second];
}

/** Refuses what is no positive whole number. */
export function checkSize(value: number, where: string): void {
  if (!isSize(value, 1)) throw expected('a positive whole number', where, value);
}

function isSize(value: unknown, least: number): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= least;
}
