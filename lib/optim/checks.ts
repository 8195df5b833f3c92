import { expected } from '../tensor/expected';

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

/** Refuses what is no pair of shares in [0, 1). */
export function checkBetas(betas: readonly [number, number]): void {
  if (!Array.isArray(betas) || betas.length !== 2) throw expected('two numbers in [0, 1)', 'betas', betas);
  checkShare(betas[0], 'betas[0]');
  checkShare(betas[1], 'betas[1]');
}

/** Refuses what is no whole number from `least`. */
export function checkCount(value: number, name: string, least = 0): void {
  if (!Number.isInteger(value) || value < least) throw expected(`a whole number from ${least}`, name, value);
}
