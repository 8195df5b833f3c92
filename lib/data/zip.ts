import { expected } from '../tensor/expected';
import { steps } from './steps';

/** What can be read in step: loaders, whose batches share the step's scope, and any other iterables. */
export type Zippable<T> = Iterable<T> | { batches(): Iterable<T> };

/**
 * Reads several loaders or other iterables in step, each step in one scope, until the shortest ends.
 *
 * ```ts
 * for (const [[x, y], [z]] of zip(labelled, unlabelled)) { ... }
 * ```
 */
export function zip<Values extends readonly unknown[]>(...sources: { [K in keyof Values]: Zippable<Values[K]> }): IterableIterator<Values> {
  return steps(together<Values>(sources.map(valuesOf)));
}

function valuesOf(source: Zippable<unknown>): Iterable<unknown> {
  const given: unknown = source;
  if (typeof given === 'object' && given !== null && 'batches' in given) return (given as { batches(): Iterable<unknown> }).batches();
  if (typeof (given as Partial<Iterable<unknown>> | null | undefined)?.[Symbol.iterator] !== 'function')
    throw expected('a loader or another iterable', 'zip', given);
  return given as Iterable<unknown>;
}

function* together<Values extends readonly unknown[]>(sources: readonly Iterable<unknown>[]): IterableIterator<Values> {
  const iterators = sources.map((source) => source[Symbol.iterator]());
  try {
    while (iterators.length > 0) {
      const results = iterators.map((iterator) => iterator.next());
      if (results.some((result) => result.done === true)) return;
      yield results.map((result) => result.value) as unknown as Values;
    }
  } finally {
    for (const iterator of iterators) iterator.return?.();
  }
}
