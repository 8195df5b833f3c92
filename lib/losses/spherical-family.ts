import { nllLoss } from '../nn/functional';
import { type ReductionOptions, reduced } from '../nn/functional/reduction';
import { checkedSpherical, logRatio, type SphericalOptions, sphericalTerms, zTerms } from '../nn/spherical-family';
import { checkedOptions } from '../tensor/checked';
import { expected } from '../tensor/expected';
import { checkCount, checkFinite, checkNotNegative, checkPositive } from '../tensor/numbers';
import { checkShapes } from '../tensor/shapes';
import type { Tensor } from '../tensor/tensor';
import { checkClassification } from './classification';

export interface ZLossOptions extends ReductionOptions {
  /** Steepness, above 0. Default 1, of the authors' code. */
  a?: number;
  /** The standard score from which a target counts as high. Default 0, of the authors' code; larger for top-1, small for top-k. */
  b?: number;
  /** Added to the standard deviation, from 0. Default 1e-12, of the authors' code. */
  eps?: number;
}

/**
 * The Z-loss: `log(1 + exp(a (b - z))) / a` of the target's standard score `z = (o_c - mean) / (std + eps)` among all scores of its
 * sample, the standard deviation with divisor D.
 *
 * A shift of a sample's scores, or a positive factor, does not change it. It gives ranks, no probabilities. `z` is at most
 * `sqrt(D - 1)`; of two classes it is 1 or -1 whatever the scores are, so there must be three for anything to be learned. Where all scores
 * are equal, z is 0 and so is the gradient.
 *
 * Shapes: logits [B, D], labels int64 [B]; a scalar, or [B] without reduction.
 *
 * @throws for an empty batch, labels outside [0, D), another shape, an `a` that is not above 0, a negative `eps`
 *
 * de Brébisson, Vincent: The Z-loss: a shift and scale invariant classification loss belonging to the Spherical Family. 2016,
 * arXiv 1604.08859
 */
export function zLoss(logits: Tensor, labels: Tensor, options?: ZLossOptions): Tensor {
  const { a = 1, b = 0, eps = 1e-12, reduction = 'mean' } = checkedOptions(options, 'zLoss');
  checkPositive(a, 'a');
  checkFinite(b, 'b');
  checkNotNegative(eps, 'eps');
  const { C } = checkClassification(logits, labels);
  // A shift changes nothing, so the first score may be taken away as a constant: equal scores are then 0 exactly, and large ones small.
  const shifted = logits.sub(logits.detach().narrow(1, 0, 1));
  const centred = shifted.sub_(shifted.mean(1, { keepdim: true }));
  const norm = rowNorms(centred);
  // An infinite spread makes the standard score 0, and all gradients.
  const spread = norm.maskedFill(norm.eq(0), Number.POSITIVE_INFINITY).add(eps * Math.sqrt(C));
  return reduced(zTerms(negatedLabel(centred, labels).div(spread), a, b, -Math.sqrt(C)), reduction);
}

/**
 * Taylor softmax: cross-entropy with the exponential replaced by its second-order expansion,
 * `-log((1 + o_c + o_c^2 / 2) / sum of (1 + o + o^2 / 2))`. The numerator is at least 1/2.
 *
 * Shapes: logits [B, D], labels int64 [B]; a scalar, or [B] without reduction.
 *
 * @throws for an empty batch, labels outside [0, D), another shape
 *
 * de Brébisson, Vincent: An Exploration of Softmax Alternatives Belonging to the Spherical Loss Family. ICLR 2016, arXiv 1511.05042
 */
export function taylorSoftmaxLoss(logits: Tensor, labels: Tensor, options?: ReductionOptions): Tensor {
  const { reduction = 'mean' } = checkedOptions(options, 'taylorSoftmaxLoss');
  const { C } = checkClassification(logits, labels);
  // Twice the numerator is (o_c + 1)^2 + 1, and twice the denominator the sum of such terms.
  const shifted = logits.add(1);
  return reduced(logRatio(rowNorms(shifted).square(), C, negatedLabel(shifted, labels), 1), reduction);
}

export interface SphericalSoftmaxOptions extends ReductionOptions {
  /** Added to each square, above 0. Default 1e-6. */
  eps?: number;
}

/**
 * Spherical softmax: `-log((o_c^2 + eps) / sum of (o^2 + eps))`, in which a score counts by its square: its sign does not matter.
 *
 * Shapes: logits [B, D], labels int64 [B]; a scalar, or [B] without reduction.
 *
 * @throws for an empty batch, labels outside [0, D), another shape, an `eps` that is not above 0
 *
 * de Brébisson, Vincent, ICLR 2016, arXiv 1511.05042
 */
export function sphericalSoftmaxLoss(logits: Tensor, labels: Tensor, options?: SphericalSoftmaxOptions): Tensor {
  const { eps = 1e-6, reduction = 'mean' } = checkedOptions(options, 'sphericalSoftmaxLoss');
  checkPositive(eps, 'eps');
  const { C } = checkClassification(logits, labels);
  return reduced(logRatio(rowNorms(logits).square(), C * eps, negatedLabel(logits, labels), eps), reduction);
}

/**
 * The squared distance of a sample's scores from its one-hot vector, summed over the classes: `sum of o^2 - 2 o_c + 1`.
 *
 * Shapes: logits [B, D], labels int64 [B]; a scalar, or [B] without reduction.
 *
 * @throws for an empty batch, labels outside [0, D), another shape
 *
 * de Brébisson, Vincent, ICLR 2016, arXiv 1511.05042
 */
export function sphericalMseLoss(logits: Tensor, labels: Tensor, options?: ReductionOptions): Tensor {
  const { reduction = 'mean' } = checkedOptions(options, 'sphericalMseLoss');
  checkClassification(logits, labels);
  const index = labels.long().unsqueeze(1);
  const less = logits.newFull([1, 1], -1).expand(index.shape);
  return reduced(rowNorms(logits.scatterAdd(1, index, less)).square(), reduction);
}

export interface SphericalFamilyOptions extends SphericalOptions, ReductionOptions {
  /** D, the number of classes that the sums are over. No default. */
  numClasses: number;
}

/**
 * The losses of the spherical family from what they need of a sample: its target's score, the sum of all its scores and the sum of
 * their squares, which a factored output layer has without the scores themselves (`nn.FactoredOutputLayer`).
 *
 * From sums the variance of the scores, `squares / D - (sums / D)^2`, is a difference: use float64 here. Where it is not above 0 the
 * Z-loss takes the standard score for 0, without gradient. With all scores at hand the other functions of this file are more exact.
 *
 * Shapes: targetLogits, sums, squares [B]; a scalar, or [B] without reduction.
 *
 * @throws for an empty batch, shapes that differ, an unknown loss, no `numClasses`, an `a` that is not above 0, an `eps` below 0, or 0
 * for the spherical softmax
 *
 * de Brébisson, Vincent, arXiv 1511.05042 and arXiv 1604.08859
 */
export function sphericalFamilyLoss(targetLogits: Tensor, sums: Tensor, squares: Tensor, options: SphericalFamilyOptions): Tensor {
  const { reduction = 'mean', numClasses, ...member } = checkedOptions(options, 'sphericalFamilyLoss');
  checkCount(numClasses, 'numClasses', 1);
  const { B } = checkShapes(['targetLogits', targetLogits, 'B'], ['sums', sums, 'B'], ['squares', squares, 'B']);
  if (B === 0) throw expected('at least one sample', 'targetLogits', targetLogits);
  return reduced(sphericalTerms(targetLogits, sums, squares, { ...checkedSpherical(member), numClasses }), reduction);
}

/** The label's score with the other sign, [B]. */
function negatedLabel(logits: Tensor, labels: Tensor): Tensor {
  return nllLoss(logits, labels.long(), { reduction: 'none' });
}

/** The Euclidean length of each row, [B]: its square is the sum of squares, without a matrix of squares. */
function rowNorms(logits: Tensor): Tensor {
  return logits.norm(2, [1]);
}
