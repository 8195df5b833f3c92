import { checkedTensor } from '../../tensor/checked';
import { expected } from '../../tensor/expected';
import type { Tensor } from '../../tensor/tensor';

/** One number for all spatial dimensions, or one for each. */
export type Sizes = number | readonly number[];

/** An output size where null stands for the input's size in that dimension. */
export function fillSizes(sizes: number | readonly (number | null)[], input: Tensor): Sizes {
  checkedTensor(input, 'input');
  if (typeof sizes === 'number') return sizes;
  if (!Array.isArray(sizes)) throw expected('a whole number or an array of them', 'outputSize', sizes);
  if (!sizes.includes(null)) return sizes as Sizes;
  return (sizes as readonly (number | null)[]).map((size, d) => size ?? input.size(d - sizes.length));
}
