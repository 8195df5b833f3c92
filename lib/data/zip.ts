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
  return typeof source === 'object' && 'batches' in source ? source.batches() : source;
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
