/** Logarithms of sums of exponentials over some of the elements. */

import { cat, zeros, zerosLike } from '../../tensor/generated/root';
import type { Tensor } from '../../tensor/tensor';
import { crossEntropy, softplus } from '../functional';

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
  const top = none.scatterReduce(0, groups, z.detach(), 'amax');
  const rest = none.indexAdd(0, groups, z.sub(top.indexSelect(0, groups)).exp());
  return rest.add(top.neg().expm1_()).log1p().add(top);
}

/** A weighted sum of exponentials `w exp(scale (s - base))`: weights from 0 that do not learn, or a mask. */
export interface ExponentialSum {
  readonly weights: Tensor;
  readonly scale: number;
  readonly base: number;
}

/** `log of the sum of each row`, or `log(1 + sum of each row)`; about -1e30, or 0, for a row without weights. */
export function rowsLogSum(s: Tensor, { weights, scale, base }: ExponentialSum, plusOne: boolean): Tensor {
  const z = logWeights(weights, s, plusOne).add(s, { alpha: scale });
  if (!plusOne) return z.logsumexp([1]).sub(scale * base);
  // The cross-entropy of the exponents with that of the 1, in a last column: one kernel, whose gradient is another.
  const [rows, columns] = s.shape as [number, number];
  const last = z.newFull([rows], columns, { dtype: 'int64' });
  return crossEntropy(cat([z, z.newFull([rows, 1], scale * base)], 1), last, { reduction: 'none' });
}

/** The same of groups, to which the elements belong: 0 to `count` - 1. */
export function groupsLogSum(s: Tensor, { weights, scale, base }: ExponentialSum, groups: Tensor, count: number, plusOne: boolean): Tensor {
  const z = logWeights(weights, s, plusOne)
    .sub_(scale * base)
    .add(s, { alpha: scale });
  return plusOne ? groupedLogOnePlusSumExp(z, groups, count) : groupedLogSumExp(z, groups, count);
}

/** Where there is none -Infinity beside a 1, which is above it, and else what has no infinities to subtract from each other. */
function logWeights(weights: Tensor, s: Tensor, plusOne: boolean): Tensor {
  const none = plusOne ? Number.NEGATIVE_INFINITY : LOW;
  if (weights.dtype === 'bool') return zerosLike(s).maskedFill_(weights.logicalNot(), none);
  return plusOne ? weights.log() : weights.log().clampMin_(LOW);
}

/** For each of the groups 0 to `count` - 1 `log of the sum of exp(z) over the group`, [count]; about -1e30 for those that hold nothing. */
function groupedLogSumExp(z: Tensor, groups: Tensor, count: number): Tensor {
  const top = z.newFull([count], LOW).scatterReduce(0, groups, z.detach(), 'amax');
  const sums = z.newZeros([count]).indexAdd(0, groups, z.sub(top.indexSelect(0, groups)).exp());
  // The logarithm of what holds nothing is not looked at.
  return sums.add(sums.eq(0)).log().add(top);
}
