/** Which samples of a batch belong together, and sums over pairs of them. */

import { checkedTensor } from '../../tensor/checked';
import { checkWhole } from '../../tensor/labels';
import { checkChoice } from '../../tensor/numbers';
import { checkShapes } from '../../tensor/shapes';
import type { Tensor } from '../../tensor/tensor';
import { widened } from '../../tensor/widened';
import { type Reduction, reduced } from '../functional/reduction';
import { unitRows } from './rows';

/**
 * What becomes of the terms of pairs or triplets: their mean over all, over those above 0, or their sum. `'nonzero'` keeps the step large as
 * fewer and fewer are left, and so the loss jumps when one reaches 0.
 */
export type PairReduction = 'nonzero' | 'mean' | 'sum';

export interface PairReductionOptions {
  /** Default `'nonzero'`. */
  reduction?: PairReduction;
}

export function checkPairReduction(reduction: PairReduction): void {
  checkChoice(reduction, 'reduction', ['nonzero', 'mean', 'sum']);
}

/** Refuses what are no embeddings [B, D] with whole numbers [B]. */
export function checkLabelled(embeddings: Tensor, labels: Tensor): { B: number; D: number } {
  const sizes = checkShapes(['embeddings', embeddings, 'B', 'D'], ['labels', labels, 'B']);
  checkWhole(labels);
  return sizes;
}

/** Refuses what are no similarities [B, B] of samples with whole numbers [B]. */
export function checkSimilarities(similarity: Tensor, labels: Tensor): void {
  checkShapes(['similarity', similarity, 'B', 'B'], ['labels', labels, 'B']);
  checkWhole(labels);
}

/** Which samples have one label, bool [B, B]; each has its own. */
export function sameLabel(labels: Tensor): Tensor {
  return labels.unsqueeze(1).eq(labels);
}

/** Pairs of two samples of one label, and of two labels, bool [B, B]. */
export interface PairMasks {
  readonly positive: Tensor;
  readonly negative: Tensor;
}

export function pairMasks(labels: Tensor): PairMasks {
  const same = sameLabel(labels);
  return { negative: same.logicalNot(), positive: same.fillDiagonal_(false) };
}

/**
 * The terms of the anchors of a batch as a loss reduces them, with the mean over all, also those without a term; of an empty batch 0, with the
 * graph of `terms`.
 */
export function ofAnchors(terms: Tensor, reduction: Reduction): Tensor {
  return reduction === 'mean' && terms.numel() === 0 ? terms.sum() : reduced(terms, reduction);
}

/** Scalar products of all rows with all rows, [B, B]; cosines of rows that get length 1 first. */
export function selfSimilarities(embeddings: Tensor, normalize: boolean): Tensor {
  return products(normalize ? unitRows(embeddings) : widened(embeddings));
}

/** The same of rows that are ready for it. */
export function products(x: Tensor): Tensor {
  return x.mm(x.t());
}

/** Of a mask, how many there are, but 1 when there are none: to divide by, in the dtype of `like`. */
export function atLeastOne(mask: Tensor, like: Tensor): Tensor {
  return mask.sum().clampMin(1).to(like.dtype);
}

/**
 * `sum of w_ij d_ij` for weights that do not learn: of a loss that is made of hinges it is the value, up to a constant, and its gradient. Where
 * no weight is set it is 0 and keeps the graph, with gradient 0.
 */
export function weightedSum(values: Tensor, weights: Tensor): Tensor {
  return checkedTensor(values, 'values').mul(weights).sum();
}
