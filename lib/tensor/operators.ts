/**
 * The typed operators at run time: which overload a call means, and the call.
 *
 * Nearly all calls repeat: the same operator with tensors and numbers in the same places. Such a call is remembered under
 * the kinds of its arguments, so that it is: write the cells, look up, call, read one handle. Everything else - options,
 * lists, names, spread sizes - goes through `resolve`.
 */

import { addon } from '../native';
import { prepare } from './context';
import { describe } from './expected';
import type {
  FftFunctions,
  Functions,
  LinalgFunctions,
  NestedFunctions,
  NnFunctions,
  SparseFunctions,
  SpecialFunctions,
} from './generated/functions';
import { functions, methods } from './generated/table';
import { Generator } from './generator';
import { describeAll, fits, isComplex, Overload, type Parameter, wordsFor } from './overload';
import { FIRST_CELL, Header, Tag } from './protocol';
import { collectGarbage, doubles, words } from './runtime';
import { Tensor } from './tensor';

/** The kinds of arguments that the remembered calls tell apart, three bits each. */
enum Kind {
  absent = 0,
  tensor = 1,
  whole = 2,
  real = 3,
  bool = 4,
  none = 5,
  other = 7,
}

/** One JavaScript name with its overloads. */
class Operation {
  readonly name: string;
  readonly method: boolean;
  readonly #table: string;
  #overloads: { overload: Overload; needsOut: boolean }[] | null = null;
  // The call seen last, then all others.
  key = -1;
  id = 0;
  readonly seen = new Map<number, number>();

  constructor(name: string, table: string, method: boolean) {
    this.name = name;
    this.#table = table;
    this.method = method;
  }

  get overloads(): { overload: Overload; needsOut: boolean }[] {
    if (this.#overloads === null) {
      this.#overloads = [];
      for (const entry of this.#table.split(' ')) {
        const needsOut = entry.startsWith('>');
        const [name, overload = ''] = (needsOut ? entry.slice(1) : entry).split('.') as [string, string?];
        const found = Overload.find(`aten::${name}`, overload);
        if (found !== null) this.#overloads.push({ overload: found, needsOut }); // an older libtorch may lack some
      }
    }
    return this.#overloads;
  }
}

/** Writes an argument of a simple kind to its cell and tells the kind. */
function put(at: number, value: unknown): Kind {
  if (value instanceof Tensor) {
    words[at] = Tag.tensor;
    words[at + 1] = value._generation;
    words[at + 2] = value._slot;
    return Kind.tensor;
  }
  if (typeof value === 'number') {
    words[at] = Tag.number;
    doubles[(at >> 1) + 1] = value;
    return Number.isInteger(value) ? Kind.whole : Kind.real;
  }
  if (typeof value === 'boolean') {
    words[at] = Tag.bool;
    words[at + 2] = value ? 1 : 0;
    return Kind.bool;
  }
  if (value === null) {
    words[at] = Tag.none;
    return Kind.none;
  }
  if (value === undefined) {
    words[at] = Tag.absent;
    return Kind.absent;
  }
  return Kind.other;
}

function call1(operation: Operation, a: unknown): unknown {
  const key = put(FIRST_CELL, a) | 64;
  if (key === operation.key || known(operation, key)) return finish(operation.id, 1, a, a, a, a);
  return resolve(operation, [a], key);
}

function call2(operation: Operation, a: unknown, b: unknown): unknown {
  const key = put(FIRST_CELL, a) | (put(FIRST_CELL + 4, b) << 3) | 128;
  if (key === operation.key || known(operation, key)) return finish(operation.id, 2, a, b, a, a);
  return resolve(operation, [a, b], key);
}

function call3(operation: Operation, a: unknown, b: unknown, c: unknown): unknown {
  const key = put(FIRST_CELL, a) | (put(FIRST_CELL + 4, b) << 3) | (put(FIRST_CELL + 8, c) << 7) | 8192;
  if (key === operation.key || known(operation, key)) return finish(operation.id, 3, a, b, c, a);
  return resolve(operation, [a, b, c], key);
}

function call4(operation: Operation, a: unknown, b: unknown, c: unknown, d: unknown): unknown {
  const low = put(FIRST_CELL, a) | (put(FIRST_CELL + 4, b) << 3);
  const key = low | (put(FIRST_CELL + 8, c) << 7) | (put(FIRST_CELL + 12, d) << 10) | 16384;
  if (key === operation.key || known(operation, key)) return finish(operation.id, 4, a, b, c, d);
  return resolve(operation, [a, b, c, d], key);
}

function known(operation: Operation, key: number): boolean {
  const id = operation.seen.get(key);
  if (id === undefined) return false;
  operation.key = key;
  operation.id = id;
  return true;
}

/** Calls the operator whose arguments are in the cells. */
function finish(id: number, count: number, a: unknown, b: unknown, c: unknown, d: unknown): unknown {
  prepare();
  words[Header.op] = id;
  words[Header.argc] = count;
  addon.call();
  if (words[Header.results] === 1) {
    if (words[FIRST_CELL] === Tag.tensor) {
      const tensor = new Tensor(words[FIRST_CELL + 2] as number, words[FIRST_CELL + 1] as number);
      if (words[Header.scope] === 0) {
        addon.watch(tensor);
        if (words[Header.pressure] !== 0) collectGarbage();
      }
      return tensor;
    }
    if (words[FIRST_CELL] === Tag.same) {
      const index = words[FIRST_CELL + 2] as number;
      return index === 0 ? a : index === 1 ? b : index === 2 ? c : d;
    }
    if (words[FIRST_CELL] === Tag.bool) return words[FIRST_CELL + 2] !== 0;
  }
  const overload = Overload.byId(id);
  return shape(overload, overload.results([a, b, c, d]), null);
}

/** Several results as the signature says: nothing, one value, an object with their names, or an array. */
function shape(overload: Overload, results: unknown[], outs: unknown[] | null): unknown {
  if (results.length === 0) return outs === null ? undefined : outs.length === 1 ? outs[0] : outs;
  if (results.length === 1) return results[0];
  const { resultNames } = overload;
  if (resultNames === null) return results;
  const named: Record<string, unknown> = {};
  for (const [i, name] of resultNames.entries()) named[name] = results[i];
  return named;
}

/** The last argument when it is an options object. */
function optionsOf(args: readonly unknown[]): Record<string, unknown> | null {
  const last = args.at(-1);
  if (typeof last !== 'object' || last === null || Array.isArray(last) || ArrayBuffer.isView(last)) return null;
  if (last instanceof Tensor || last instanceof Generator || isComplex(last)) return null;
  const prototype: unknown = Object.getPrototypeOf(last);
  // Of another realm, a plain object has another Object.prototype, whose own prototype is null all the same.
  const plain = prototype === null || Object.getPrototypeOf(prototype) === null;
  return plain ? (last as Record<string, unknown>) : null;
}

const NOTHING: Record<string, unknown> = {};

/** Finds the overload that the arguments fit, calls it, and remembers the choice when all of them were simple. */
function resolve(operation: Operation, args: unknown[], key: number): unknown {
  const options = optionsOf(args);
  const positional = options === null ? args : args.slice(0, -1);
  while (positional.length > 0 && positional.at(-1) === undefined) positional.pop();
  for (const { overload, needsOut } of operation.overloads) {
    if (needsOut !== (options?.out !== undefined && options.out !== null)) continue;
    const filled = arrange(operation, overload, positional, options ?? NOTHING);
    if (typeof filled === 'string') continue;
    if (key >= 0 && options === null && positional.length === args.length && isDirectPlacement(filled, args)) {
      operation.seen.set(key, overload.id);
      operation.key = key;
      operation.id = overload.id;
      return finish(overload.id, args.length, args[0], args[1], args[2], args[3]);
    }
    const results = overload.call(filled);
    const outs = overload.outs > 0 ? filled.slice(-overload.outs) : null;
    const result = shape(overload, results, outs);
    return options?.requiresGrad === true && result instanceof Tensor ? result.requiresGrad_() : result;
  }
  throw noOverload(operation, positional, options);
}

/** Every argument is in the cell of its own position and of a kind that the key tells. */
function isDirectPlacement(filled: readonly unknown[], args: readonly unknown[]): boolean {
  return filled.length === args.length && args.every((value, i) => value === filled[i] && isSimple(value));
}

function isSimple(value: unknown): boolean {
  return value instanceof Tensor || typeof value === 'number' || typeof value === 'boolean' || value === null;
}

/** The arguments in schema order, or the reason why they do not fit. */
function arrange(
  operation: Operation,
  overload: Overload,
  given: readonly unknown[],
  options: Record<string, unknown>,
): unknown[] | string {
  const { parameters, selfIndex } = overload;
  const filled: unknown[] = [];
  let next = 0;
  let positional = given;
  if (operation.method) {
    filled[selfIndex] = given[0];
    positional = given.slice(1);
  }
  const places = parameters.slice(0, overload.positional).map((_, i) => i);
  const free = operation.method ? places.filter((i) => i !== selfIndex) : places;

  // x.view(2, 3), zeros(2, 3): an unsized list of integers that stands alone may be spread.
  const only = parameters[free[0] ?? -1];
  if (free.length === 1 && only !== undefined && isSpreadable(only.type) && positional.length > 0 && !fits(positional[0], only.type)) {
    if (!fits(positional, only.type)) return `${only.name}: expected ${wordsFor(only.type)}, spread or in an array`;
    positional = [positional];
  }
  if (positional.length > free.length) return `at most ${free.length} positional arguments`;

  for (const place of free) {
    if (next >= positional.length) break;
    const parameter = parameters[place] as Parameter;
    const value = positional[next++];
    if (value === undefined && parameter.hasDefault) continue;
    if (!fits(value, parameter.type)) return `expected ${wordsFor(parameter.type)} for ${parameter.name} but received ${describe(value)}`;
    filled[place] = value;
  }

  const inPlace = new Set(free.slice(0, next));
  for (const name of Object.keys(options)) {
    const value = options[name];
    if (value === undefined || name === 'out') continue;
    const place = parameters.findIndex((parameter) => parameter.name === name && !parameter.isOut);
    if (place < 0) {
      if (name === 'requiresGrad' && hasTensorOptions(overload)) {
        if (typeof value !== 'boolean') return `expected a boolean for requiresGrad but received ${describe(value)}`;
        continue;
      }
      return unknownOption(name, parameters);
    }
    if (inPlace.has(place) && filled[place] !== undefined) return `${name} was given twice, in place and among the options`;
    const { type } = parameters[place] as Parameter;
    if (!fits(value, type)) return `expected ${wordsFor(type)} for ${name} but received ${describe(value)}`;
    filled[place] = value;
  }
  if (overload.outs > 0) {
    const problem = placeOuts(overload, options.out, filled);
    if (problem !== null) return problem;
  }
  for (let i = 0; i < parameters.length; i++) {
    const { hasDefault, name, type } = parameters[i] as Parameter;
    if (filled[i] !== undefined || hasDefault) continue;
    return `expected ${wordsFor(type)} for ${name} but received nothing`;
  }
  // Trailing defaults need not be written; holes in between must be there.
  for (let i = 0; i < filled.length; i++) if (!(i in filled)) filled[i] = undefined;
  return filled;
}

function isSpreadable(type: Parameter['type']): boolean {
  return type.kind === 'int' && type.list && type.listSize === undefined && !type.nullable;
}

function hasTensorOptions(overload: Overload): boolean {
  return ['dtype', 'layout', 'device', 'pinMemory'].every((name) => overload.parameters.some((p) => p.kwargOnly && p.name === name));
}

/** `out` as one tensor, in order, or by the names of the results. */
function placeOuts(overload: Overload, out: unknown, filled: unknown[]): string | null {
  const first = overload.parameters.length - overload.outs;
  let list: readonly unknown[];
  if (overload.outs === 1) list = [out];
  else if (Array.isArray(out)) list = out;
  else if (overload.resultNames !== null && typeof out === 'object' && out !== null) {
    const byName = out as Record<string, unknown>;
    list = overload.resultNames.map((name) => byName[name]);
  } else list = [];
  for (let i = 0; i < overload.outs; i++) {
    const { type, name } = overload.parameters[first + i] as Parameter;
    if (!fits(list[i], type) || list[i] === null) return `expected ${wordsFor(type)} for ${name} but received ${describe(list[i])}`;
    filled[first + i] = list[i];
  }
  return null;
}

function unknownOption(name: string, parameters: readonly Parameter[]): string {
  const names = parameters.map((parameter) => parameter.name);
  const near = names.find((candidate) => candidate.toLowerCase() === name.replaceAll('_', '').toLowerCase());
  return near === undefined ? `unknown option ${name}` : `unknown option ${name}: it is called ${near}`;
}

/** The error when no overload fits: for one overload the reason, for several the list of what there is. */
function noOverload(operation: Operation, given: readonly unknown[], options: Record<string, unknown> | null): TypeError {
  const { name } = operation;
  const candidates = operation.overloads.filter(({ needsOut }) => needsOut === (options?.out !== undefined && options.out !== null));
  if (candidates.length === 0) {
    const known = operation.overloads.length > 0;
    return new TypeError(known ? `${name}: it takes no \`out\`` : `${name}: this libtorch (${addon.libtorchVersion}) has no such operator`);
  }
  const reasons = candidates.map(({ overload }) => arrange(operation, overload, given, options ?? NOTHING) as string);
  if (candidates.length === 1) return new TypeError(`${name}: ${reasons[0]}`);
  // When all but one fail for the number of arguments, that one is meant.
  const telling = reasons.filter((reason) => !/^at most|received nothing$/.test(reason));
  if (new Set(telling).size === 1) return new TypeError(`${name}: ${telling[0]}`);
  const received = `${describeAll(operation.method ? given.slice(1) : given)}${options === null ? '' : ` with {${Object.keys(options).join(', ')}}`}`;
  const forms = candidates.map(({ overload }, i) => `  ${overload.schemaText.replace(/^aten::/, '')}\n    ${reasons[i]}`);
  return new TypeError(`${name}: expected arguments of one of these forms but received ${received}\n${forms.join('\n')}`);
}

type Callable = (...args: never[]) => unknown;

function makeMethod(name: string, table: string): Callable {
  const operation = new Operation(name, table, true);
  const holder = {
    [name](this: Tensor, a?: unknown, b?: unknown, c?: unknown): unknown {
      switch (arguments.length) {
        case 0:
          return call1(operation, this);
        case 1:
          return call2(operation, this, a);
        case 2:
          return call3(operation, this, a, b);
        case 3:
          return call4(operation, this, a, b, c);
        default:
          // `arguments`, because a rest parameter would cost an array in the short calls too.
          return resolve(operation, [this, ...arguments], -1);
      }
    },
  };
  return holder[name] as Callable;
}

function makeFunction(name: string, table: string): Callable {
  const operation = new Operation(name, table, false);
  const holder = {
    [name](a?: unknown, b?: unknown, c?: unknown, d?: unknown): unknown {
      switch (arguments.length) {
        case 1:
          return call1(operation, a);
        case 2:
          return call2(operation, a, b);
        case 3:
          return call3(operation, a, b, c);
        case 4:
          return call4(operation, a, b, c, d);
        default:
          return resolve(operation, [...arguments], -1);
      }
    },
  };
  return holder[name] as Callable;
}

function namespace<T>(key: keyof typeof functions): T {
  const object: Record<string, unknown> = {};
  for (const [name, table] of Object.entries(functions[key])) object[name] = makeFunction(name, table);
  return object as T;
}

for (const [name, table] of Object.entries(methods)) {
  if (Object.hasOwn(Tensor.prototype, name)) continue; // written by hand
  Object.defineProperty(Tensor.prototype, name, { value: makeMethod(name, table), writable: true, configurable: true });
}

export const operators = namespace<Functions>('root');
export const fft = namespace<FftFunctions>('fft');
export const linalg = namespace<LinalgFunctions>('linalg');
export const special = namespace<SpecialFunctions>('special');
export const nnFunctional = namespace<NnFunctions>('nn.functional');
export const sparse = namespace<SparseFunctions>('sparse');
export const nested = namespace<NestedFunctions>('nested');
