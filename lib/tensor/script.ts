/** TorchScript modules in C++, and how values come to them and back. */

import { addon } from '../native';
import type { NativeScript } from './addon';
import { prepare } from './context';
import { expected } from './expected';
import { Tensor } from './tensor';

/** What TorchScript takes and gives: a tuple is an array, a dictionary an object, or a `Map` when its keys are no texts. */
export type ScriptValue =
  | Tensor
  | number
  | bigint
  | boolean
  | string
  | null
  | readonly ScriptValue[]
  | { readonly [key: string]: ScriptValue };

/** One tensor of a script: its name in the state dict, and the place of the first name that is the same tensor. */
export type ScriptTensor = readonly [name: string, tensor: Tensor, parameter: boolean, first: number];

export function loadScript(path: string): NativeScript {
  prepare();
  return addon.jitLoad(path);
}

export function scriptTensors(script: NativeScript): ScriptTensor[] {
  prepare();
  return addon.jitTensors(script) as unknown as ScriptTensor[];
}

/** Makes the script use this tensor. */
export function setScriptTensor(script: NativeScript, name: string, tensor: Tensor): void {
  addon.jitSetTensor(script, name, handleOf(tensor));
}

export function trainScript(script: NativeScript, on: boolean): void {
  addon.jitTrain(script, on);
}

export function scriptTrains(script: NativeScript): boolean {
  return addon.jitTraining(script);
}

/** How a method is called, as Python prints it; null when there is none. */
export function scriptSchema(script: NativeScript, method: string): string | null {
  return addon.jitSchema(script, method);
}

/** @throws for arguments that do not fit the method's declared types, and what the script throws */
export function callScript(script: NativeScript, method: string, args: readonly unknown[]): unknown {
  prepare();
  return decode(
    addon.jitCall(
      script,
      method,
      args.map((argument, k) => encode(argument, `argument ${k} of ${method}`)),
    ),
  );
}

const handleOf = (tensor: Tensor): Int32Array => Int32Array.of(tensor._slot, tensor._generation);

function encode(value: unknown, where: string): unknown {
  if (value === null || value === undefined) return null;
  if (value instanceof Tensor) return handleOf(value);
  if (Array.isArray(value)) return value.map((item, k) => encode(item, `${where}[${k}]`));
  const kind = typeof value;
  if (kind === 'number' || kind === 'bigint' || kind === 'boolean' || kind === 'string') return value;
  const plain = kind === 'object' && [Object.prototype, null].includes(Object.getPrototypeOf(value));
  if (!plain) throw expected('a tensor, number, text, array or plain object', where, value);
  return Object.fromEntries(Object.entries(value as object).map(([key, item]) => [key, encode(item, `${where}.${key}`)]));
}

function decode(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(decode);
  if (typeof value !== 'object' || value === null || value instanceof Tensor) return value;
  const entries = (value as { dict: [unknown, unknown][] }).dict.map(([key, item]) => [key, decode(item)] as const);
  if (!entries.every(([key]) => typeof key === 'string')) return new Map(entries);
  return Object.fromEntries(entries as [string, unknown][]);
}
