/** Random arguments: what a schema asks for, near misses of it, and things that nobody should pass. */

import * as torch from '../../lib';
import type { SchemaKind, SchemaType } from '../../lib/tensor/schema';
import type { Random } from './random';
import { randomTensor, type Theme } from './tensors';

const HUGE_INTS: readonly (number | bigint)[] = [
  2 ** 31,
  2 ** 31 - 1,
  -(2 ** 31),
  -(2 ** 31) - 1,
  2 ** 32,
  2 ** 53,
  -(2 ** 53),
  2 ** 62,
  2n ** 63n - 1n,
  -(2n ** 63n),
  2n ** 64n,
  10n ** 30n,
];
const REALS: readonly number[] = [0.5, -0.5, 1e-8, 1e30, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -0, 5e-324];
const STRINGS: readonly string[] = [
  '',
  'mean',
  'sum',
  'none',
  'floor',
  'trunc',
  'reflect',
  'a',
  '\0',
  'é\u{1f600}',
  'ij,jk->ik',
  'float32',
  'relu',
  'gelu',
];
const DTYPES: readonly torch.DType[] = [
  'float32',
  'float64',
  'int64',
  'bool',
  'complex64',
  'float16',
  'bfloat16',
  'uint8',
  'int32',
  'qint8',
  'uint64',
];

/** An argument of a schema type: four times out of five one that may fit. */
export function randomArgument(random: Random, type: SchemaType, theme: Theme, name: string): unknown {
  if (random.chance(0.03)) return randomMonster(random, theme);
  if (type.nullable && random.chance(0.4)) return random.chance(0.5) ? null : undefined;
  if (!type.list) return one(random, type.kind, theme, name);
  if (type.listSize !== undefined && random.chance(0.3)) return one(random, type.kind, theme, name);
  const length = type.listSize !== undefined && random.chance(0.7) ? type.listSize : random.pick([0, 1, 2, 2, 3, 4, 5]);
  const list = Array.from({ length }, () => (type.elementNullable && random.chance(0.4) ? null : one(random, type.kind, theme, name)));
  if (random.chance(0.01)) return Array.from({ length: random.pick([65, 300, 2_000]) }, () => list[0] ?? 1);
  return list;
}

function one(random: Random, kind: SchemaKind, theme: Theme, name: string): unknown {
  switch (kind) {
    case 'Tensor':
      return randomTensor(random, theme);
    case 'int':
      return randomInt(random, theme, name);
    case 'float':
      return random.chance(0.5) ? random.next() : random.pick(REALS);
    case 'bool':
      return random.chance(0.5);
    case 'Scalar':
      return randomScalar(random);
    case 'str':
      return random.pick(STRINGS);
    case 'ScalarType':
      return random.pick(DTYPES);
    case 'Layout':
      return random.pick(['strided', 'strided', 'strided', 'sparse', 'sparseCsr', 'sparseBsr', 'mkldnn', 'jagged']);
    case 'Device':
      return random.pick(['cpu', 'cpu', 'cpu', 'cpu', 'meta', 'cuda', 'cuda:7', 'cpu:3', 'mps', 'xla:1', 'privateuseone']);
    case 'MemoryFormat':
      return random.pick(['contiguous', 'preserve', 'channelsLast', 'channelsLast3d']);
    case 'Generator':
      return random.chance(0.8) ? new torch.Generator() : null;
    case 'other':
      return random.chance(0.7) ? null : randomMonster(random, theme);
  }
}

function randomInt(random: Random, theme: Theme, name: string): number | bigint {
  const roll = random.next();
  if (roll < 0.05) return random.pick(HUGE_INTS);
  if (roll < 0.1) return random.int(-1000, 1000);
  if (roll < 0.13) return BigInt(random.int(-3, 10));
  if (/^dim|dim$|^axis/.test(name) && roll < 0.8) return random.int(-theme.shape.length - 1, theme.shape.length);
  if (roll < 0.4 && theme.shape.length > 0) return random.pick(theme.shape);
  return random.pick([0, 1, 1, 1, 2, 2, 3, 4, 5, -1, -2, 8]);
}

function randomScalar(random: Random): number | bigint | boolean | { re: number; im: number } {
  const roll = random.next();
  if (roll < 0.1) return random.pick(HUGE_INTS);
  if (roll < 0.2) return random.pick(REALS);
  if (roll < 0.25) return random.chance(0.5);
  if (roll < 0.3) return { re: random.next(), im: random.pick(REALS) };
  return random.chance(0.5) ? random.int(-3, 5) : random.next() * 4 - 2;
}

/** Something that no operator expects. */
export function randomMonster(random: Random, theme: Theme): unknown {
  switch (random.int(0, 26)) {
    case 0:
      return undefined;
    case 1:
      return null;
    case 2:
      return Number.NaN;
    case 3:
      return random.pick(HUGE_INTS);
    case 4:
      return random.pick(REALS);
    case 5:
      return random.pick(STRINGS);
    case 6:
      return 'x'.repeat(random.pick([1000, 100_000]));
    case 7:
      return Symbol('fuzz');
    case 8:
      return () => 1;
    case 9:
      return {};
    case 10:
      return cyclic();
    case 11:
      return [[1, 2], [3]];
    case 12:
      return new Date(Number.NaN);
    case 13:
      return new Map([[1, 2]]);
    case 14:
      return new Float64Array(random.int(0, 9));
    case 15:
      return new BigInt64Array(2);
    case 16:
      return new ArrayBuffer(8);
    case 17:
      return hostile();
    case 18:
      return Array.from({ length: random.pick([70, 5000]) }, (_, i) => (i % 3 === 0 ? i : `${i}`));
    case 19:
      return Object.create(null);
    case 20:
      return { re: 'a', im: 2 };
    case 21:
      return Object.create(torch.Tensor.prototype); // looks like a tensor, has no handle
    case 22:
      return { ...randomTensor(random, theme) };
    case 23:
      return new Array(random.pick([3, 100]));
    case 24:
      return {
        [random.pick(['dim', 'keepdim', 'out', 'dtype', '__proto__', 'constructor', 'toString', ''])]: random.pick([
          1,
          null,
          true,
          'x',
          [],
        ]),
      };
    case 25:
      return changing();
    default:
      return Object.freeze([random.chance(0.5) ? -0 : random.int(-9, 9)]);
  }
}

function cyclic(): unknown[] {
  const array: unknown[] = [1];
  array.push(array);
  array[0] = array;
  return array;
}

/** Marks what the hostile objects throw. */
export const HOSTILE = 'thrown by a hostile argument';

/** Throws whatever one does with it. */
function hostile(): unknown {
  const refuse = (): never => {
    throw new Error(HOSTILE);
  };
  return new Proxy(
    {},
    { get: refuse, has: refuse, ownKeys: refuse, getPrototypeOf: refuse, getOwnPropertyDescriptor: refuse, set: refuse },
  );
}

/** An array that has another length and other elements each time it is looked at. */
function changing(): unknown {
  let looks = 0;
  return new Proxy([1, 2, 3], {
    get(target, key, receiver) {
      looks++;
      if (key === 'length') return looks % 7;
      if (typeof key === 'string' && /^\d/.test(key) && looks % 5 === 0) return 'other';
      return Reflect.get(target, key, receiver);
    },
  });
}

/** A value in a few words, for reports. */
export function show(value: unknown, depth = 0): string {
  try {
    if (value instanceof torch.Tensor) {
      if (value.isReleased) return 'released tensor';
      const { shape, dtype, device, layout, requiresGrad } = value;
      const strides = layout === 'strided' && device === 'cpu' && !value.isContiguous() ? ` strides [${value.stride().join(', ')}]` : '';
      const values =
        layout === 'strided' && device === 'cpu' && value.numel() <= 8 && !dtype.includes('q')
          ? ` ${JSON.stringify(value.detach().toArray(), plain)}`
          : '';
      return `${dtype}[${shape.join(', ')}] ${device}${layout === 'strided' ? '' : ` ${layout}`}${strides}${requiresGrad ? ' requiresGrad' : ''}${values}`;
    }
    if (Array.isArray(value)) {
      if (depth > 2) return '[...]';
      const shown = value.slice(0, 8).map((element) => show(element, depth + 1));
      return `[${shown.join(', ')}${value.length > 8 ? `, ... ${value.length}` : ''}]`;
    }
    if (typeof value === 'string') return JSON.stringify(value.length > 40 ? `${value.slice(0, 40)}...` : value);
    if (typeof value === 'bigint') return `${value}n`;
    if (Object.is(value, -0)) return '-0';
    if (typeof value === 'object' && value !== null) {
      const own = Object.entries(value).map(([key, part]) => `${key}: ${depth > 2 ? '...' : show(part, depth + 1)}`);
      return `${Object.prototype.toString.call(value).slice(8, -1)} {${own.slice(0, 8).join(', ')}}`;
    }
    return String(value);
  } catch (error) {
    return `something that throws (${String(error instanceof Error ? error.message : error).slice(0, 60)})`;
  }
}

function plain(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' || (typeof value === 'number' && !Number.isFinite(value)) ? String(value) : value;
}
