import type { Tensor } from '../tensor/tensor';

/** `value * factor` with the rounding that it has in the tensors: what is remembered as a number must equal what is saved. */
export function likeStored(tensors: readonly Tensor[], value: number, factor: number): number {
  return tensors[0]?.dtype === 'float32' ? Math.fround(value * Math.fround(factor)) : value * factor;
}

/** `value` with the rounding that it has in the tensors. */
export function roundedAs(tensors: readonly Tensor[], value: number): number {
  return tensors[0]?.dtype === 'float32' ? Math.fround(value) : value;
}
