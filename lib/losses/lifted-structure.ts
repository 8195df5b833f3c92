import { type ReductionOptions, reductionCode } from '../nn/functional/reduction';
import { distances } from '../nn/metric-learning/distances';
import { maskedLogSumExp } from '../nn/metric-learning/log-sums';
import { atLeastOne, checkLabelled, pairMasks, weightedSum } from '../nn/metric-learning/pairs';
import { unitRows } from '../nn/metric-learning/rows';
import { checkedOptions } from '../tensor/checked';
import { checkNotNegative } from '../tensor/numbers';
import type { Tensor } from '../tensor/tensor';

export interface LiftedStructureOptions extends ReductionOptions {
  /** Distance from which samples of two labels are far enough, from 0. Default 1. */
  margin?: number;
  /** Give the embeddings length 1 first. Default false. */
  normalize?: boolean;
}

/**
 * The lifted structure loss: each pair of one label against all negatives of both its samples, `[J_ij]_+^2 / 2` with
 * `J_ij = log(sum over negatives k of i of exp(margin - d_ik) + the same of j) + d_ij`, d the Euclidean distance.
 *
 * The sums over negatives are taken once for each sample, so that it costs `O(B^2)`.
 *
 * Shapes: embeddings [B, D], labels int64 [B]; a scalar, 0 with gradient 0 without such pairs or without negatives, or a term for each pair
 * i < j, row by row, without reduction.
 *
 * @throws for another shape, a negative margin
 *
 * Oh Song, Xiang, Jegelka, Savarese: Deep Metric Learning via Lifted Structured Feature Embedding. CVPR 2016, arXiv 1511.06452
 */
export function liftedStructureLoss(embeddings: Tensor, labels: Tensor, options?: LiftedStructureOptions): Tensor {
  const { margin = 1, normalize = false, reduction = 'mean' } = checkedOptions(options, 'liftedStructureLoss');
  checkNotNegative(margin, 'margin');
  reductionCode(reduction);
  checkLabelled(embeddings, labels);
  const d = distances(normalize ? unitRows(embeddings) : embeddings, null, 'euclidean');
  const { positive, negative } = pairMasks(labels);
  const away = maskedLogSumExp(d.neg(), negative, 1).add(margin);
  const terms = away.unsqueeze(1).logaddexp(away).add(d).clampMin(0).square();
  if (reduction === 'none') return terms.maskedSelect(positive.triu(1)).div(2);
  // Each pair is there twice.
  return weightedSum(terms, positive.div(reduction === 'sum' ? 4 : atLeastOne(positive, d).mul(2)));
}
