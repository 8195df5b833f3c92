/**
 * What surrounds a call: the scope that new tensors belong to, and the autograd modes.
 *
 * While code runs synchronously the context is one variable and switching costs next to nothing. A context that is left
 * open across an `await` follows its asynchronous flow: from then on, until the last such context ends, each native call
 * asks the async-local storage which flow it belongs to.
 */

import { AsyncLocalStorage } from 'node:async_hooks';
import { addon } from '../native';
import { Header } from './protocol';
import { words } from './runtime';

export interface Context {
  /** Native id of the scope; 0 is none: garbage collection frees. */
  readonly scope: number;
  readonly grad: boolean;
  readonly inference: boolean;
  /** The devices whose operators run in a lower precision; null: none, and no casts are remembered. */
  readonly autocast: Autocast | null;
  /** Once it has ended: what flows that are still in it go on in. */
  after: Context | undefined;
}

/** Devices with the dtype that operators run in there; -1 is off. Compared by identity. */
export interface Autocast {
  readonly dtypes: ReadonlyMap<number, number>;
  /** Whether casts of parameters are remembered while it lasts. */
  readonly cache: boolean;
}

const ROOT: Context = { scope: 0, grad: true, inference: false, autocast: null, after: undefined };
let root = ROOT;
let current = ROOT;
const storage = new AsyncLocalStorage<Context>();

/** Contexts that are open across turns of the event loop. */
let pending = 0;
/** Calls of `within` that run right now: their code is synchronous, nothing can come between. */
let running = 0;

export function currentContext(): Context {
  prepare();
  return current;
}

/** Brings the native side in line with the flow this call belongs to. Before every native call that depends on it. */
export function prepare(): void {
  if (pending !== 0 && running === 0) switchTo(living(storage.getStore() ?? root));
}

/** A flow may still be in a context that another one has ended: a loop whose end came while it waited. */
function living(context: Context): Context {
  let alive = context;
  while (alive.after !== undefined) alive = alive.after;
  return alive;
}

function switchTo(next: Context): void {
  if (next === current) return;
  words[Header.scope] = next.scope;
  if (next.grad !== current.grad || next.inference !== current.inference) addon.setModes(next.grad, next.inference);
  if (next.autocast !== current.autocast) switchAutocast(current.autocast, next.autocast);
  current = next;
}

function switchAutocast(before: Autocast | null, next: Autocast | null): void {
  for (const device of before?.dtypes.keys() ?? []) if (!next?.dtypes.has(device)) addon.setAutocast(device, OFF, true);
  for (const [device, dtype] of next?.dtypes ?? []) addon.setAutocast(device, dtype, next?.cache ?? true);
  if (next === null) addon.clearAutocastCache();
}

const OFF = -1;

/**
 * Runs `fn` in a context. `done` is called with the result when it has ended, also when that is after some awaits; an
 * exception passes through `failed`. Both get the context and the one around it.
 */
export function within<R>(
  next: Context,
  fn: () => R,
  done: (result: unknown, context: Context, outer: Context) => void,
  failed: (context: Context) => void,
  before = currentContext(),
): R {
  let result: R;
  running++;
  switchTo(next);
  try {
    result = storage.run(next, fn);
  } catch (error) {
    running--;
    switchTo(before);
    failed(next);
    throw error;
  }
  running--;
  switchTo(before);
  if (!isPromise(result)) {
    done(result, next, before);
    return result;
  }
  pending++;
  return result.then(
    (value) => {
      settle();
      done(value, next, before);
      return value;
    },
    (error: unknown) => {
      settle();
      failed(next);
      throw error;
    },
  ) as R;
}

/**
 * Runs the library's own synchronous code in a context. `within` does more: callbacks of users may go on after an await, and
 * telling the async-local storage touches so much of Node's code that all that follows is slower for a while.
 */
export function withinSync<R>(next: Context, fn: () => R): R {
  const before = currentContext();
  running++;
  switchTo(next);
  try {
    return fn();
  } finally {
    running--;
    switchTo(before);
  }
}

/** One context less that is open across turns; without any, nothing switches back to the root by itself. */
function settle(): void {
  pending--;
  if (pending === 0 && running === 0) switchTo(root);
}

export function isPromise(value: unknown): value is Promise<unknown> {
  return typeof value === 'object' && value !== null && typeof (value as Promise<unknown>).then === 'function';
}

/** Enters a context until `leave` is called, for `using` and for loops. */
export function enter(next: Context): Context {
  const before = currentContext();
  pending++;
  storage.enterWith(next);
  switchTo(next);
  return before;
}

export function leave(before: Context): void {
  pending--;
  storage.enterWith(before);
  switchTo(before);
}

/** Something that is no object, thrown by a callback: C++ carries objects only. */
class Thrown extends Error {
  readonly value: unknown;
  constructor(value: unknown) {
    super(String(value));
    this.value = value;
  }
}

/** What a callback threw, as it was. */
export function asThrown(problem: unknown): unknown {
  return problem instanceof Thrown ? problem.value : problem;
}

/** Makes a native call that may run callbacks, and throws what they threw. */
export function callingBack(call: () => void): void {
  try {
    call();
  } catch (problem) {
    throw asThrown(problem);
  }
}

/**
 * Runs a callback of libtorch's. The engine sets the grad mode for it (off in a backward that is not to be differentiated),
 * behind the back of this file.
 */
export function inNativeModes<R>(fn: () => R): R {
  const grad = addon.gradEnabled();
  const before = current;
  current = { ...before, grad };
  running++;
  try {
    return storage.run(current, fn);
  } catch (problem) {
    throw typeof problem === 'object' && problem !== null ? problem : new Thrown(problem);
  } finally {
    running--;
    // The engine restores its own mode; what `fn` left of it must be what it found.
    if (current.grad !== grad) addon.setModes(grad, before.inference);
    words[Header.scope] = before.scope;
    current = before;
  }
}

/** Changes the modes for good, as `torch.setGradEnabled(false)` does. */
export function setModes(grad: boolean, inference: boolean): void {
  const context = currentContext();
  const next = { ...context, grad, inference };
  if (context === root) root = next;
  else storage.enterWith(next);
  switchTo(next);
}
