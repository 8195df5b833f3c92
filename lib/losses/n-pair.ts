import { crossEntropy } from '../nn/functional';
import { type ReductionOptions, reduced } from '../nn/functional/reduction';
import { sameLabel } from '../nn/metric-learning/pairs';
import { checkedOptions } from '../tensor/checked';
import { arange } from '../tensor/generated/root';
import { checkWhole } from '../tensor/labels';
import { checkNotNegative } from '../tensor/numbers';
import { checkNotEmpty, checkShapes } from '../tensor/shapes';
import type { Tensor } from '../tensor/tensor';
import { widened } from '../tensor/widened';

export interface NPairOptions extends ReductionOptions {
  /** Weight of the squared lengths, from 0. Default 0. */
  l2Reg?: number;
}

/**
 * The multi-class N-pair loss: cross-entropy of the scalar products of each anchor with all positives, its own being the right one, or each of
 * its label with the same share. For distinct labels `log(1 + sum over j != i of exp(a_i p_j - a_i p_i))`; with
 * `0.25 l2Reg (||a_i||^2 + ||p_i||^2)`.
 *
 * Shapes: anchors and positives [B, D], labels int64 [B] or null: all distinct; a scalar, or [B] without reduction.
 *
 * @throws for an empty batch, another shape, a negative `l2Reg`
 *
 * Sohn: Improved Deep Metric Learning with Multi-class N-pair Loss Objective. NIPS 2016
 */
export function nPairLoss(anchors: Tensor, positives: Tensor, labels: Tensor | null = null, options?: NPairOptions): Tensor {
  const { l2Reg = 0, reduction = 'mean' } = checkedOptions(options, 'nPairLoss');
  checkNotNegative(l2Reg, 'l2Reg');
  const { B } = checkShapes(['anchors', anchors, 'B', 'D'], ['positives', positives, 'B', 'D']);
  checkNotEmpty(anchors, 'anchors');
  if (labels !== null) {
    checkShapes(['labels', labels, B]);
    checkWhole(labels);
  }
  const [a, p] = [widened(anchors), widened(positives)];
  const terms = crossEntropy(a.mm(p.t()), labels === null ? arange(B, { device: a.device }) : shares(labels, a), {
    reduction: l2Reg === 0 ? reduction : 'none',
  });
  if (l2Reg === 0) return terms;
  const lengths = a.square().sum(1).add(p.square().sum(1));
  return reduced(terms.add(lengths, { alpha: l2Reg / 4 }), reduction);
}

/** For each sample 1 over the number of its label at each of that label, [B, B]. */
function shares(labels: Tensor, like: Tensor): Tensor {
  const same = sameLabel(labels).to(like.dtype);
  return same.div(same.sum(1, true));
}
