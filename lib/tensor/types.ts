/** The JavaScript side of libtorch's argument types. Types only: this file leaves nothing at run time. */

import type { Generator } from './generator';
import type { Tensor } from './tensor';

/** An integer. Beyond 2^53 a `bigint` keeps every digit. */
export type Int = number | bigint;

/** A list for which one number stands when all its elements are equal: `3` for `[3, 3]`. */
export type IntList1 = Int | readonly Int[];

/** A complex number. */
export interface Complex {
  readonly re: number;
  readonly im: number;
}

/** A number of any kind: integer, real, boolean or complex. */
export type Scalar = number | bigint | boolean | Complex;

/** The type of a tensor's elements. */
export type DType =
  | 'float16'
  | 'bfloat16'
  | 'float32'
  | 'float64'
  | 'int8'
  | 'int16'
  | 'int32'
  | 'int64'
  | 'uint8'
  | 'bool'
  | 'complex64'
  | 'complex128'
  | RareDType;

/** Element types that few operators support. */
export type RareDType =
  | 'complex32'
  | 'bcomplex32'
  | 'uint16'
  | 'uint32'
  | 'uint64'
  | 'float8_e4m3fn'
  | 'float8_e5m2'
  | 'float8_e4m3fnuz'
  | 'float8_e5m2fnuz'
  | 'float8_e8m0fnu'
  | 'float4_e2m1fn_x2'
  | 'qint8'
  | 'quint8'
  | 'qint32'
  | 'quint4x2'
  | 'quint2x4'
  | 'bits1x8'
  | 'bits2x4'
  | 'bits4x2'
  | 'bits8'
  | 'bits16'
  | 'uint1'
  | 'uint2'
  | 'uint3'
  | 'uint4'
  | 'uint5'
  | 'uint6'
  | 'uint7'
  | 'int1'
  | 'int2'
  | 'int3'
  | 'int4'
  | 'int5'
  | 'int6'
  | 'int7';

/** How a tensor's elements lie in memory. */
export type Layout = 'strided' | 'sparse' | 'sparseCsr' | 'sparseCsc' | 'sparseBsr' | 'sparseBsc' | 'mkldnn' | 'jagged';

/** The order of a tensor's axes in memory. */
export type MemoryFormat = 'contiguous' | 'preserve' | 'channelsLast' | 'channelsLast3d';

/** A kind of device that libtorch knows. */
export type DeviceType = 'cpu' | 'cuda' | 'meta' | 'mps' | 'xpu' | 'hpu' | 'xla' | 'mkldnn' | 'privateuseone';

/** Where a tensor lies: `'cpu'`, `'cuda'` (the current one), `'cuda:1'`. */
export type DeviceLike = DeviceType | `${DeviceType}:${number}`;

/** What the functions that create a tensor accept. */
export interface TensorOptions {
  /** Type of the elements. */
  dtype?: DType | null;
  layout?: Layout | null;
  device?: DeviceLike | null;
  /** Page-locked memory, from which copies to a GPU are quick. CPU tensors only. */
  pinMemory?: boolean | null;
  /** Record operations on the result for `backward`. */
  requiresGrad?: boolean;
}

export type { Generator, Tensor };
