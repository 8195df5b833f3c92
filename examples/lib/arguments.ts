import { InvalidArgumentError } from 'commander';

/** A command-line argument that must be a whole number from zero. */
export function wholeNumber(text: string): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(value)) throw new InvalidArgumentError('Expected a whole number from 0.');
  return value;
}
