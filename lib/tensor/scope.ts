/** Memory scopes: what was created inside is freed when the scope ends. */

import path from 'node:path';
import { addon } from '../native';
import { type Context, currentContext, enter, leave, within } from './context';
import { Header } from './protocol';
import { cellAt, putTensor, words } from './runtime';
import { Tensor } from './tensor';

/** Where the latest scopes were opened, by serial number: for the message of a released tensor that is used. */
const RECENT = 256;
/** Where this library's own files are: their frames are of no interest to a user. */
const LIBRARY = path.dirname(__dirname) + path.sep;
const origins: { serial: number; site: Error }[] = [];

function open(): { context: Context; id: number } {
  const outer = currentContext();
  addon.scopeBegin();
  const id = words[Header.argc] as number;
  const serial = words[Header.results] as number;
  origins[serial % RECENT] = { serial, site: callSite() };
  return { context: { scope: id, grad: outer.grad, inference: outer.inference }, id };
}

/** A stack trace of a few frames, which costs a microsecond; its text is made only when somebody asks. */
function callSite(): Error {
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = 6;
  const site = new Error();
  Error.stackTraceLimit = limit;
  return site;
}

function close(id: number): void {
  words[Header.argc] = id;
  addon.scopeEnd();
}

/** Moves a tensor to another scope; 0 leaves it to garbage collection. */
export function moveTo(scope: number, tensor: Tensor): void {
  putTensor(cellAt(0), tensor);
  const from = addon.scopeMove(scope);
  if (scope !== 0 || from === 0) return;
  putTensor(cellAt(0), tensor);
  addon.watch(tensor);
}

/** Moves every tensor in a value - a tensor, or arrays, maps, plain and class objects that hold some. */
function keepAll(scope: number, value: unknown, seen: Set<object>): void {
  if (typeof value !== 'object' || value === null || seen.has(value)) return;
  seen.add(value);
  if (value instanceof Tensor) {
    if (!value.isReleased) moveTo(scope, value);
    return;
  }
  if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) return;
  if (value instanceof Map) for (const pair of value) for (const part of pair) keepAll(scope, part, seen);
  else if (value instanceof Set || Array.isArray(value)) for (const part of value) keepAll(scope, part, seen);
  else for (const part of Object.values(value)) keepAll(scope, part, seen);
}

/** A scope that is open until `close` or the end of the block that it is `using`. */
export class Scope {
  #id: number;
  readonly #outer: Context;

  /** @internal Use `torch.scope()`. */
  constructor() {
    const { context, id } = open();
    this.#id = id;
    this.#outer = enter(context);
  }

  /** Keeps a tensor, or all tensors in a value, beyond the end of the scope. Returns the value. */
  keep<T>(value: T): T {
    keepAll(this.#outer.scope, value, new Set());
    return value;
  }

  /** Ends the scope; a second call does nothing. */
  close(): void {
    if (this.#id === 0) return;
    const id = this.#id;
    this.#id = 0;
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
  const { context, id } = open();
  const outer = currentContext().scope;
  return within(
    context,
    fn,
    (result) => {
      // The common results first: nothing, a number, one tensor.
      if (result instanceof Tensor) {
        if (!result.isReleased) moveTo(outer, result);
      } else if (typeof result === 'object' && result !== null) {
        keepAll(outer, result, new Set());
      }
      close(id);
    },
    () => close(id),
  );
}

/** Why a handle is stale, in words; the core asks when a released tensor is used. */
export function explainRelease(releasedBy: number): string {
  if (releasedBy === -1) return 'the tensor was released by dispose(); use it before that, or drop the dispose()';
  if (releasedBy === -2) return 'the tensor was collected as garbage while its handle was still in use';
  if (releasedBy <= 0) return 'the tensor was released';
  const origin = origins[releasedBy % RECENT];
  const where = origin?.serial === releasedBy ? siteOf(origin.site) : 'some scopes ago';
  return `the tensor was released when the scope it was made in ended (${where}); return it from the scope, or keep() it, to use it afterwards`;
}

/** The line that opened the scope: the first frame outside this library. */
function siteOf(error: Error): string {
  const frames = (error.stack ?? '').split('\n').slice(1);
  const outside = frames.find((frame) => !frame.includes(LIBRARY) && !frame.includes('(node:')) ?? frames[3] ?? '';
  const place = /\(?([^()\s]+:\d+:\d+)\)?$/.exec(outside.trim())?.[1];
  return place === undefined ? 'opened in this program' : `opened at ${place}`;
}
