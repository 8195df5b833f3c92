/** Numbers that options are, refused at the door when they lie outside their range. */

import { expected } from './expected';

/** Refuses what is no finite number. */
export function checkFinite(value: number, name: string): void {
  if (!Number.isFinite(value)) throw expected('a finite number', name, value);
}

/** Refuses what is no number from zero. */
export function checkNotNegative(value: number, name: string): void {
  if (typeof value !== 'number' || !(value >= 0)) throw expected('a number from 0', name, value);
}

/** Refuses what is no number above zero. */
export function checkPositive(value: number, name: string): void {
  if (typeof value !== 'number' || !(value > 0)) throw expected('a number above 0', name, value);
}

/** Refuses what is no share in [0, 1). */
export function checkShare(value: number, name: string): void {
  if (typeof value !== 'number' || !(value >= 0 && value < 1)) throw expected('a number in [0, 1)', name, value);
}

/** Refuses what is no share in [0, 1]. */
export function checkClosedShare(value: number, name: string): void {
  if (typeof value !== 'number' || !(value >= 0 && value <= 1)) throw expected('a number in [0, 1]', name, value);
}

/** Refuses what is no probability. */
export function checkProbability(value: number, name: string): void {
  if (typeof value !== 'number' || !(value >= 0 && value <= 1)) throw expected('a probability in [0, 1]', name, value);
}

/** Refuses what is no whole number from `least`. */
export function checkCount(value: number, name: string, least = 0): void {
  if (!Number.isInteger(value) || value < least) throw expected(`a whole number from ${least}`, name, value);
}

/** Refuses a word that is not among `choices`. */
export function checkChoice<T extends string>(value: T, name: string, choices: readonly T[]): void {
  if (!choices.includes(value)) throw expected(`one of ${choices.map((choice) => `'${choice}'`).join(', ')}`, name, value);
}
