/** One operator overload: how JavaScript values fit its schema, how they are written to the cells, and the call. */

import { addon } from '../native';
import { requireDeviceType } from './accelerator';
import { prepare } from './context';
import {
  deviceName,
  dtypeCode,
  dtypeName,
  isDevice,
  isDType,
  isLayout,
  isMemoryFormat,
  layoutCode,
  layoutName,
  memoryFormatCode,
  memoryFormatName,
  parseDevice,
} from './dtype';
import { describe, expected } from './expected';
import { Generator } from './generator';
import { camelCase } from './names';
import { Header, Tag } from './protocol';
import {
  beginSide,
  cellAt,
  collectGarbage,
  putAbsent,
  putBigInt,
  putBool,
  putCode,
  putComplex,
  putDevice,
  putList,
  putNone,
  putNumber,
  putNumbers,
  putString,
  putTensor,
  putTensors,
  takeCell,
  words,
} from './runtime';
import { parseSchema, type SchemaArgument, type SchemaKind, type SchemaType } from './schema';
import { Tensor } from './tensor';
import type { Complex } from './types';

export interface Parameter {
  /** In camelCase. */
  readonly name: string;
  readonly schemaName: string;
  readonly type: SchemaType;
  readonly kwargOnly: boolean;
  readonly hasDefault: boolean;
  readonly isOut: boolean;
}

export class Overload {
  readonly id: number;
  /** `aten::add.Tensor`. */
  readonly fullName: string;
  readonly schemaText: string;
  readonly parameters: readonly Parameter[];
  readonly positional: number;
  /** Number of `out` arguments, which stand last. */
  readonly outs: number;
  /** Where `self` stands; -1 without one. */
  readonly selfIndex: number;
  /** The names of several results that all have one, in camelCase. */
  readonly resultNames: readonly string[] | null;
  readonly #resultKinds: readonly SchemaKind[];

  private constructor(id: number) {
    this.id = id;
    this.schemaText = addon.schemaOf(id);
    const schema = parseSchema(this.schemaText);
    this.fullName = `${schema.namespace}::${schema.name}${schema.overload === '' ? '' : `.${schema.overload}`}`;
    this.parameters = schema.args.map(parameter);
    this.positional = schema.args.filter((arg) => !arg.kwargOnly).length;
    this.outs = schema.args.filter((arg) => arg.isOut).length;
    this.selfIndex = schema.args.findIndex((arg) => arg.name === 'self');
    const names = schema.returns.map(({ name }) => camelCase(name));
    const named = names.length > 1 && !names.includes('') && new Set(names).size === names.length;
    this.resultNames = named ? names : null;
    this.#resultKinds = schema.returns.map(({ type }) => type.kind);
  }

  /** The overload of that name, null when this libtorch has none. */
  static find(name: string, overload: string): Overload | null {
    const id = addon.findOp(name, overload);
    if (id < 0) return null;
    let known = known_[id];
    if (known === undefined) {
      known = new Overload(id);
      known_[id] = known;
    }
    return known;
  }

  /** The call with its arguments in schema order; `undefined` stands for the default. Results as the schema has them. */
  call(args: readonly unknown[]): unknown[] {
    beginSide();
    const count = args.length;
    for (let i = 0; i < count; i++) putArgument(cellAt(i), args[i], this.parameters[i] as Parameter);
    return this.run(count, args);
  }

  /** The call with its arguments in the cells. */
  run(count: number, args: ArrayLike<unknown>): unknown[] {
    prepare();
    words[Header.op] = this.id;
    words[Header.argc] = count;
    addon.call();
    return this.results(args);
  }

  /** The results of the call that was just made. */
  results(args: ArrayLike<unknown>): unknown[] {
    const results: unknown[] = [];
    const length = words[Header.results] as number;
    for (let i = 0; i < length; i++) results.push(this.#result(i, takeCell(i, args)));
    if (words[Header.pressure] !== 0) collectGarbage();
    return results;
  }

  static byId(id: number): Overload {
    return known_[id] as Overload;
  }

  /** Results that JavaScript knows under a name. */
  #result(index: number, value: unknown): unknown {
    switch (this.#resultKinds[index]) {
      case 'ScalarType':
        return typeof value === 'number' ? dtypeName(value) : value;
      case 'Layout':
        return typeof value === 'number' ? layoutName(value) : value;
      case 'MemoryFormat':
        return typeof value === 'number' ? memoryFormatName(value) : value;
      case 'Device':
        return value === null ? null : deviceName(value as { type: number; index: number });
      default:
        return value;
    }
  }
}

const known_: (Overload | undefined)[] = [];

function parameter(arg: SchemaArgument): Parameter {
  const { type, kwargOnly, hasDefault, isOut } = arg;
  return { name: camelCase(arg.name), schemaName: arg.name, type, kwargOnly, hasDefault, isOut };
}

// --- does a value fit?

export function isComplex(value: unknown): value is Complex {
  return (
    typeof value === 'object' && value !== null && typeof (value as Complex).re === 'number' && typeof (value as Complex).im === 'number'
  );
}

function isInt(value: unknown): boolean {
  return (typeof value === 'number' && Number.isInteger(value)) || typeof value === 'bigint';
}

function isNumberArray(value: unknown): value is ArrayLike<number> {
  return (
    ArrayBuffer.isView(value) && !(value instanceof DataView) && !(value instanceof BigInt64Array) && !(value instanceof BigUint64Array)
  );
}

/** Whether a value may stand for an argument of that type. */
export function fits(value: unknown, type: SchemaType): boolean {
  if (value === null || value === undefined) return type.nullable;
  if (!type.list) return fitsScalar(value, type.kind);
  if (Array.isArray(value)) {
    return value.every((element) => (element === null || element === undefined ? type.elementNullable : fitsScalar(element, type.kind)));
  }
  if (isNumberArray(value)) return type.kind === 'int' || type.kind === 'float' || type.kind === 'Scalar';
  return type.listSize !== undefined && type.kind === 'int' && isInt(value);
}

function fitsScalar(value: unknown, kind: SchemaKind): boolean {
  switch (kind) {
    case 'Tensor':
      return value instanceof Tensor;
    case 'int':
      return isInt(value);
    case 'float':
      return typeof value === 'number' || typeof value === 'bigint';
    case 'bool':
      return typeof value === 'boolean';
    case 'Scalar':
      return typeof value === 'number' || typeof value === 'bigint' || typeof value === 'boolean' || isComplex(value);
    case 'str':
      return typeof value === 'string';
    case 'ScalarType':
      return isDType(value);
    case 'Layout':
      return isLayout(value);
    case 'Device':
      return isDevice(value);
    case 'MemoryFormat':
      return isMemoryFormat(value);
    case 'Generator':
      return value instanceof Generator;
    case 'other':
      return false;
  }
}

const WORDS: Readonly<Record<SchemaKind, string>> = {
  Tensor: 'a tensor',
  int: 'a whole number',
  float: 'a number',
  bool: 'a boolean',
  Scalar: 'a number, bigint, boolean or complex number',
  str: 'a string',
  ScalarType: "a dtype such as 'float32'",
  Layout: "a layout such as 'strided'",
  Device: "a device such as 'cpu' or 'cuda:0'",
  MemoryFormat: "a memory format such as 'channelsLast'",
  Generator: 'a Generator',
  other: 'null: its type has no JavaScript form',
};

/** What an argument of that type may be, in words. */
export function wordsFor(type: SchemaType): string {
  const one = WORDS[type.kind];
  const what = type.list ? `an array of ${one.replace(/^an? /, '').replace(/^(whole number|number|tensor|boolean|string)\b/, '$1s')}` : one;
  return type.nullable ? `${what} or null` : what;
}

// --- writing

const INT64_MIN = -(2n ** 63n);
const INT64_MAX = 2n ** 63n - 1n;

/** Writes an argument to a cell; throws when the value does not fit. */
export function putArgument(at: number, value: unknown, parameter: Parameter): void {
  if (value === undefined) return putAbsent(at);
  if (value === null) return putNone(at);
  const { type, name } = parameter;
  if (!type.list) return putScalar(at, value, type.kind, name);
  if (Array.isArray(value)) return putArray(at, value, type, name);
  if (isNumberArray(value)) return putNumbers(at, value);
  if (type.kind === 'int' && type.listSize !== undefined) return putScalar(at, value, 'int', name);
  throw expected(wordsFor(type), name, value);
}

function putScalar(at: number, value: unknown, kind: SchemaKind, name: string): void {
  if (!fitsScalar(value, kind)) throw expected(WORDS[kind], name, value);
  switch (kind) {
    case 'Tensor':
      return putTensor(at, value as Tensor);
    case 'str':
      return putString(at, value as string);
    case 'ScalarType':
      return putCode(at, Tag.dtype, dtypeCode(value as never, name));
    case 'Layout':
      return putCode(at, Tag.layout, layoutCode(value as never));
    case 'MemoryFormat':
      return putCode(at, Tag.memoryFormat, memoryFormatCode(value as never));
    case 'Device': {
      const { type, index } = parseDevice(value, name);
      requireDeviceType(type, value as string);
      return putDevice(at, type, index);
    }
    case 'Generator':
      return putCode(at, Tag.generator, (value as Generator)._id);
    default:
      return putPlain(at, value, name);
  }
}

/** A number of any kind, or a boolean. */
function putPlain(at: number, value: unknown, name: string): void {
  if (typeof value === 'number') putNumber(at, value);
  else if (typeof value === 'boolean') putBool(at, value);
  else if (typeof value === 'bigint') {
    if (value < INT64_MIN || value > INT64_MAX) throw expected('an integer of 64 bits', name, value);
    putBigInt(at, value);
  } else putComplex(at, value as Complex);
}

function putArray(at: number, values: readonly unknown[], type: SchemaType, name: string): void {
  if (type.kind === 'Tensor') {
    for (const [i, value] of values.entries()) {
      const ok = value instanceof Tensor || (type.elementNullable && (value === null || value === undefined));
      if (!ok) throw expected(type.elementNullable ? 'a tensor or null' : 'a tensor', `${name}[${i}]`, value);
    }
    return putTensors(
      at,
      Array.from(values, (value) => (value as Tensor | undefined) ?? null), // holes too
    );
  }
  if ((type.kind === 'int' || type.kind === 'float' || type.kind === 'Scalar') && values.every((value) => typeof value === 'number')) {
    return putNumbers(at, values as readonly number[]);
  }
  putList(at, values, (to, value) => putScalar(to, value, type.kind, name));
}

/** What came, for messages: `(float32[2, 3] cpu, string "a")`. */
export function describeAll(args: ArrayLike<unknown>): string {
  return `(${Array.from(args, (value) => describe(value).replace(/^tensor /, '')).join(', ')})`;
}
