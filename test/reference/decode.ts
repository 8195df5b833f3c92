/** The stored values of operators.json and tensors.json as tensors and JavaScript values. The format is in encode.py. */

import type { DType, Tensor } from '../../lib';
import * as torch from '../../lib';

export type EncodedNumber = number | boolean | string;

export interface EncodedTensor {
  dtype: DType;
  shape: number[];
  /** In logical order; a complex element takes two places; NaN, infinities and wide integers are strings. */
  data: EncodedNumber[];
  requiresGrad?: boolean;
}

export type Encoded =
  | null
  | number
  | boolean
  | string
  | EncodedTensor
  | { re: number; im: number }
  | { float: string }
  | { bigint: string }
  | { named: Record<string, Encoded> }
  | Encoded[];

export function isEncodedTensor(value: unknown): value is EncodedTensor {
  return typeof value === 'object' && value !== null && 'dtype' in value && 'data' in value;
}

export function isComplexDType(dtype: string): boolean {
  return dtype.startsWith('complex');
}

export function decodeTensor(encoded: EncodedTensor): Tensor {
  const { dtype, shape, data } = encoded;
  const flat = isComplexDType(dtype) ? pairs(data) : data.map((value) => decodeNumber(value, dtype));
  // A copy, since a view refuses some operations.
  const tensor = torch.tensor(flat, { dtype }).reshape(shape).clone();
  return encoded.requiresGrad === true ? tensor.requiresGrad_() : tensor;
}

/** An argument or option of a case. */
export function decode(value: Encoded): unknown {
  if (Array.isArray(value)) return value.map(decode);
  if (isEncodedTensor(value)) return decodeTensor(value);
  if (typeof value === 'object' && value !== null) {
    if ('float' in value) return Number(value.float);
    if ('bigint' in value) return BigInt(value.bigint);
  }
  return value;
}

function decodeNumber(value: EncodedNumber, dtype: DType): number | boolean | bigint {
  if (typeof value !== 'string') return value;
  return dtype === 'int64' || dtype === 'uint64' ? BigInt(value) : Number(value);
}

function pairs(data: EncodedNumber[]): { re: number; im: number }[] {
  return Array.from({ length: data.length / 2 }, (_, i) => ({ re: Number(data[2 * i]), im: Number(data[2 * i + 1]) }));
}
