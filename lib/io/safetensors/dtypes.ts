/** The format's names of dtypes. */

import type { DType } from '../../tensor/types';

/** The format's names of the dtypes, with the bytes of one element, in the order that the reference implementation writes them. */
const DTYPES = [
  ['uint64', 'U64', 8],
  ['int64', 'I64', 8],
  ['float64', 'F64', 8],
  ['complex64', 'C64', 8],
  ['float32', 'F32', 4],
  ['uint32', 'U32', 4],
  ['int32', 'I32', 4],
  ['bfloat16', 'BF16', 2],
  ['float16', 'F16', 2],
  ['uint16', 'U16', 2],
  ['int16', 'I16', 2],
  ['float8_e5m2fnuz', 'F8_E5M2FNUZ', 1],
  ['float8_e4m3fnuz', 'F8_E4M3FNUZ', 1],
  ['float8_e8m0fnu', 'F8_E8M0', 1],
  ['float8_e4m3fn', 'F8_E4M3', 1],
  ['float8_e5m2', 'F8_E5M2', 1],
  ['int8', 'I8', 1],
  ['uint8', 'U8', 1],
  ['float4_e2m1fn_x2', 'F4', 1],
  ['bool', 'BOOL', 1],
] as const satisfies readonly (readonly [DType, string, number])[];

/** How a dtype is written. */
export interface Encoding {
  readonly dtype: DType;
  readonly name: string;
  readonly bytes: number;
}
export const ENCODINGS: readonly Encoding[] = DTYPES.map(([dtype, name, bytes]) => ({ dtype, name, bytes }));
export const BY_DTYPE: ReadonlyMap<DType, Encoding> = new Map(ENCODINGS.map((encoding) => [encoding.dtype, encoding]));
export const BY_NAME: ReadonlyMap<string, Encoding> = new Map(ENCODINGS.map((encoding) => [encoding.name, encoding]));

/** The format counts the numbers of four bits one by one, libtorch in pairs: the last dimension is twice as long in a file. */
const PAIRED: DType = 'float4_e2m1fn_x2';

export function shapeInFile(dtype: DType, shape: readonly number[]): number[] {
  return dtype === PAIRED ? [...shape.slice(0, -1), 2 * (shape.at(-1) ?? 1)] : [...shape];
}

/** The tensor's shape, null when it has half a pair. */
export function shapeInMemory(dtype: DType, shape: readonly number[]): number[] | null {
  if (dtype !== PAIRED) return [...shape];
  const last = shape.at(-1);
  return last === undefined || last % 2 !== 0 ? null : [...shape.slice(0, -1), last / 2];
}
