/** How much of the first of two samples is in their mixture. */

import { checkedTensor } from '../../tensor/checked';
import { expected } from '../../tensor/expected';
import { scope } from '../../tensor/scope';
import type { Tensor } from '../../tensor/tensor';
import { checkWithin } from '../../tensor/values';

/** Refuses what is no share in [0, 1] for all, or for each of `count`. */
export function checkShares(lambda: Tensor, count: number): void {
  const { shape } = checkedTensor(lambda, 'lambda');
  if (shape.length > 1 || (shape.length === 1 && shape[0] !== count)) throw expected(`shape [] or [${count}]`, 'lambda', lambda);
  checkWithin(lambda, 0, 1, 'lambda');
}

/** The share of the first and of the second, a scalar or [count] in the dtype of `like`; they do not learn. */
export function checkedShares(lambda: Tensor, count: number, like: Tensor): { share: Tensor; rest: Tensor } {
  checkShares(lambda, count);
  return scope(() => {
    const share = lambda.detach().to(like.dtype);
    return { share, rest: share.neg().add_(1) };
  });
}
