/** Positions of samples, as users give them and as tensors. */

import { tensor } from '../tensor/creation';
import { expected } from '../tensor/expected';
import { Tensor } from '../tensor/tensor';

/** Positions of samples: an int64 tensor or whole numbers. */
export type Indices = Tensor | readonly number[];

/** The positions as int64[n], in no scope when they had to be made. @throws unless all are whole numbers in [0, length) */
export function toIndices(indices: Indices, length: number, where: string): Tensor {
  if (indices instanceof Tensor) {
    if (indices.dtype !== 'int64' || indices.dim() !== 1) throw expected('an int64 tensor of one dimension', where, indices);
    if (indices.numel() > 0) checkRange(indices, length, where);
    return indices.keep();
  }
  if (!Array.isArray(indices)) throw expected('whole numbers or an int64 tensor', where, indices);
  const odd = indices.findIndex((index) => !Number.isSafeInteger(index) || index < 0 || index >= length);
  if (odd >= 0) throw expected(`a whole number in [0, ${length})`, `${where}[${odd}]`, indices[odd]);
  return tensor(indices, { dtype: 'int64' }).keep();
}

function checkRange(indices: Tensor, length: number, where: string): void {
  const [lowest, highest] = [Number(indices.min().item()), Number(indices.max().item())];
  if (lowest < 0 || highest >= length) throw expected(`positions in [0, ${length})`, where, lowest < 0 ? lowest : highest);
}

/** The positions as numbers. */
export function toNumbers(indices: Tensor): number[] {
  return Array.from(indices.toTypedArray() as BigInt64Array, Number);
}
