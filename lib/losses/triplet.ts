import { softplus } from '../nn/functional';
import { type ReductionOptions, reduced } from '../nn/functional/reduction';
import { rowDistances } from '../nn/metric-learning/rows';
import { checkedOptions } from '../tensor/checked';
import { checkNotNegative } from '../tensor/numbers';
import { checkNotEmpty, checkShapes } from '../tensor/shapes';
import type { Tensor } from '../tensor/tensor';
import { widened } from '../tensor/widened';

export interface TripletHingeOptions {
  /** By how much the negative should be farther than the positive, from 0. Default 0.2. */
  margin?: number;
  /** Compare squared distances, as FaceNet does. Default false: squares tend to make training collapse. */
  squared?: boolean;
}

export interface TripletOptions extends TripletHingeOptions, ReductionOptions {
  /** Take the smaller of the distances of anchor and positive from the negative. Default false. */
  swap?: boolean;
  /** `softplus` in place of the hinge. Default false. */
  soft?: boolean;
}

/**
 * The triplet loss `[d(anchor, positive) - d(anchor, negative) + margin]_+`, d the Euclidean distance.
 *
 * Shapes: anchor, positive and negative [B, D]; a scalar, or [B] without reduction. Where two of them are the same, their distance has
 * gradient 0.
 *
 * @throws for an empty batch, shapes that differ, a negative margin
 *
 * Schroff, Kalenichenko, Philbin: FaceNet. CVPR 2015, arXiv 1503.03832; the swap: Balntas et al., BMVC 2016
 */
export function tripletLoss(anchor: Tensor, positive: Tensor, negative: Tensor, options?: TripletOptions): Tensor {
  const { margin = 0.2, squared = false, swap = false, soft = false, reduction = 'mean' } = checkedOptions(options, 'tripletLoss');
  checkNotNegative(margin, 'margin');
  checkShapes(['anchor', anchor, 'B', 'D'], ['positive', positive, 'B', 'D'], ['negative', negative, 'B', 'D']);
  checkNotEmpty(anchor, 'anchor');
  const [a, p, n] = [widened(anchor), widened(positive), widened(negative)];
  const toNegative = rowDistances(a, n, squared);
  const nearest = swap ? toNegative.minimum(rowDistances(p, n, squared)) : toNegative;
  const z = rowDistances(a, p, squared).sub(nearest).add(margin);
  return reduced(soft ? softplus(z) : z.clampMin(0), reduction);
}
