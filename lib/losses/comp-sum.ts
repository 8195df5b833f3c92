import { type ReductionOptions, reduced } from '../nn/functional/reduction';
import { checkedOptions } from '../tensor/checked';
import { checkNotNegative, checkPositive } from '../tensor/numbers';
import type { Tensor } from '../tensor/tensor';
import { checkClassification, logitsOverLabel, negativeLogLikelihood } from './classification';

export interface CompSumOptions extends ReductionOptions {
  /**
   * Index of the family, from 0: 0 the sum-exponential loss, 1 cross-entropy, between 1 and 2 generalized cross-entropy, 2 the mean
   * absolute error. Default 1, the paper's choice.
   */
  tau?: number;
}

/**
 * The comp-sum loss: with `u = sum over y' != y of exp(h_y' - h_y)`, so that `1 + u = 1 / softmax(h)_y`,
 * `((1 + u)^(1 - tau) - 1) / (1 - tau)`, and `log(1 + u)` for tau = 1.
 *
 * Its gradient is cross-entropy's times `p_y^(tau - 1)`: above 1 hard samples fade, which is robust to noise and slow; below 1 they
 * dominate. From tau = 1 on it never overflows; below 1 it grows like `exp((1 - tau) l)` of cross-entropy l, and may be infinite.
 *
 * Shapes: logits [B, C], labels int64 [B]; a scalar, or [B] without reduction.
 *
 * @throws for an empty batch, labels outside [0, C), another shape, a negative tau
 *
 * Mao, Mohri, Zhong: Cross-Entropy Loss Functions: Theoretical Analysis and Applications. ICML 2023, arXiv 2304.07288
 */
export function compSumLoss(logits: Tensor, labels: Tensor, options?: CompSumOptions): Tensor {
  const { tau = 1, reduction = 'mean' } = checkedOptions(options, 'compSumLoss');
  checkNotNegative(tau, 'tau');
  checkClassification(logits, labels);
  return reduced(compSum(negativeLogLikelihood(logits, labels), tau), reduction);
}

export interface MarginCompSumOptions extends CompSumOptions {
  /** The margin, above 0. Default 1. */
  rho?: number;
}

/**
 * The comp-sum loss with margin `rho`, in which each exponential is replaced by `min(1, max(0, 1 - (h_y - h_y') / rho))`: an upper
 * bound of the zero-one loss that is not convex, for bounds and evaluation.
 *
 * Shapes as for `compSumLoss`. Default margin 1.
 *
 * @throws as `compSumLoss`, and for a margin that is not above 0
 *
 * Mao, Mohri, Zhong, ICML 2023, arXiv 2304.07288
 */
export function marginCompSumLoss(logits: Tensor, labels: Tensor, options?: MarginCompSumOptions): Tensor {
  const { tau = 1, rho = 1, reduction = 'mean' } = checkedOptions(options, 'marginCompSumLoss');
  checkNotNegative(tau, 'tau');
  checkPositive(rho, 'rho');
  checkClassification(logits, labels);
  // The label's own term is 1, exactly the 1 of 1 + u.
  const all = logitsOverLabel(logits, labels).div(rho).add(1).clamp(0, 1).sum(1);
  return reduced(compSum(all.log(), tau), reduction);
}

/** The family as a function of `l = log(1 + u)`: `expm1((1 - tau) l) / (1 - tau)`, exact also near tau = 1, where it is `l`. */
export function compSum(l: Tensor, tau: number): Tensor {
  return tau === 1
    ? l
    : l
        .mul(1 - tau)
        .expm1()
        .div(1 - tau);
}
