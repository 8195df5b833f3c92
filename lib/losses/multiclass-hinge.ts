import { multiMarginLoss } from '../nn/functional';
import { type ReductionOptions, reduced } from '../nn/functional/reduction';
import { checkedOptions } from '../tensor/checked';
import { expected } from '../tensor/expected';
import { checkNotNegative } from '../tensor/numbers';
import type { Tensor } from '../tensor/tensor';
import { checkClassification } from './classification';
import { violations } from './ldr';

export interface MulticlassHingeOptions extends ReductionOptions {
  /** How far the label must lead, from 0. Default 1. */
  margin?: number;
}

/**
 * The multiclass hinge of Crammer and Singer, the largest violation: `max over k of f_k - f_y + margin 1[k != y]`, never below 0.
 *
 * Shapes: logits [B, K], labels int64 [B]; a scalar, or [B] without reduction.
 *
 * @throws for an empty batch, labels outside [0, K), another shape, a negative margin
 *
 * Crammer, Singer: On the Algorithmic Implementation of Multiclass Kernel-based Vector Machines. JMLR 2001
 */
export function crammerSingerLoss(logits: Tensor, labels: Tensor, options?: MulticlassHingeOptions): Tensor {
  const { margin = 1, reduction = 'mean' } = checkedOptions(options, 'crammerSingerLoss');
  checkClassification(logits, labels);
  return reduced(violations(logits, labels, margin).amax([1]), reduction);
}

export interface WestonWatkinsOptions extends MulticlassHingeOptions {
  /** The mean over all K classes rather than the sum, the classic form. Default true, as the authors of the LDR losses. */
  average?: boolean;
}

/**
 * The multiclass hinge of Weston and Watkins, all violations: `1/K sum over k != y of max(0, f_k - f_y + margin)`.
 *
 * Shapes: logits [B, K], labels int64 [B]; a scalar, or [B] without reduction.
 *
 * @throws for an empty batch, labels outside [0, K), another shape, a negative margin
 *
 * Weston, Watkins: Support Vector Machines for Multi-class Pattern Recognition. ESANN 1999
 */
export function westonWatkinsLoss(logits: Tensor, labels: Tensor, options?: WestonWatkinsOptions): Tensor {
  const { margin = 1, average = true, reduction = 'mean' } = checkedOptions(options, 'westonWatkinsLoss');
  checkNotNegative(margin, 'margin');
  if (typeof average !== 'boolean') throw expected('a boolean', 'average', average);
  const { C } = checkClassification(logits, labels);
  const loss = multiMarginLoss(logits, labels.long(), { margin, reduction });
  return average ? loss : loss.mul(C);
}
