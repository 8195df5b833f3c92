/** `torch.ops`: every operator of the dispatcher by its schema name. */

import { addon } from '../native';
import { describe, expected } from './expected';
import { Generator } from './generator';
import { fits, isComplex, Overload, wordsFor } from './overload';
import { Tensor } from './tensor';

/** One overload, called with positional arguments in schema order and an object of keyword arguments last. */
export interface OperatorOverload {
  (...args: unknown[]): unknown;
  /** The schema as libtorch prints it. */
  readonly schema: string;
}

/** The overloads of an operator by name; the one without a name is `default`. Called itself, it takes the first that fits. */
export type OperatorPacket = ((...args: unknown[]) => unknown) & { readonly [overload: string]: OperatorOverload };

export type OperatorNamespace = { readonly [name: string]: OperatorPacket };

function call(overload: Overload, args: readonly unknown[]): unknown {
  const results = overload.call(arrange(overload, args));
  return results.length === 0 ? null : results.length === 1 ? results[0] : results;
}

/** Positional arguments and the trailing keyword object in schema order. */
function arrange(overload: Overload, args: readonly unknown[]): unknown[] {
  const { parameters, positional, fullName } = overload;
  const last = args.at(-1);
  const keywords =
    isKeywords(last) && !(args.length <= positional && fits(last, parameters[args.length - 1]?.type ?? NO_TYPE)) ? last : null;
  const given = keywords === null ? args : args.slice(0, -1);
  if (given.length > parameters.length) {
    throw new TypeError(`${fullName}: expected at most ${parameters.length} arguments but received ${given.length}`);
  }
  const filled = [...given];
  for (const name of Object.keys(keywords ?? {})) {
    const place = parameters.findIndex((parameter) => parameter.schemaName === name || parameter.name === name);
    if (place < 0) throw new TypeError(`${fullName}: unknown argument ${name}; its schema is ${overload.schemaText}`);
    if (place < given.length && given[place] !== undefined) throw new TypeError(`${fullName}: ${name} was given twice`);
    while (filled.length < place) filled.push(undefined);
    filled[place] = keywords?.[name];
  }
  for (const [i, parameter] of parameters.entries()) {
    const value = filled[i];
    if (value === undefined) {
      if (parameter.hasDefault || parameter.type.nullable) continue;
      throw new TypeError(`${fullName}: expected ${wordsFor(parameter.type)} for ${parameter.schemaName} but received nothing`);
    }
    if (!fits(value, parameter.type) && !(value === null && parameter.type.kind === 'Tensor')) {
      throw new TypeError(`${fullName}: expected ${wordsFor(parameter.type)} for ${parameter.schemaName} but received ${describe(value)}`);
    }
  }
  return filled;
}

const NO_TYPE = { kind: 'other', raw: '', nullable: false, list: false, elementNullable: false } as const;

function isKeywords(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value) || ArrayBuffer.isView(value)) return false;
  return !(value instanceof Tensor) && !(value instanceof Generator) && !isComplex(value);
}

function makeOverload(name: string, overloadName: string): OperatorOverload | undefined {
  const overload = Overload.find(name, overloadName);
  if (overload === null) return undefined;
  const fn = (...args: unknown[]): unknown => call(overload, args);
  return Object.assign(fn, { schema: overload.schemaText });
}

/** The overloads of each operator, read from the dispatcher when first asked for and again when a name is not there. */
let index: Map<string, string[]> | null = null;

function overloadsOf(name: string): string[] {
  let known = index?.get(name);
  if (known === undefined) {
    index = new Map();
    for (const full of addon.opNames()) {
      const dot = full.indexOf('.', full.indexOf('::'));
      const base = dot < 0 ? full : full.slice(0, dot);
      const list = index.get(base) ?? [];
      list.push(dot < 0 ? '' : full.slice(dot + 1));
      index.set(base, list);
    }
    known = index.get(name);
  }
  return known ?? [];
}

function makePacket(name: string): OperatorPacket | undefined {
  const overloads = overloadsOf(name);
  if (overloads.length === 0) return undefined;
  const made = new Map<string, OperatorOverload | undefined>();
  const packet = (...args: unknown[]): unknown => {
    let problem: unknown;
    for (const overloadName of [...overloads].sort()) {
      const overload = Overload.find(name, overloadName);
      if (overload === null) continue;
      let filled: unknown[];
      try {
        filled = arrange(overload, args);
      } catch (error) {
        problem ??= error;
        continue;
      }
      const results = overload.call(filled);
      return results.length === 0 ? null : results.length === 1 ? results[0] : results;
    }
    throw overloads.length === 1
      ? problem
      : new TypeError(`${name}: no overload fits; there are ${overloads.map((o) => o || 'default').join(', ')}`);
  };
  return new Proxy(packet, {
    get(target, key) {
      if (typeof key !== 'string') return Reflect.get(target, key);
      if (!made.has(key)) made.set(key, makeOverload(name, key === 'default' ? '' : key));
      return made.get(key) ?? Reflect.get(target, key);
    },
    ownKeys: () => [...overloads.map((overload) => overload || 'default'), ...Reflect.ownKeys(packet)],
    getOwnPropertyDescriptor: (target, key) =>
      Reflect.getOwnPropertyDescriptor(target, key) ?? { configurable: true, enumerable: true, value: made.get(String(key)) },
  }) as unknown as OperatorPacket;
}

function makeNamespace(namespace: string): OperatorNamespace {
  const made = new Map<string, OperatorPacket>();
  return new Proxy({} as Record<string, OperatorPacket>, {
    get(_, key) {
      if (typeof key !== 'string') return undefined;
      let packet = made.get(key);
      if (packet === undefined) {
        packet = makePacket(`${namespace}::${key}`);
        if (packet !== undefined) made.set(key, packet);
      }
      return packet;
    },
    has: (_, key) => typeof key === 'string' && overloadsOf(`${namespace}::${key}`).length > 0,
  });
}

export interface Ops {
  readonly aten: OperatorNamespace;
  readonly prims: OperatorNamespace;
  readonly [namespace: string]: OperatorNamespace;
}

interface OpsFunctions {
  /**
   * Loads a shared library that registers operators (`TORCH_LIBRARY`); they are then in `torch.ops`.
   * @throws when the file cannot be loaded, with the system's reason
   */
  loadLibrary(path: string): void;
  /** All operators of the dispatcher, as `aten::add.Tensor`. */
  list(): string[];
  /**
   * Lets the few internal operators run that do not check their arguments (native/guards.cc lists them): wrong ones end the
   * process. For the whole process; at first they throw.
   */
  allowUnchecked(on: boolean): void;
}

const namespaces = new Map<string, OperatorNamespace>();
const own: OpsFunctions = {
  loadLibrary(path) {
    if (typeof path !== 'string' || path === '') throw expected('a file name', 'loadLibrary', path);
    addon.loadLibrary(path);
    index = null;
  },
  list: () => addon.opNames(),
  allowUnchecked(on) {
    if (typeof on !== 'boolean') throw expected('a boolean', 'allowUnchecked', on);
    addon.setAllowUnchecked(on);
  },
};

/**
 * Raw access to every operator, as Python's `torch.ops`: `torch.ops.aten.add.Tensor(a, b, { alpha: 2 })`. Positional arguments
 * stand in schema order, keyword arguments in a last object; several results come as an array.
 */
export const ops = new Proxy(own as unknown as Ops & OpsFunctions, {
  get(target, key) {
    if (typeof key !== 'string' || key in target) return Reflect.get(target, key);
    let made = namespaces.get(key);
    if (made === undefined) {
      made = makeNamespace(key);
      namespaces.set(key, made);
    }
    return made;
  },
});
