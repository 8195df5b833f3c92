/** Many tensors as one vector, and back. */

import { cat } from '../tensor/generated/root';
import type { Tensor } from '../tensor/tensor';

/** The elements of all tensors, one after another. */
export function flattened(tensors: readonly Tensor[]): Tensor {
  return cat(tensors.map((tensor) => tensor.reshape([-1])));
}

/** Views of a vector in the shapes of tensors. */
export function shapedLike(vector: Tensor, tensors: readonly Tensor[]): Tensor[] {
  const pieces = vector.split(tensors.map((tensor) => tensor.numel()));
  return pieces.map((piece, k) => piece.view((tensors[k] as Tensor).shape));
}
