import { expected } from '../tensor/expected';

/** Refuses what is no number from zero. */
export function checkNotNegative(value: number, name: string): void {
  if (typeof value !== 'number' || !(value >= 0)) throw expected('a number from 0', name, value);
}

/** Refuses what is no share in [0, 1). */
export function checkShare(value: number, name: string): void {
  if (typeof value !== 'number' || !(value >= 0 && value < 1)) throw expected('a number in [0, 1)', name, value);
}
