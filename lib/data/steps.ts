import { scope } from '../tensor/scope';

/**
 * The same values, each in a memory scope of its own: what is created between one value and the next - the value itself
 * too, when it is made on demand - is freed when the next one is asked for, and at `break`, `return` or an exception.
 *
 * ```ts
 * for (const step of steps(range(1000))) { ... } // memory stays flat without a DataLoader
 * ```
 */
export function* steps<T>(values: Iterable<T>): Generator<T, void, undefined> {
  const iterator = values[Symbol.iterator]();
  let done = false;
  try {
    for (;;) {
      const step = scope();
      try {
        const next = iterator.next();
        if (next.done === true) {
          done = true;
          return;
        }
        yield next.value;
      } finally {
        step.close();
      }
    }
  } finally {
    if (!done) iterator.return?.();
  }
}
