import { searchsorted, where } from '../../tensor/generated/root';
import type { Tensor } from '../../tensor/tensor';
import type { PairMasks } from './pairs';

/**
 * In how many of the triplets `d_ij - d_ik + margin > 0`, j of i's label and k of another, each pair is, [B, B] in the dtype of the distances:
 * positive pairs with their number, negative ones with minus their number, 0 on the diagonal. Counted in sorted distances, so that the triplets
 * are not formed.
 */
export function tripletCounts(d: Tensor, { positive, negative }: PairMasks, margin: number): Tensor {
  const far = Number.POSITIVE_INFINITY;
  // Up to where each positive pair reaches: it is in a triplet above 0 with each negative that is nearer.
  const reach = d.add(margin).maskedFill(positive.logicalNot(), far);
  const negatives = d.maskedFill(negative.logicalNot(), far);
  const reached = searchsorted(negatives.sort(1).values, reach, { outInt32: true });
  const beyond = searchsorted(reach.sort(1).values, negatives, { outInt32: true, right: true });
  return where(positive, reached, where(negative, beyond.sub(positive.sum(1, true)), 0)).to(d.dtype);
}
