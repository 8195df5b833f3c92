import { dtypeBytes } from '../tensor/dtype';
import { empty } from '../tensor/generated/root';
import type { Tensor } from '../tensor/tensor';
import type { DType } from '../tensor/types';

/** As many elements of a dtype as bytes hold. They are copied only where kernels could not use their address. */
export function typedView(raw: Tensor, dtype: DType): Tensor {
  const width = dtypeBytes(dtype);
  const bytes = raw.numel() - (raw.numel() % width);
  const whole = raw.numel() === bytes ? raw : raw.narrow(0, 0, bytes);
  // In a mapped file numbers may begin anywhere; kernels need them at multiples of their size.
  return (whole.storageOffset() % width === 0 ? whole : whole.clone()).view(dtype);
}

/**
 * A tensor over elements in one dimension, which must reach far enough. It is no view to autograd: views count their changes in
 * place together, and a change of one would be taken for a change of all.
 */
export function stridedOver(typed: Tensor, size: readonly number[], stride: readonly number[], offset = 0): Tensor {
  return empty([0], { dtype: typed.dtype, device: typed.device }).set_(typed, offset, size, stride);
}

/** A tensor over bytes whose elements lie row by row. */
export function tensorOver(raw: Tensor, dtype: DType, shape: readonly number[]): Tensor {
  if (shape.includes(0)) return empty(shape, { dtype, device: raw.device });
  const stride: number[] = [];
  let step = 1;
  for (const length of [...shape].reverse()) {
    stride.unshift(step);
    step *= length;
  }
  return stridedOver(typedView(raw, dtype), shape, stride);
}
