/** From tensors to JavaScript values. */

import { addon } from '../native';
import { expected } from './expected';
import { Overload } from './overload';
import { Header } from './protocol';
import { cellAt, collectGarbage, putTensor, words } from './runtime';
import type { Tensor } from './tensor';
import type { Complex, DType } from './types';

export type TypedArray =
  | Float32Array
  | Float64Array
  | Int8Array
  | Int16Array
  | Int32Array
  | BigInt64Array
  | Uint8Array
  | Uint16Array
  | Uint32Array
  | BigUint64Array;

/** What `toArray` gives: a value, or arrays of arrays of values. */
export type NestedArray = number | bigint | boolean | Complex | NestedArray[];

type ArrayType = new (buffer: ArrayBuffer, byteOffset?: number, length?: number) => TypedArray;

/** The typed array whose elements have the bits of a dtype. */
const ARRAY_TYPES: Partial<Record<DType, ArrayType>> = {
  float16: Uint16Array,
  bfloat16: Uint16Array,
  float32: Float32Array,
  float64: Float64Array,
  int8: Int8Array,
  int16: Int16Array,
  int32: Int32Array,
  int64: BigInt64Array,
  uint8: Uint8Array,
  uint16: Uint16Array,
  uint32: Uint32Array,
  uint64: BigUint64Array,
  bool: Uint8Array,
  complex32: Uint16Array,
  complex64: Float32Array,
  complex128: Float64Array,
};

export function arrayTypeOf(dtype: DType): ArrayType {
  return ARRAY_TYPES[dtype] ?? Uint8Array;
}

/** The elements in order in a typed array, sharing the memory when `copy` is false and it lies so. */
export function readTypedArray(tensor: Tensor, copy: boolean): TypedArray {
  const plain = onCpu(tensor);
  putTensor(cellAt(0), plain);
  // What was made on the way is nobody else's: no second copy.
  const buffer = addon.toBuffer(copy && plain === tensor);
  if (words[Header.pressure] !== 0) collectGarbage();
  return new (arrayTypeOf(tensor.dtype))(buffer);
}

/** The tensor on the CPU, in order, without lazy conjugates; itself when it is so already. */
function onCpu(tensor: Tensor): Tensor {
  let plain = tensor;
  if (plain.layout !== 'strided') plain = plain.toDense();
  if (plain.device !== 'cpu') plain = plain.to('cpu');
  if (plain.isConj()) plain = plain.resolveConj();
  if (plain.isNeg()) plain = plain.resolveNeg();
  return plain.isContiguous() ? plain : plain.contiguous();
}

/** The values in order, as JavaScript has them: numbers, bigints, booleans or complex numbers. */
export function readValues(tensor: Tensor): (number | bigint | boolean | Complex)[] {
  const { dtype } = tensor;
  switch (dtype) {
    case 'bool':
      return Array.from(readTypedArray(tensor, false) as Uint8Array, (value) => value !== 0);
    case 'int64':
    case 'uint64':
      return exactIntegers(readTypedArray(tensor, false) as BigInt64Array);
    case 'complex64':
    case 'complex128':
      return pairs(readTypedArray(tensor, false) as Float64Array);
    case 'complex32':
      return pairs(readTypedArray(tensor.to('complex64'), false) as Float32Array);
    case 'float32':
    case 'float64':
    case 'int8':
    case 'int16':
    case 'int32':
    case 'uint8':
    case 'uint16':
    case 'uint32':
      return Array.from(readTypedArray(tensor, false) as Float64Array);
    default:
      // float16, bfloat16 and the eight-bit floats have no typed array of their own.
      return Array.from(readTypedArray(tensor.to('float32'), false) as Float32Array);
  }
}

const LARGEST = BigInt(Number.MAX_SAFE_INTEGER);

/** All numbers when all are exact, else all bigints: one kind of value per tensor. */
function exactIntegers(values: BigInt64Array | BigUint64Array): (number | bigint)[] {
  const list = Array.from(values as BigInt64Array);
  return list.every((value) => value <= LARGEST && value >= -LARGEST) ? list.map(Number) : list;
}

function pairs(values: ArrayLike<number>): Complex[] {
  return Array.from({ length: values.length / 2 }, (_, i) => ({ re: values[2 * i] as number, im: values[2 * i + 1] as number }));
}

export function toNestedArray(tensor: Tensor): NestedArray {
  const values = readValues(tensor);
  const { shape } = tensor;
  if (shape.length === 0) return values[0] as NestedArray;
  let at = 0;
  const build = (dim: number): NestedArray[] => {
    const length = shape[dim] as number;
    if (dim === shape.length - 1) {
      const row = values.slice(at, at + length);
      at += length;
      return row;
    }
    return Array.from({ length }, () => build(dim + 1));
  };
  return build(0);
}

let localScalar: Overload | null = null;

export function readItem(tensor: Tensor): number | bigint | boolean | Complex {
  const count = tensor.numel();
  if (count !== 1) throw expected('a tensor of one element', 'item', tensor);
  localScalar ??= Overload.find('aten::item', '') as Overload;
  return localScalar.call([tensor])[0] as number | bigint | boolean | Complex;
}
