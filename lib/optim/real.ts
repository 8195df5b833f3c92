import { viewAsReal } from '../tensor/generated/root';
import type { Tensor } from '../tensor/tensor';

/** Complex tensors as pairs of real numbers, which is how optimizers treat them; the memory is shared. Others as they are. */
export function asReal(tensors: readonly Tensor[]): readonly Tensor[] {
  return tensors[0]?.isComplex() ? tensors.map((tensor) => viewAsReal(tensor)) : tensors;
}
