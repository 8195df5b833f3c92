/**
 * The typed operators at run time: which overload a call means, and the call.
 *
 * Nearly all calls repeat: the same operator with tensors and numbers in the same places. Such a call is remembered under
 * the kinds of its arguments, so that it is: write the cells, look up, call, read one handle. Everything else - options,
 * lists, names, spread sizes - goes through `resolve`.
 */

import { addon } from '../native';
import { type Arrangement, arrange, gather, noOverload, type Options, optionsOf } from './arrange';
import { prepare } from './context';
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
import { Operation } from './operation';
import { Overload } from './overload';
import { FIRST_CELL, Header, Tag } from './protocol';
import { Remembered } from './remembered';
import { doubles, words } from './runtime';
import { adopt, Tensor } from './tensor';

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
    if (words[FIRST_CELL] === Tag.tensor) return adopt(words[FIRST_CELL + 2] as number, words[FIRST_CELL + 1] as number);
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

const NOTHING: Options = {};

/** Calls that are remembered of one operation. Programs have a handful; a loop over ever new texts must not fill the memory. */
const REMEMBERED = 16;

/** Finds the overload that the arguments fit, calls it, and remembers the choice. */
function resolve(operation: Operation, args: unknown[], key: number): unknown {
  const options = optionsOf(args) ?? NOTHING;
  let count = options === NOTHING ? args.length : args.length - 1;
  while (count > 0 && args[count - 1] === undefined) count--;
  const known = recall(operation, args, count, options);
  if (known !== null) return callRemembered(operation, known, args, options);

  const given = args.slice(0, count);
  const wantsOut = options.out !== undefined && options.out !== null;
  for (const { overload, needsOut } of operation.overloads) {
    if (needsOut !== wantsOut) continue;
    const arrangement = arrange(operation, overload, given, options);
    if (typeof arrangement === 'string') continue;
    if (key >= 0 && options === NOTHING && isDirectPlacement(arrangement, args)) {
      operation.seen.set(key, overload.id);
      operation.key = key;
      operation.id = overload.id;
      // Once more into the cells: telling why another overload does not fit may have used them.
      for (const [i, value] of args.entries()) put(FIRST_CELL + 4 * i, value);
      return finish(overload.id, args.length, args[0], args[1], args[2], args[3]);
    }
    const remembered = Remembered.of(arrangement, given, options);
    if (remembered !== null) {
      if (operation.remembered.push(remembered) > REMEMBERED) operation.remembered.shift();
      operation.last = remembered;
    }
    return callArranged(operation, arrangement, given, options);
  }
  throw noOverload(operation, given, options === NOTHING ? null : options);
}

/** The remembered call of the same form, whose arguments are in the cells then. */
function recall(operation: Operation, args: readonly unknown[], count: number, options: Options): Remembered | null {
  const { last, remembered } = operation;
  if (last === null || last.write(args, count, options)) return last;
  for (const other of remembered) {
    if (other === last || !other.write(args, count, options)) continue;
    operation.last = other;
    return other;
  }
  return null;
}

/** Calls the operator whose arguments are in the cells. */
function callRemembered(
  operation: Operation,
  { overload, argc, arrangement }: Remembered,
  args: readonly unknown[],
  options: Options,
): unknown {
  prepare();
  words[Header.op] = overload.id;
  words[Header.argc] = argc;
  addon.call();
  const count = words[Header.results];
  if (count === 1 && words[FIRST_CELL] === Tag.tensor) return adopt(words[FIRST_CELL + 2] as number, words[FIRST_CELL + 1] as number);
  if (count === 0) return undefined;
  return shape(overload, overload.results(gather(operation, arrangement, args, options)), null);
}

function callArranged(operation: Operation, arrangement: Arrangement, given: readonly unknown[], options: Options): unknown {
  const { overload } = arrangement;
  const filled = gather(operation, arrangement, given, options);
  const results = overload.call(filled);
  const result = shape(overload, results, overload.outs > 0 ? filled.slice(-overload.outs) : null);
  return options.requiresGrad === true && result instanceof Tensor ? result.requiresGrad_() : result;
}

/** Every argument is in the cell of its own position and of a kind that the key tells. */
function isDirectPlacement({ sources }: Arrangement, args: readonly unknown[]): boolean {
  return sources.length === args.length && args.every((value, i) => sources[i] === i && isSimple(value));
}

function isSimple(value: unknown): boolean {
  return value instanceof Tensor || typeof value === 'number' || typeof value === 'boolean' || value === null;
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
