import type { Tensor } from '../../tensor/tensor';

/** One number for all spatial dimensions, or one for each. */
export type Sizes = number | readonly number[];

/** An output size where null stands for the input's size in that dimension. */
export function fillSizes(sizes: number | readonly (number | null)[], input: Tensor): Sizes {
  if (typeof sizes === 'number' || !sizes.includes(null)) return sizes as Sizes;
  return sizes.map((size, d) => size ?? input.size(d - sizes.length));
}
