import { checkedOptions } from '../tensor/checked';
import { scopedNoGrad } from '../tensor/scope';
import { checkNotEmpty, checkShapes } from '../tensor/shapes';
import type { Tensor } from '../tensor/tensor';

/**
 * How far a feature space is from being well-discriminative: `min of the positive - max of the negative` similarities. Above 0 one threshold
 * tells all pairs apart.
 *
 * Shapes: positive [P], negative [N]; a scalar. No gradient flows.
 *
 * @throws for another shape, none of one kind
 *
 * Jung, Lee, Oh, Park, Park, Son: UNPG. BMVC 2022, arXiv 2203.11593
 */
export function wdfsGap(positive: Tensor, negative: Tensor, options?: Record<never, never>): Tensor {
  checkedOptions(options, 'wdfsGap');
  checkShapes(['positive', positive, 'P'], ['negative', negative, 'N']);
  checkNotEmpty(positive, 'positive');
  checkNotEmpty(negative, 'negative');
  return scopedNoGrad(() => positive.min().sub(negative.max()));
}
