import { viewAsReal } from '../tensor/generated/root';
import type { Tensor } from '../tensor/tensor';

/** How an optimizer hands a list of tensors to a kernel: complex ones as pairs of real numbers, the memory shared. */
export type AsReal = (tensors: readonly Tensor[]) => readonly Tensor[];

export const pairsOfReals: AsReal = (tensors) => tensors.map((tensor) => viewAsReal(tensor));
export const asTheyAre: AsReal = (tensors) => tensors;
