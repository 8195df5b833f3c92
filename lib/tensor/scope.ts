/** Memory scopes: what was created inside is freed when the scope ends. */

import { addon } from '../native';
import { type Context, currentContext, enter, leave, within, withinSync } from './context';
import { expected } from './expected';
import { Header } from './protocol';
import { cellAt, collectGarbage, putTensor, words } from './runtime';
import { Tensor } from './tensor';
import { callingLine } from './trace';

/**
 * Where the latest scopes were opened, by serial number: for the message of a released tensor that is used. A stack trace costs
 * as much as some operators, so a loop of scopes takes one only now and then: they get one part in 500 of the time. Kept as
 * text: functions and traces would hold on to whatever their closures hold.
 */
const RECENT = 64;
const TRACE_SHARE = 1 / 500;
const serials = new Int32Array(RECENT);
const places: string[] = new Array(RECENT).fill('');
let nextTrace = Number.NEGATIVE_INFINITY;
let lastPlace = '';

/** Opens a native scope inside `outer`. */
function open(outer: Context, grad = outer.grad): Context {
  addon.scopeBegin();
  const id = words[Header.argc] as number;
  const serial = words[Header.results] as number;
  const now = performance.now();
  if (now >= nextTrace) {
    lastPlace = callingLine();
    serials[serial % RECENT] = serial;
    places[serial % RECENT] = lastPlace;
    const after = performance.now();
    nextTrace = after + (after - now) / TRACE_SHARE;
  }
  return { scope: id, grad, inference: outer.inference, autocast: outer.autocast, after: undefined };
}

function close(id: number): void {
  words[Header.argc] = id;
  addon.scopeEnd();
  if (words[Header.pressure] !== 0) collectGarbage();
}

/**
 * Moves a tensor to another scope; 0 leaves it to garbage collection.
 * @param only move it only when it belongs to this scope: one that was kept, or made further out, stays where it is
 */
export function moveTo(scope: number, tensor: Tensor, only = -1): void {
  putTensor(cellAt(0), tensor);
  const moved = addon.scopeMove(scope, only);
  if (scope !== 0 || !moved) return;
  putTensor(cellAt(0), tensor);
  addon.watch(tensor);
}

/** Moves every tensor of scope `from` in a value - a tensor, or arrays, maps, plain and class objects that hold some. */
function keepAll(scope: number, value: unknown, from: number, seen: Set<object>): void {
  if (typeof value !== 'object' || value === null || seen.has(value)) return;
  seen.add(value);
  if (value instanceof Tensor) {
    if (!value.isReleased) moveTo(scope, value, from);
    return;
  }
  if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) return;
  if (value instanceof Map) for (const pair of value) for (const part of pair) keepAll(scope, part, from, seen);
  else if (value instanceof Set || Array.isArray(value)) for (const part of value) keepAll(scope, part, from, seen);
  else for (const part of Object.values(value)) keepAll(scope, part, from, seen);
}

/** A scope that is open until `close` or the end of the block that it is `using`. */
export class Scope {
  #id: number;
  readonly #context: Context;
  readonly #outer: Context;

  /** @internal Use `torch.scope()`. */
  constructor() {
    const context = open(currentContext());
    this.#id = context.scope;
    this.#context = context;
    this.#outer = enter(context);
  }

  /** @internal Runs synchronous code in the scope, from whatever flow. */
  run<R>(fn: () => R): R {
    if (this.#id === 0) throw new Error('Expected an open scope but it has already ended');
    return withinSync(this.#context, fn);
  }

  /** Keeps a tensor, or all tensors in a value, beyond the end of the scope. Returns the value. */
  keep<T>(value: T): T {
    keepAll(this.#outer.scope, value, this.#id, new Set());
    return value;
  }

  /** Ends the scope; a second call does nothing. */
  close(): void {
    if (this.#id === 0) return;
    const id = this.#id;
    this.#id = 0;
    this.#context.after = this.#outer;
    leave(this.#outer);
    close(id);
  }

  [Symbol.dispose](): void {
    this.close();
  }
}

/**
 * Frees every tensor that was created inside when it ends, but those that are returned or `keep()`-ed.
 *
 * ```ts
 * const loss = torch.scope(() => criterion(model.forward(x), y)); // intermediate tensors are gone
 * {
 *   using scope = torch.scope();
 *   const top = scope.keep(logits.topk(5)); // outlives the block
 * }
 * ```
 *
 * Scopes nest: what an inner scope returns belongs to the outer one. Inside a scope creating a tensor costs nothing extra. An
 * exception ends the scope too. When `fn` is asynchronous the scope follows it across every `await` and ends when its promise
 * settles. Tensors are found in the result through arrays, maps, sets and the fields of objects.
 */
export function scope(): Scope;
export function scope<R>(fn: () => R): R;
export function scope<R>(fn?: () => R): Scope | R {
  if (fn === undefined) return new Scope();
  if (typeof fn !== 'function') throw expected('a function', 'scope', fn);
  const outer = currentContext();
  return within(open(outer), fn, ended, failed, outer);
}

/**
 * Runs the library's own synchronous code in a scope, without recording: what an optimizer's step needs. A tensor that it
 * returns belongs to the scope outside.
 */
export function scopedNoGrad(fn: () => Tensor): Tensor;
export function scopedNoGrad(fn: () => void): void;
export function scopedNoGrad(fn: () => unknown): unknown {
  const outer = currentContext();
  const context = open(outer, false);
  try {
    const result = withinSync(context, fn);
    if (result instanceof Tensor) moveTo(outer.scope, result, context.scope);
    return result;
  } finally {
    close(context.scope);
  }
}

function ended(result: unknown, context: Context, outer: Context): void {
  context.after = outer;
  try {
    // The common results first: nothing, a number, one tensor.
    if (result instanceof Tensor) {
      if (!result.isReleased) moveTo(outer.scope, result, context.scope);
    } else if (typeof result === 'object' && result !== null) {
      keepAll(outer.scope, result, context.scope, new Set());
    }
  } finally {
    close(context.scope);
  }
}

function failed(context: Context): void {
  close(context.scope);
}

/** Why a handle is stale, in words; the core asks when a released tensor is used. */
export function explainRelease(releasedBy: number): string {
  if (releasedBy === -1) return 'the tensor was released by dispose(); use it before that, or drop the dispose()';
  if (releasedBy === -2) return 'the tensor was collected as garbage while its handle was still in use';
  if (releasedBy <= 0) return 'the tensor was released';
  return `the tensor was released when the scope it was made in ended${nameOf(releasedBy)}; return it from the scope, or keep() it, to use it afterwards`;
}

function nameOf(serial: number): string {
  if (serials[serial % RECENT] === serial && places[serial % RECENT] !== '') return ` (opened at ${places[serial % RECENT]})`;
  return lastPlace === '' ? '' : ` (one of many; the last that was noted was opened at ${lastPlace})`;
}
