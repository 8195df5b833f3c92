import { type Scope, scope } from '../tensor/scope';

/** Said instead of a value: there is none any more. */
export const END = Symbol('end');

/** What `asyncSteps` reads: what comes next is a function that makes the value, in the step's scope; undefined is the end. */
export interface AsyncSource<T> {
  next(): Promise<(() => T | typeof END) | undefined>;
  /** Called once, at the end of whatever kind. */
  close(): Promise<void>;
}

/** Values that arrive later, each in a memory scope of its own, as `steps` does for values at hand. */
export function asyncSteps<T>(source: AsyncSource<T>): AsyncIterableIterator<T> {
  let step: Scope | undefined;
  let closed: Promise<void> | undefined;
  const close = (): Promise<void> => {
    closed ??= source.close();
    return closed;
  };
  const endStep = (): void => {
    step?.close();
    step = undefined;
  };
  const finish = async (): Promise<IteratorReturnResult<undefined>> => {
    endStep();
    await close();
    return { done: true, value: undefined };
  };
  const arrive = async (current: Scope): Promise<IteratorResult<T, undefined>> => {
    try {
      const make = await source.next();
      const value = make === undefined ? END : current.run(make);
      return value === END ? await finish() : { done: false, value };
    } catch (error) {
      await finish();
      throw error;
    }
  };
  return {
    [Symbol.asyncIterator]() {
      return this;
    },
    // Not an async function: the scope has to be entered before the caller begins to wait, in the caller's own flow.
    next() {
      endStep();
      if (closed !== undefined) return closed.then(() => ({ done: true, value: undefined }));
      step = scope();
      return arrive(step);
    },
    return() {
      return finish();
    },
  };
}
