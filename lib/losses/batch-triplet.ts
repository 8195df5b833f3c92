/** Triplet losses that take their triplets from a batch. */

import { softplus } from '../nn/functional';
import { type Reduction, type ReductionOptions, reductionCode } from '../nn/functional/reduction';
import { distances } from '../nn/metric-learning/distances';
import {
  atLeastOne,
  checkLabelled,
  checkPairReduction,
  type PairReduction,
  type PairReductionOptions,
  pairMasks,
  weightedSum,
} from '../nn/metric-learning/pairs';
import { rowDistances, unitRows } from '../nn/metric-learning/rows';
import { tripletCounts } from '../nn/metric-learning/triplet-counts';
import { checkedOptions } from '../tensor/checked';
import { checkNotNegative } from '../tensor/numbers';
import { scope } from '../tensor/scope';
import type { Tensor } from '../tensor/tensor';
import { widened } from '../tensor/widened';
import type { TripletHingeOptions } from './triplet';

export interface BatchHardTripletOptions extends TripletHingeOptions, ReductionOptions {
  /** Give the embeddings length 1 first. Default false. */
  normalize?: boolean;
  /** `softplus` of the difference in place of the hinge; the margin is not used. Default false. */
  soft?: boolean;
}

/**
 * The triplet loss of each sample with the farthest of its label and the nearest of another: `[max d_ip - min d_in + margin]_+`, d the
 * Euclidean distance. Samples that have none of their label, or none of another, do not count.
 *
 * Shapes: embeddings [B, D], labels int64 [B]; a scalar, or [B] without reduction, with 0 for samples that do not count.
 *
 * @throws for another shape, a negative margin
 *
 * Hermans, Beyer, Leibe: In Defense of the Triplet Loss for Person Re-Identification. 2017, arXiv 1703.07737
 */
export function batchHardTripletLoss(embeddings: Tensor, labels: Tensor, options?: BatchHardTripletOptions): Tensor {
  const {
    margin = 0.2,
    squared = false,
    normalize = false,
    soft = false,
    reduction = 'mean',
  } = checkedOptions(options, 'batchHardTripletLoss');
  checkNotNegative(margin, 'margin');
  reductionCode(reduction);
  checkLabelled(embeddings, labels);
  const x = normalize ? unitRows(embeddings) : widened(embeddings);
  if (x.size(0) === 0) return reduction === 'none' ? x.sum(1) : x.sum();
  const { farthest, nearest, valid } = hardest(x, labels);
  const z = rowDistances(x, x.indexSelect(0, farthest), squared).sub(rowDistances(x, x.indexSelect(0, nearest), squared));
  // A product, and not a choice: NaN goes through.
  const terms = (soft ? softplus(z) : z.add(margin).clampMin(0)).mul(valid);
  return ofValid(terms, valid, reduction);
}

/** Of each sample where the farthest of its label and the nearest of another are, and whether there are both. */
function hardest(x: Tensor, labels: Tensor): { farthest: Tensor; nearest: Tensor; valid: Tensor } {
  return scope(() => {
    const d = distances(x.detach(), null, 'euclidean');
    const { positive, negative } = pairMasks(labels);
    return {
      farthest: d.maskedFill(negative, -1).argmax(1),
      nearest: d.maskedFill(negative.logicalNot(), Number.POSITIVE_INFINITY).argmin(1),
      valid: positive.any(1).logicalAnd(negative.any(1)),
    };
  });
}

function ofValid(terms: Tensor, valid: Tensor, reduction: Reduction): Tensor {
  if (reduction === 'none') return terms;
  return reduction === 'sum' ? terms.sum() : terms.sum().div(atLeastOne(valid, terms));
}

export interface BatchAllTripletOptions extends TripletHingeOptions, PairReductionOptions {
  /** Give the embeddings length 1 first. Default false. */
  normalize?: boolean;
}

/**
 * The triplet loss of all triplets of a batch: `[d_ij - d_ik + margin]_+` over all i, j of the same label and k of another.
 *
 * The triplets are counted and not formed: sorted distances say for each pair in how many triplets above 0 it is, which is its weight.
 * That is exact, takes `O(B^2 log B)` and the memory of the pairs.
 *
 * Shapes: embeddings [B, D], labels int64 [B]; a scalar, 0 with gradient 0 when there is no triplet above 0.
 *
 * @throws for another shape, a negative margin, an unknown reduction
 *
 * Hermans, Beyer, Leibe, 2017, arXiv 1703.07737
 */
export function batchAllTripletLoss(embeddings: Tensor, labels: Tensor, options?: BatchAllTripletOptions): Tensor {
  const { margin = 0.2, squared = false, normalize = false, reduction = 'nonzero' } = checkedOptions(options, 'batchAllTripletLoss');
  checkNotNegative(margin, 'margin');
  checkPairReduction(reduction);
  checkLabelled(embeddings, labels);
  const d = distances(normalize ? unitRows(embeddings) : embeddings, null, squared ? 'squaredEuclidean' : 'euclidean');
  const { weights, share } = scope(() => triplets(d.detach(), labels, margin, reduction));
  return weightedSum(d, weights).add(share, { alpha: margin });
}

/** The weight of each pair, and by how much the margin counts. */
function triplets(d: Tensor, labels: Tensor, margin: number, reduction: PairReduction): { weights: Tensor; share: Tensor } {
  const { positive, negative } = pairMasks(labels);
  const signed = tripletCounts(d, { positive, negative }, margin);
  const active = signed.clampMin(0).sum();
  if (reduction === 'sum') return { weights: signed, share: active };
  const all = positive.sum(1, true).mul(negative.sum(1, true)).sum().to(d.dtype);
  const among = reduction === 'mean' ? all.clampMin(1) : active.clampMin(1);
  return { weights: signed.div(among), share: active.div(among) };
}
