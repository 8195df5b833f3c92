/** numpy's names of dtypes: a kind and the bytes of an element, `f8`. */

import { dtypeBytes } from '../../tensor/dtype';
import type { DType } from '../../tensor/types';

const DTYPE_OF_NAME = {
  b1: 'bool',
  i1: 'int8',
  i2: 'int16',
  i4: 'int32',
  i8: 'int64',
  u1: 'uint8',
  u2: 'uint16',
  u4: 'uint32',
  u8: 'uint64',
  f2: 'float16',
  f4: 'float32',
  f8: 'float64',
  c8: 'complex64',
  c16: 'complex128',
} as const satisfies Readonly<Record<string, DType>>;
const NAME_OF_DTYPE: ReadonlyMap<DType, string> = new Map(Object.entries(DTYPE_OF_NAME).map(([name, dtype]) => [dtype, name]));

/** The dtypes that numpy has. */
export const NUMPY_DTYPES: readonly DType[] = [...NAME_OF_DTYPE.keys()];

/** The dtype of a name, null for bytes of no known meaning (`V2`), undefined when there is none. */
export function dtypeOf(name: string): DType | null | undefined {
  if (/^V\d{1,2}$/.test(name)) return null;
  return Object.hasOwn(DTYPE_OF_NAME, name) ? DTYPE_OF_NAME[name as keyof typeof DTYPE_OF_NAME] : undefined;
}

/** With its byte order, as numpy writes it. A dtype that numpy lacks, such as bfloat16, is bytes without a meaning. */
export function descriptionOf(dtype: DType): string {
  const width = dtypeBytes(dtype);
  const name = NAME_OF_DTYPE.get(dtype);
  if (name === undefined) return `|V${width}`;
  return `${width === 1 ? '|' : '<'}${name}`;
}
