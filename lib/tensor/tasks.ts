/** Heavy work off the JavaScript thread. */

import { addon } from '../native';
import { checkedOptions } from './checked';
import { asThrown, prepare } from './context';
import { describe, expected } from './expected';
import { Overload } from './overload';
import { Header } from './protocol';
import { readItem, readTypedArray, type TypedArray } from './read';
import { takeCell, words } from './runtime';
import { type BackwardOptions, putBackward, Tensor } from './tensor';
import type { Complex } from './types';

/** Thrown by the core to leave the JavaScript function in the middle of which the operator was handed over. */
const sentinel = { torchwright: 'the operator runs on another thread' };

interface Waiting {
  resolve(value: unknown): void;
  reject(error: unknown): void;
  take(): unknown;
}
const waiting = new Map<number, Waiting>();

/** Called by the core when a task has ended; its results are in the cells. */
function done(task: number, error: Error | null): void {
  const entry = waiting.get(task);
  waiting.delete(task);
  if (entry === undefined) return;
  if (error !== null) {
    entry.reject(asThrown(error));
    return;
  }
  try {
    entry.resolve(entry.take());
  } catch (problem) {
    entry.reject(problem);
  }
}

export const taskCallbacks = { asyncDone: done, sentinel };

function promiseFor<T>(task: number, take: () => T): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    waiting.set(task, { resolve: resolve as (value: unknown) => void, reject, take });
  });
}

function takeResults(): unknown {
  const count = words[Header.results] as number;
  if (count === 0) return undefined;
  if (count === 1) return takeCell(0);
  return Array.from({ length: count }, (_, i) => takeCell(i));
}

/**
 * Runs one operator on another thread and gives a promise of its result: `await torch.async(torch.matmul, a, b)`, or
 * `await torch.async(() => a.matmul(b))`. Timers and requests are served meanwhile.
 *
 * The first operator that the function calls is the one, so it should be its only one; several results come as an array. The result belongs to no scope. Do not
 * change the arguments in place before the promise settles.
 * @throws when `fn` returns without having called an operator
 */
export function runAsync<R>(fn: () => R): Promise<Awaited<R>>;
export function runAsync<R = Tensor>(operator: (...args: never[]) => unknown, ...args: readonly unknown[]): Promise<R>;
export function runAsync(fn: (...args: never[]) => unknown, ...args: readonly unknown[]): Promise<unknown> {
  if (typeof fn !== 'function') throw expected('a function', 'async', fn);
  prepare();
  words[Header.mode] = 1;
  let result: unknown;
  try {
    result = (fn as (...args: readonly unknown[]) => unknown)(...args);
  } catch (error) {
    if (error !== sentinel) return Promise.reject(error);
    return promiseFor(words[Header.results] as number, takeResults);
  } finally {
    words[Header.mode] = 0;
  }
  return Promise.reject(new TypeError(`Expected a call of an operator in async but the function returned ${describe(result)} without one`));
}

/** `backward` on another thread. Hooks and custom functions in TypeScript still run on this one. */
export function backwardAsync(tensor: Tensor, options?: BackwardOptions): Promise<void> {
  if (!(tensor instanceof Tensor)) throw expected('a tensor', 'backwardAsync', tensor);
  prepare();
  const given = checkedOptions(options, 'backwardAsync');
  const { gradient } = given;
  putBackward([tensor], gradient === null || gradient === undefined ? null : [gradient], given);
  words[Header.mode] = 1;
  try {
    addon.backward();
  } finally {
    words[Header.mode] = 0;
  }
  return promiseFor(words[Header.results] as number, () => undefined);
}

/** Runs the overload on another thread. */
async function call(overload: Overload, args: readonly unknown[]): Promise<unknown> {
  return runAsync(() => overload.call(args));
}

/** `item` that waits for the device on another thread. */
export async function itemAsync(tensor: Tensor): Promise<number | bigint | boolean | Complex> {
  const local = await onCpuAsync(tensor);
  return readItem(local);
}

/** `toTypedArray` that waits for the device on another thread. */
export async function toTypedArrayAsync(tensor: Tensor, options?: { copy?: boolean }): Promise<TypedArray> {
  const { copy = false } = checkedOptions(options, 'toTypedArrayAsync');
  const local = await onCpuAsync(tensor);
  return readTypedArray(local, local === tensor && copy);
}

async function onCpuAsync(tensor: Tensor): Promise<Tensor> {
  if (!(tensor instanceof Tensor)) throw expected('a tensor', 'itemAsync', tensor);
  if (tensor.device === 'cpu' && tensor.isContiguous()) return tensor;
  const convert = Overload.find('aten::to', 'device') as Overload;
  const local = (await call(convert, [tensor.detach().contiguous(), 'cpu', tensor.dtype, false, true])) as Tensor;
  return local;
}
