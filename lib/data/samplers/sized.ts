import { expected } from '../../tensor/expected';

/** A dataset, or anything else whose length counts; or the length itself. */
export type Sized = number | { readonly length: number };

export function lengthOf(source: Sized, where: string): number {
  const length = typeof source === 'number' ? source : (source as { length?: unknown } | null)?.length;
  if (!Number.isSafeInteger(length) || (length as number) < 0) throw expected('a dataset or a number of samples', where, source);
  return length as number;
}

/** @throws unless the value is a whole number from 1 */
export function positive(value: unknown, where: string): number {
  if (!Number.isSafeInteger(value) || (value as number) < 1) throw expected('a positive whole number', where, value);
  return value as number;
}
