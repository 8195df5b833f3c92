/** Tensors from JavaScript values. */

import { isAnyArrayBuffer } from 'node:util/types';
import { addon } from '../native';
import { checkedOptions } from './checked';
import { prepare } from './context';
import { dtypeBytes, dtypeCode, dtypeName, isComplexDType, isDType, isFloatingDType } from './dtype';
import { describe, expected } from './expected';
import { isComplex, Overload } from './overload';
import { FIRST_CELL, Header } from './protocol';
import type { TypedArray } from './read';
import { doubles, takeCell, words } from './runtime';
import { Tensor } from './tensor';
import type { Complex, DeviceLike, DType } from './types';

/** What `tensor` accepts: a value, nested arrays of values, typed arrays, tensors. */
export type TensorData = number | bigint | boolean | Complex | TypedArray | Uint8ClampedArray | Tensor | readonly TensorData[];

export interface FromDataOptions {
  /**
   * Default: float32 for numbers, int64 where all are whole, bool for booleans, and what a typed array holds; with
   * `requiresGrad` whole numbers are float32 too.
   */
  dtype?: DType | null;
  /** Default `'cpu'`. */
  device?: DeviceLike | null;
  /** Default false. */
  requiresGrad?: boolean;
  /** Page-locked memory, from which copies to a GPU are quick. Default false. */
  pinMemory?: boolean;
}

/**
 * A tensor with a copy of the given values.
 *
 * ```ts
 * torch.tensor([[1, 2], [3, 4]]); // int64
 * torch.tensor([0.5, 1], { dtype: 'float64', requiresGrad: true });
 * torch.tensor(new Float32Array([1, 2, 3]));
 * ```
 *
 * As in PyTorch, whole numbers make int64 (bigints too), other numbers the default dtype (float32), booleans bool, and complex
 * numbers `{re, im}` complex64.
 * @throws when the nested arrays are ragged or hold something else
 */
export function tensor(data: TensorData, options?: FromDataOptions): Tensor {
  const { dtype, device, requiresGrad = false, pinMemory = false } = checkedOptions(options, 'tensor');
  if (dtype !== undefined && dtype !== null && !isDType(dtype)) throw expected("a dtype such as 'float32'", 'dtype', dtype);
  // JavaScript has no 1.0: whole numbers that are to have gradients are meant as real ones.
  const whole = requiresGrad && (dtype === undefined || dtype === null);
  let made = fromValues(data, dtype ?? null);
  if (whole && !isFloatingDType(made.dtype) && !isComplexDType(made.dtype)) made = made.to(defaultDtype());
  if (dtype !== undefined && dtype !== null && made.dtype !== dtype) made = made.to(dtype);
  if (pinMemory) made = made.pinMemory();
  if (device !== undefined && device !== null) made = made.to(device);
  return requiresGrad ? made.requiresGrad_() : made;
}

function fromValues(data: TensorData, dtype: DType | null): Tensor {
  if (data instanceof Tensor) return data.detach().clone();
  if (ArrayBuffer.isView(data)) return fromTypedArray(data, { copy: true });
  const shape = shapeOf(data);
  const flat: unknown[] = [];
  if (Array.isArray(data)) flatten(data, shape, 0, '', flat);
  else flat.push(data);
  if (flat.some((value) => value instanceof Tensor || ArrayBuffer.isView(value))) return stackParts(flat, shape, dtype);
  return fromFlat(flat, shape, dtype);
}

/** Sizes of nested arrays along their first elements; `flatten` checks the rest against them. */
function shapeOf(data: unknown): number[] {
  const shape: number[] = [];
  const seen = new Set<unknown>();
  for (let level = data; Array.isArray(level); level = level[0]) {
    if (seen.has(level)) throw new TypeError('Expected nested arrays for data but received an array that contains itself');
    seen.add(level);
    shape.push(level.length);
    if (level.length === 0) break;
  }
  return shape;
}

function flatten(array: readonly unknown[], shape: readonly number[], depth: number, place: string, out: unknown[]): void {
  if (array.length !== shape[depth]) {
    throw new TypeError(`Expected ${shape[depth]} elements at data${place} as in its neighbours but received ${array.length}`);
  }
  const last = depth === shape.length - 1;
  for (let i = 0; i < array.length; i++) {
    const value = array[i];
    if (last) {
      if (Array.isArray(value)) throw new TypeError(`Expected a value at data${place}[${i}] as in its neighbours but received an array`);
      out.push(value);
    } else if (Array.isArray(value)) flatten(value, shape, depth + 1, `${place}[${i}]`, out);
    else throw new TypeError(`Expected an array at data${place}[${i}] as in its neighbours but received ${describe(value)}`);
  }
}

/** Rows that are tensors or typed arrays themselves. */
function stackParts(parts: readonly unknown[], shape: readonly number[], dtype: DType | null): Tensor {
  const rows = parts.map((part) => fromValues(part as TensorData, dtype));
  stackOverload ??= Overload.find('aten::stack', '') as Overload;
  const stacked = stackOverload.call([rows])[0] as Tensor;
  return stacked.reshape([...shape, ...(rows[0] as Tensor).shape]);
}

let stackOverload: Overload | null = null;

function fromFlat(flat: readonly unknown[], shape: readonly number[], dtype: DType | null): Tensor {
  let kind: 'bool' | 'whole' | 'real' | 'complex' = flat.length === 0 ? 'real' : 'bool';
  let big = false;
  for (const [i, value] of flat.entries()) {
    if (typeof value === 'number') {
      if (kind !== 'complex') kind = Number.isInteger(value) && kind !== 'real' && !Object.is(value, -0) ? 'whole' : 'real';
    } else if (typeof value === 'bigint') {
      big = true;
      if (kind === 'bool') kind = 'whole';
    } else if (isComplex(value)) kind = 'complex';
    else if (typeof value !== 'boolean') throw expected('a number, bigint, boolean or complex number', `data element ${i}`, value);
  }
  if (kind === 'complex') {
    const pairs = Float64Array.from(flat.flatMap((value) => (isComplex(value) ? [value.re, value.im] : [Number(value), 0])));
    const whole = fromBuffer(pairs.buffer, 0, 'complex128', shape, true);
    return dtype === null ? whole.to(defaultDtype() === 'float64' ? 'complex128' : 'complex64') : whole;
  }
  const target = dtype ?? (kind === 'bool' ? 'bool' : kind === 'whole' ? 'int64' : defaultDtype());
  if (big || (target === 'int64' && kind !== 'real')) {
    const values = BigInt64Array.from(flat, toInt64);
    return fromBuffer(values.buffer, 0, 'int64', shape, true);
  }
  if (target === 'float32') return fromBuffer(Float32Array.from(flat as number[], Number).buffer, 0, 'float32', shape, true);
  if (target === 'bool') return fromBuffer(Uint8Array.from(flat, (value) => (value ? 1 : 0)).buffer, 0, 'bool', shape, true);
  // Everything else through float64, which holds every JavaScript number.
  const wide = fromBuffer(Float64Array.from(flat as number[], Number).buffer, 0, 'float64', shape, true);
  return target === 'float64' ? wide : wide.to(target);
}

function toInt64(value: unknown): bigint {
  const whole = typeof value === 'bigint' ? value : BigInt(value as number);
  if (whole !== BigInt.asIntN(64, whole)) throw expected('an integer of 64 bits', 'data', value);
  return whole;
}

/** A tensor over a buffer's bytes from an offset on. */
function fromBuffer(buffer: ArrayBufferLike, byteOffset: number, dtype: DType, shape: readonly number[], copy: boolean): Tensor {
  if (!Array.isArray(shape)) throw expected('an array of whole numbers', 'shape', shape);
  prepare();
  words[Header.argc] = shape.length;
  if (shape.length > 64) throw expected('at most 64 dimensions', 'shape', shape);
  for (const [i, size] of shape.entries()) {
    if (!Number.isSafeInteger(size) || size < 0) throw expected('whole numbers from 0', `shape[${i}]`, size);
    doubles[(FIRST_CELL >> 1) + i] = size;
  }
  const source = buffer instanceof ArrayBuffer || !isSharedBuffer(buffer) ? buffer : new Uint8Array(buffer);
  addon.fromData(source, byteOffset, dtypeCode(dtype), copy);
  return takeCell(0) as Tensor;
}

function isSharedBuffer(buffer: unknown): boolean {
  return Object.prototype.toString.call(buffer) === '[object SharedArrayBuffer]';
}

/** Element types of typed arrays by their name: `instanceof` would not see those of another realm. */
const DTYPES: Readonly<Record<string, DType>> = {
  Float32Array: 'float32',
  Float64Array: 'float64',
  Int8Array: 'int8',
  Int16Array: 'int16',
  Int32Array: 'int32',
  BigInt64Array: 'int64',
  Uint8Array: 'uint8',
  Uint8ClampedArray: 'uint8',
  Uint16Array: 'uint16',
  Uint32Array: 'uint32',
  BigUint64Array: 'uint64',
};

export interface FromTypedArrayOptions extends FromDataOptions {
  /** Sizes; default: one dimension with all elements. */
  shape?: readonly number[];
  /** False: the tensor is a view of the array's memory, changes are seen on both sides. Default false. */
  copy?: boolean;
}

/**
 * A tensor over a typed array (or a Node `Buffer`), without a copy by default. With `dtype` the bytes are read as that type:
 * `Uint16Array` as `'bfloat16'`, `Uint8Array` as `'bool'`, `Float32Array` as `'complex64'`.
 * @throws when the shape does not fit the number of elements, or the memory is not aligned for a view
 */
export function fromTypedArray(data: ArrayBufferView, options?: FromTypedArrayOptions): Tensor {
  const tag = ArrayBuffer.isView(data) ? Object.prototype.toString.call(data).slice(8, -1) : '';
  const own = DTYPES[tag];
  if (own === undefined) throw expected('a typed array', 'data', data);
  const given = checkedOptions(options, 'fromTypedArray');
  const { copy = false, device, pinMemory = false, requiresGrad = false } = given;
  const dtype = given.dtype ?? own;
  dtypeCode(dtype);
  const count = data.byteLength / dtypeBytes(dtype);
  const shape = given.shape ?? [count];
  if (!Array.isArray(shape)) throw expected('an array of whole numbers', 'shape', shape);
  if (!shape.every(Number.isSafeInteger)) throw expected('an array of whole numbers', 'shape', shape);
  const product = shape.reduce((a, b) => a * b, 1);
  if (product !== count) throw expected(`sizes with a product of ${count}`, 'shape', shape);
  let made = fromBuffer(data.buffer, data.byteOffset, dtype, shape, copy);
  if (pinMemory) made = made.pinMemory();
  if (device !== undefined && device !== null) made = made.to(device);
  return requiresGrad ? made.requiresGrad_() : made;
}

/** As `fromTypedArray`, over an `ArrayBuffer` or `SharedArrayBuffer` of elements of type `dtype`. */
export function fromBlob(
  buffer: ArrayBufferLike,
  shape: readonly number[],
  options?: { dtype?: DType; byteOffset?: number; copy?: boolean },
): Tensor {
  if (!isAnyArrayBuffer(buffer)) throw expected('an ArrayBuffer or SharedArrayBuffer', 'buffer', buffer);
  const { dtype = defaultDtype(), byteOffset = 0, copy = false } = checkedOptions(options, 'fromBlob');
  dtypeCode(dtype);
  if (!Number.isSafeInteger(byteOffset) || byteOffset < 0) throw expected('a whole number from 0', 'byteOffset', byteOffset);
  return fromBuffer(buffer, byteOffset, dtype, shape, copy);
}

/** The dtype of tensors made from numbers that are not whole, `'float32'` at first. */
export function defaultDtype(): DType {
  return dtypeName(addon.defaultDtype());
}

/** Changes the default dtype, for the whole process: it is libtorch's. */
export function setDefaultDtype(dtype: DType): void {
  if (!isDType(dtype) || !isFloatingDType(dtype)) throw expected('a floating-point dtype', 'dtype', dtype);
  addon.setDefaultDtype(dtypeCode(dtype));
}
