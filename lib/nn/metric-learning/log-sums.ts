/** Logarithms of sums of exponentials over some of the elements. */

import { zeros } from '../../tensor/generated/root';
import { scopedNoGrad } from '../../tensor/scope';
import type { Tensor } from '../../tensor/tensor';
import { softplus } from '../functional';

/**
 * What does not count. Not infinite: of nothing but infinities the sum's gradient is NaN. Its exponential is 0 beside whatever counts, and where
 * nothing does the result is about -1e30, with gradient 0.
 */
export const LOW = -1e30;

/** Exponents, those outside the mask so low that they do not count. */
export function lowered(z: Tensor, mask: Tensor): Tensor {
  return z.maskedFill(mask.logicalNot(), LOW);
}

/** `log of the sum of exp(z)` along `dim` where the mask is true; about -1e30 where it is true nowhere. */
export function maskedLogSumExp(z: Tensor, mask: Tensor, dim: number): Tensor {
  return lowered(z, mask).logsumexp([dim]);
}

/** `log(1 + exp(z))`; from 40 on it is its argument, to the last digit of double precision. Of a log-sum-exp: that over its terms and 0. */
export function logOnePlusExp(z: Tensor): Tensor {
  return softplus(z, { beta: 1, threshold: 40 });
}

/** For each of the groups 0 to `count` - 1 `log(1 + sum of exp(z) over the group)`, [count]; 0 for those that hold nothing. */
export function groupedLogOnePlusSumExp(z: Tensor, groups: Tensor, count: number): Tensor {
  const none = zeros([count], { dtype: z.dtype, device: z.device });
  // The largest exponent of each group, the 0 of the 1 among them.
  const top = scopedNoGrad(() => none.scatterReduce(0, groups, z, 'amax'));
  const rest = none.indexAdd(0, groups, z.sub(top.indexSelect(0, groups)).exp());
  return rest.add(top.neg().expm1()).log1p().add(top);
}

/** Exponents of a weighted sum of exponentials, `z + log w` for weights from 0 that do not learn, or a mask; those of weight 0 do not count. */
export function weightedExponents(z: Tensor, weights: Tensor): Tensor {
  if (weights.dtype === 'bool') return lowered(z, weights);
  return z.add(scopedNoGrad(() => weights.log().clampMin(LOW)));
}

/** For each of the groups 0 to `count` - 1 `log of the sum of exp(z) over the group`, [count]; about -1e30 for those that hold nothing. */
export function groupedLogSumExp(z: Tensor, groups: Tensor, count: number): Tensor {
  const top = scopedNoGrad(() => z.newFull([count], LOW).scatterReduce(0, groups, z, 'amax'));
  const sums = z.newZeros([count]).indexAdd(0, groups, z.sub(top.indexSelect(0, groups)).exp());
  // The logarithm of what holds nothing is not looked at.
  return sums.add(sums.eq(0)).log().add(top);
}
