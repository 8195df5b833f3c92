import { dtypeBytes, isComplexDType } from '../tensor/dtype';
import type { Tensor } from '../tensor/tensor';
import type { DType } from '../tensor/types';

/** Turns the byte order of the numbers of a dtype in bytes on the CPU, in place. */
export function swapBytes(raw: Tensor, dtype: DType): void {
  const width = isComplexDType(dtype) ? dtypeBytes(dtype) / 2 : dtypeBytes(dtype);
  if (width === 1 || raw.numel() === 0) return;
  const { buffer, byteOffset, byteLength } = raw.toTypedArray();
  const bytes = Buffer.from(buffer as ArrayBuffer, byteOffset, byteLength - (byteLength % width));
  if (width === 2) bytes.swap16();
  else if (width === 4) bytes.swap32();
  else bytes.swap64();
}
