/** What learning from bags of samples shares: how many samples are in each, and means over each. */

import { onesLike } from '../tensor/generated/root';
import { checkLabels } from '../tensor/labels';
import type { Tensor } from '../tensor/tensor';
import { checkAbove } from '../tensor/values';

export interface Bags {
  /** The bag of each sample, int64 [n]. */
  readonly indices: Tensor;
  /** Samples in each bag, int64 [m]. */
  readonly sizes: Tensor;
  /** Number of bags, m. */
  readonly count: number;
}

/**
 * The bags of n > 0 samples, [n]; null for `numBags`: the highest number plus 1, which is read. Refuses numbers outside [0, numBags) and
 * bags without samples, on the CPU.
 */
export function bagsOf(bagIndices: Tensor, numBags: number | null): Bags {
  // Where no bag is empty there are no more of them than samples.
  checkLabels(bagIndices, numBags ?? bagIndices.size(0), 'bagIndices');
  const indices = bagIndices.long();
  const sizes = counted(indices, numBags);
  checkAbove(sizes, 0, 'bag sizes');
  return { indices, sizes, count: sizes.size(0) };
}

function counted(indices: Tensor, numBags: number | null): Tensor {
  if (indices.device === 'cpu') return indices.bincount(null, numBags ?? 0);
  // There `bincount` would wait for the device.
  const count = numBags ?? Number(indices.max().item()) + 1;
  return indices.newZeros([count]).indexAdd(0, indices, onesLike(indices));
}

/** Means over the bags of numbers [n] or rows [n, d]: [m] or [m, d]. */
export function bagMeans(values: Tensor, { indices, sizes, count }: Bags): Tensor {
  const rows = values.dim() > 1;
  const sums = values.newZeros(rows ? [count, values.size(1)] : [count]).indexAdd(0, indices, values);
  return sums.div(rows ? sizes.unsqueeze(1) : sizes);
}

/** Half precision as single precision, in which sums over many samples keep their digits. */
export function widened(values: Tensor): Tensor {
  return values.dtype === 'bfloat16' || values.dtype === 'float16' ? values.float() : values;
}
