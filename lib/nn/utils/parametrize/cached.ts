/** Values of parametrizations that are computed once for several uses. */

import { AsyncLocalStorage } from 'node:async_hooks';
import { isGradEnabled, type ModeGuard } from '../../../autograd/modes';
import { currentContext, isPromise } from '../../../tensor/context';
import { expected } from '../../../tensor/expected';
import { moveTo } from '../../../tensor/scope';
import type { Tensor } from '../../../tensor/tensor';

interface Entry {
  readonly value: Tensor;
  /** Whether operations were recorded when it was computed. */
  readonly recorded: boolean;
}

/** How many caches are open anywhere: without one nobody is asked for the flow they are in. */
let opened = 0;
const storage = new AsyncLocalStorage<Cache | undefined>();

class Cache {
  /** By what computes them. */
  readonly entries = new Map<object, Entry>();
  /** Values live as long as what was made around the cache: those of the scope of one step serve the next step too. */
  readonly scope = currentContext().scope;
  isOpen = true;

  constructor() {
    opened++;
  }

  close(): void {
    if (!this.isOpen) return;
    this.isOpen = false;
    this.entries.clear();
    opened--;
  }
}

function openCache(): Cache | undefined {
  if (opened === 0) return undefined;
  const cache = storage.getStore();
  return cache?.isOpen === true ? cache : undefined;
}

/**
 * While `fn` runs, each parametrized tensor is computed the first time it is used and is the same tensor after that: for weights that
 * are used several times in one forward pass. Without `fn`, for `using`: `using _ = cached();`
 *
 * ```ts
 * const output = nn.utils.parametrize.cached(() => model.forward(x));
 * ```
 *
 * The values are forgotten when the outermost of nested calls ends, by an exception too. They do not follow a change of the originals:
 * `fn` is one pass, and the optimizer's step comes behind it. An asynchronous `fn` keeps them across its awaits, and code that runs
 * in between does not have them.
 *
 * @throws when it is given something that is no function
 */
export function cached(): ModeGuard;
export function cached<R>(fn: () => R): R;
export function cached<R>(fn?: () => R): R | ModeGuard {
  if (fn !== undefined && typeof fn !== 'function') throw expected('a function', 'cached', fn);
  const outer = openCache();
  if (fn === undefined) return outer === undefined ? enter() : { [Symbol.dispose]: () => undefined };
  return outer === undefined ? run(fn) : fn();
}

function enter(): ModeGuard {
  const before = storage.getStore();
  const cache = new Cache();
  storage.enterWith(cache);
  return {
    [Symbol.dispose]: () => {
      if (cache.isOpen) storage.enterWith(before);
      cache.close();
    },
  };
}

function run<R>(fn: () => R): R {
  const cache = new Cache();
  let result: R;
  try {
    result = storage.run(cache, fn);
  } catch (error) {
    cache.close();
    throw error;
  }
  if (isPromise(result)) return settled(result, cache) as R;
  cache.close();
  return result;
}

async function settled(result: Promise<unknown>, cache: Cache): Promise<unknown> {
  try {
    return await result;
  } finally {
    cache.close();
  }
}

/** What `compute` gives, or gave before where a cache is open. */
export function remembered(key: object, compute: () => Tensor): Tensor {
  const cache = openCache();
  if (cache === undefined) return compute();
  const known = cache.entries.get(key);
  // A value that was computed without recording has no way back to the originals: gradients would get lost in silence.
  if (known !== undefined && (known.recorded || !isGradEnabled()) && !known.value.isReleased) return known.value;
  const value = compute();
  const { scope } = currentContext();
  if (scope !== cache.scope) moveTo(cache.scope, value, scope);
  cache.entries.set(key, { value, recorded: isGradEnabled() });
  return value;
}

/** To be called when the originals were given other values. */
export function forget(key: object): void {
  openCache()?.entries.delete(key);
}
