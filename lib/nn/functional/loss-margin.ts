/** Losses that ask for a margin: between distances, between scores, between classes. */

import { checkedOptions, checkedTensor } from '../../tensor/checked';
import { expected } from '../../tensor/expected';
import * as root from '../../tensor/generated/root';
import { nnFunctional } from '../../tensor/operators';
import { Tensor } from '../../tensor/tensor';
import { type ReductionOptions, reduced, reductionCode } from './reduction';

export interface TripletMarginOptions extends ReductionOptions {
  /** Default 1. */
  margin?: number;
  /** Degree of the norm. Default 2. */
  p?: number;
  /** Added to the differences. Default 1e-6. */
  eps?: number;
  /** Take the smaller of the distances from anchor and from positive to negative. Default false. */
  swap?: boolean;
}

/** `max(0, |anchor - positive| - |anchor - negative| + margin)`. */
export function tripletMarginLoss(anchor: Tensor, positive: Tensor, negative: Tensor, options: TripletMarginOptions = {}): Tensor {
  const { margin = 1, p = 2, eps = 1e-6, swap = false, reduction = 'mean' } = checkedOptions(options, 'tripletMarginLoss');
  if (typeof margin !== 'number' || !(margin > 0)) throw expected('a positive number', 'margin', margin);
  return root.tripletMarginLoss(anchor, positive, negative, { margin, p, eps, swap, reduction: reductionCode(reduction) });
}

export interface MarginOptions extends ReductionOptions {
  /** Default 0. */
  margin?: number;
}

/** `max(0, -y (x1 - x2) + margin)` with y = 1 where x1 should rank higher, -1 where x2 should. */
export function marginRankingLoss(input1: Tensor, input2: Tensor, target: Tensor, options?: MarginOptions): Tensor {
  const { margin = 0, reduction = 'mean' } = checkedOptions(options, 'marginRankingLoss');
  return root.marginRankingLoss(input1, input2, target, margin, reductionCode(reduction));
}

/** `1 - cos(x1, x2)` where y = 1, `max(0, cos(x1, x2) - margin)` where y = -1. */
export function cosineEmbeddingLoss(input1: Tensor, input2: Tensor, target: Tensor, options?: MarginOptions): Tensor {
  const { margin = 0, reduction = 'mean' } = checkedOptions(options, 'cosineEmbeddingLoss');
  return root.cosineEmbeddingLoss(input1, input2, target, margin, reductionCode(reduction));
}

export interface HingeEmbeddingOptions extends ReductionOptions {
  /** Default 1. */
  margin?: number;
}

/** For distances `x`: `x` where y = 1, `max(0, margin - x)` where y = -1. */
export function hingeEmbeddingLoss(input: Tensor, target: Tensor, options?: HingeEmbeddingOptions): Tensor {
  const { margin = 1, reduction = 'mean' } = checkedOptions(options, 'hingeEmbeddingLoss');
  return root.hingeEmbeddingLoss(input, target, margin, reductionCode(reduction));
}

/** `log(1 + exp(-y x))` with y in {-1, 1}. */
export function softMarginLoss(input: Tensor, target: Tensor, options?: ReductionOptions): Tensor {
  const { reduction = 'mean' } = checkedOptions(options, 'softMarginLoss');
  return nnFunctional.softMarginLoss(input, target, reductionCode(reduction));
}

export interface MultiMarginOptions extends ReductionOptions {
  /** Power of the terms, 1 or 2. Default 1. */
  p?: 1 | 2;
  /** Default 1. */
  margin?: number;
  /** A factor for each class, [C]. Default: 1 each. */
  weight?: Tensor | null;
}

/**
 * The multi-class hinge loss: `sum over i != y of max(0, w_y (margin - x_y + x_i))^p / C` (Crammer and Singer, 2001).
 *
 * Shapes: input [N, C] or [C], target int64 [N] or [].
 *
 * @throws for p other than 1 and 2, and for weights that are not one-dimensional
 */
export function multiMarginLoss(input: Tensor, target: Tensor, options: MultiMarginOptions = {}): Tensor {
  const { p = 1, margin = 1, weight = null, reduction = 'mean' } = checkedOptions(options, 'multiMarginLoss');
  if (p !== 1 && p !== 2) throw expected('1 or 2', 'p', p);
  if (weight !== null && !(weight instanceof Tensor && weight.dim() === 1)) throw expected('a tensor of one dimension', 'weight', weight);
  return nnFunctional.multiMarginLoss(input, target, p, margin, weight, reductionCode(reduction));
}

/**
 * The hinge loss of several labels: `sum over labels y and others i of max(0, 1 - (x_y - x_i)) / C`.
 *
 * Shapes: input [N, C] or [C]; target int64 of the same shape, with the labels in front and -1 behind the last.
 */
export function multilabelMarginLoss(input: Tensor, target: Tensor, options?: ReductionOptions): Tensor {
  const { reduction = 'mean' } = checkedOptions(options, 'multilabelMarginLoss');
  return nnFunctional.multilabelMarginLoss(input, target, reductionCode(reduction));
}

export interface MultilabelSoftMarginOptions extends ReductionOptions {
  /** A factor for each class, [C]. Default: 1 each. */
  weight?: Tensor | null;
}

/**
 * Binary cross entropy of several labels, the mean over the classes: `-mean over c of y log sigmoid(x) + (1 - y) log sigmoid(-x)`.
 *
 * Shapes: input and target [N, C]; without reduction [N].
 */
export function multilabelSoftMarginLoss(input: Tensor, target: Tensor, options?: MultilabelSoftMarginOptions): Tensor {
  checkedTensor(input, 'input');
  const { weight = null, reduction = 'mean' } = checkedOptions(options, 'multilabelSoftMarginLoss');
  const { logSigmoid } = nnFunctional;
  const terms = checkedTensor(target, 'target')
    .mul(logSigmoid(input))
    .add(root.rsub(target, 1).mul(logSigmoid(input.neg())))
    .neg();
  return reduced((weight === null ? terms : terms.mul(weight)).mean(-1), reduction);
}

/** A distance between the vectors of two tensors [N, D]: [N]. */
export type DistanceFunction = (a: Tensor, b: Tensor) => Tensor;

export interface TripletMarginWithDistanceOptions extends ReductionOptions {
  /** Default: `pairwiseDistance`, the Euclidean one. */
  distanceFunction?: DistanceFunction | null;
  /** Default 1. */
  margin?: number;
  /** Take the smaller of the distances from anchor and from positive to negative (Balntas et al., 2016). Default false. */
  swap?: boolean;
}

/**
 * `max(0, d(anchor, positive) - d(anchor, negative) + margin)` with a distance of one's own.
 *
 * @throws for a margin that is not positive, and for inputs with different numbers of dimensions
 */
export function tripletMarginWithDistanceLoss(
  anchor: Tensor,
  positive: Tensor,
  negative: Tensor,
  options: TripletMarginWithDistanceOptions = {},
): Tensor {
  checkedTensor(anchor, 'anchor');
  const { margin = 1, swap = false, reduction = 'mean' } = checkedOptions(options, 'tripletMarginWithDistanceLoss');
  const distance = options.distanceFunction ?? root.pairwiseDistance;
  if (typeof margin !== 'number' || !(margin > 0)) throw expected('a positive number', 'margin', margin);
  for (const [name, other] of Object.entries({ positive, negative }))
    if (checkedTensor(other, name).dim() !== anchor.dim())
      throw expected(`a tensor of ${anchor.dim()} dimensions, as the anchor's,`, name, other);
  const toNegative = distance(anchor, negative);
  const nearest = swap ? toNegative.minimum(distance(positive, negative)) : toNegative;
  return reduced(distance(anchor, positive).sub(nearest).add(margin).clampMin(0), reduction);
}
