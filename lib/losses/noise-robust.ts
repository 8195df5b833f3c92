import { type ReductionOptions, reduced } from '../nn/functional/reduction';
import { checkedOptions } from '../tensor/checked';
import { expected } from '../tensor/expected';
import { checkClosedShare, checkNotNegative, checkPositive } from '../tensor/numbers';
import type { Tensor } from '../tensor/tensor';
import { checkClassification, negativeLogLikelihood } from './classification';
import { compSum } from './comp-sum';

/**
 * Normalized cross-entropy: the label's share of the cross-entropies of all classes, `log p_y / sum over k of log p_k` of
 * `p = softmax(logits)`; in [0, 1] and symmetric, so robust to noise.
 *
 * Shapes: logits [B, K], labels int64 [B]; a scalar, or [B] without reduction.
 *
 * @throws for an empty batch, labels outside [0, K), another shape
 *
 * Ma et al.: Normalized Loss Functions for Deep Learning with Noisy Labels. ICML 2020, arXiv 2006.13554
 */
export function normalizedCrossEntropyLoss(logits: Tensor, labels: Tensor, options?: ReductionOptions): Tensor {
  const { reduction = 'mean' } = checkedOptions(options, 'normalizedCrossEntropyLoss');
  checkClassification(logits, labels);
  const log = logits.logSoftmax(1);
  return reduced(log.gather(1, labels.long().unsqueeze(1)).squeeze(1).div(log.sum(1)), reduction);
}

export interface ReverseCrossEntropyOptions extends ReductionOptions {
  /** What stands for the zeros of the one-hot label in its logarithm, in (0, 1]. Default 1e-4, from the paper. */
  floor?: number;
}

/**
 * Reverse cross-entropy: label and prediction change places, `-sum over k of p_k log y_k` with `log 0` read as `log floor`:
 * `-log(floor) (1 - p_y)`.
 *
 * Shapes: logits [B, K], labels int64 [B]; a scalar, or [B] without reduction.
 *
 * @throws for an empty batch, labels outside [0, K), another shape, a floor outside (0, 1]
 *
 * Wang et al.: Symmetric Cross Entropy for Robust Learning with Noisy Labels. ICCV 2019, arXiv 1908.06112
 */
export function reverseCrossEntropyLoss(logits: Tensor, labels: Tensor, options?: ReverseCrossEntropyOptions): Tensor {
  const { floor = 1e-4, reduction = 'mean' } = checkedOptions(options, 'reverseCrossEntropyLoss');
  if (typeof floor !== 'number' || !(floor > 0 && floor <= 1)) throw expected('a number in (0, 1]', 'floor', floor);
  checkClassification(logits, labels);
  return reduced(missing(logits, labels).mul(-Math.log(floor)), reduction);
}

export interface AsymmetricOptions extends ReductionOptions {
  /** Above 1 for the unhinged loss, default 1.5; above 0 for the generalized cross-entropy, default 1. */
  a?: number;
  /** Above 0. Default 0.9 for the unhinged loss, 2 for the generalized cross-entropy. */
  q?: number;
}

/**
 * The asymmetric unhinged loss `((a - p_y)^q - (a - 1)^q) / q`, `a > 1`, `q > 0`.
 *
 * Shapes: logits [B, K], labels int64 [B]; a scalar, or [B] without reduction. Defaults: a 1.5, q 0.9, from the paper.
 *
 * @throws for an empty batch, labels outside [0, K), another shape, `a` not above 1, `q` not above 0
 *
 * Zhou et al.: Asymmetric Loss Functions for Learning with Noisy Labels. ICML 2021, arXiv 2106.03110
 */
export function asymmetricUnhingedLoss(logits: Tensor, labels: Tensor, options?: AsymmetricOptions): Tensor {
  const { a = 1.5, q = 0.9, reduction = 'mean' } = checkedOptions(options, 'asymmetricUnhingedLoss');
  if (typeof a !== 'number' || !(a > 1)) throw expected('a number above 1', 'a', a);
  checkPositive(q, 'q');
  checkClassification(logits, labels);
  // a - p_y = (a - 1) + (1 - p_y), without the rounding of p_y near 1.
  const terms = missing(logits, labels)
    .add(a - 1)
    .pow(q)
    .sub((a - 1) ** q);
  return reduced(terms.div(q), reduction);
}

/**
 * The asymmetric generalized cross-entropy `((a + 1)^q - (a + p_y)^q) / q`, `a > 0`, `q > 0`.
 *
 * Shapes: logits [B, K], labels int64 [B]; a scalar, or [B] without reduction. Defaults: a 1, q 2, from the paper.
 *
 * @throws for an empty batch, labels outside [0, K), another shape, `a` or `q` not above 0
 *
 * Zhou et al., ICML 2021, arXiv 2106.03110
 */
export function asymmetricGeneralizedCrossEntropyLoss(logits: Tensor, labels: Tensor, options?: AsymmetricOptions): Tensor {
  const { a = 1, q = 2, reduction = 'mean' } = checkedOptions(options, 'asymmetricGeneralizedCrossEntropyLoss');
  checkPositive(a, 'a');
  checkPositive(q, 'q');
  checkClassification(logits, labels);
  const terms = missing(logits, labels)
    .neg()
    .add(a + 1)
    .pow(q)
    .neg()
    .add((a + 1) ** q);
  return reduced(terms.div(q), reduction);
}

export interface SymmetricCrossEntropyOptions extends ReductionOptions {
  /** Share of the reverse part, in [0, 1]. Default 0.5. */
  balance?: number;
  /** Scale of the reverse part, the `-log floor` of reverse cross-entropy; from 0. Default 4. */
  scale?: number;
}

/**
 * Symmetric cross-entropy: `(1 - balance) (-log p_y) + balance scale (1 - p_y)`.
 *
 * Shapes: logits [B, K], labels int64 [B]; a scalar, or [B] without reduction. Defaults: those of the LDR losses' authors.
 *
 * @throws for an empty batch, labels outside [0, K), another shape, a balance outside [0, 1], a negative scale
 *
 * Wang et al., ICCV 2019, arXiv 1908.06112
 */
export function symmetricCrossEntropyLoss(logits: Tensor, labels: Tensor, options?: SymmetricCrossEntropyOptions): Tensor {
  const { balance = 0.5, scale = 4, reduction = 'mean' } = checkedOptions(options, 'symmetricCrossEntropyLoss');
  checkClosedShare(balance, 'balance');
  checkNotNegative(scale, 'scale');
  checkClassification(logits, labels);
  const l = negativeLogLikelihood(logits, labels);
  return reduced(l.mul(1 - balance).add(compSum(l, 2), { alpha: balance * scale }), reduction);
}

export interface JensenShannonOptions extends ReductionOptions {
  /** Weight of the label in the mixture, in (0, 1). Default 0.5. */
  weight?: number;
}

/**
 * The generalized Jensen-Shannon loss of a one-hot label e: `(w KL(e, m) + (1 - w) KL(p, m)) / -((1 - w) log(1 - w))`,
 * `m = w e + (1 - w) p`; between cross-entropy (w to 0) and the mean absolute error (w to 1).
 *
 * Shapes: logits [B, K], labels int64 [B]; a scalar, or [B] without reduction.
 *
 * @throws for an empty batch, labels outside [0, K), another shape, a weight outside (0, 1)
 *
 * Englesson, Azizpour: Generalized Jensen-Shannon Divergence Loss for Learning with Noisy Labels. NeurIPS 2021, arXiv 2105.04522
 */
export function jensenShannonLoss(logits: Tensor, labels: Tensor, options?: JensenShannonOptions): Tensor {
  const { weight: w = 0.5, reduction = 'mean' } = checkedOptions(options, 'jensenShannonLoss');
  if (typeof w !== 'number' || !(w > 0 && w < 1)) throw expected('a number in (0, 1)', 'weight', w);
  checkClassification(logits, labels);
  const l = negativeLogLikelihood(logits, labels);
  const p = l.neg().exp();
  const logM = p
    .mul(1 - w)
    .add(w)
    .log();
  // At the label KL(p, m) has p_y (log p_y - log m_y); off it each log(p_k / m_k) is -log(1 - w), together (1 - p_y) times.
  const ofPrediction = p.mul(l.neg().sub(logM)).sub(compSum(l, 2), { alpha: Math.log1p(-w) });
  const terms = logM.mul(-w).add(ofPrediction, { alpha: 1 - w });
  return reduced(terms.div(-(1 - w) * Math.log1p(-w)), reduction);
}

/** `1 - p_y`, [B], exact also where it is small. */
function missing(logits: Tensor, labels: Tensor): Tensor {
  return compSum(negativeLogLikelihood(logits, labels), 2);
}
