import { type ReductionOptions, reductionCode } from '../nn/functional/reduction';
import { adaFaceLoss } from '../nn/metric-learning/adaface';
import { METRICS, type Metric } from '../nn/metric-learning/distances';
import { arcFaceLoss, cosFaceLoss } from '../nn/metric-learning/margin-softmax';
import { atLeastOne } from '../nn/metric-learning/pairs';
import { rowDistances, rowDots, unitRows } from '../nn/metric-learning/rows';
import { checkedOptions } from '../tensor/checked';
import { checkChoice, checkClosedShare, checkNotNegative } from '../tensor/numbers';
import { scopedNoGrad } from '../tensor/scope';
import { checkShapes } from '../tensor/shapes';
import type { Tensor } from '../tensor/tensor';
import { checkWithin } from '../tensor/values';
import { widened } from '../tensor/widened';

export interface SymmetryOptions {
  /** From which coefficient on a face counts, in [0, 1]. Default 0.8. */
  threshold?: number;
  /** How the embeddings of the halves are compared. Default `'squaredEuclidean'`. */
  metric?: Metric;
}

export interface SymmetryLossOptions extends SymmetryOptions, ReductionOptions {
  /** Give the embeddings length 1 first; cosines do not depend on it. Default true. */
  normalize?: boolean;
  /** The weight of a face that counts: its coefficient, or 1. Default `'rho'`. */
  weighting?: 'rho' | 'hard';
}

export interface SymFaceOptions extends SymmetryOptions {
  /** The loss of the whole faces. Default `'arcface'`. */
  head?: 'arcface' | 'cosface' | 'adaface';
  /** What cosines are multiplied by, above 0. Default 64. */
  scale?: number;
  /** Of the loss of the whole faces. Default 0.5 for all three. */
  margin?: number;
  /** Weight of the loss of the halves, from 0. Default 1. */
  symmetryWeight?: number;
}

/** The loss, [], and what it is made of. */
export interface SymFaceResult {
  readonly loss: Tensor;
  readonly face: Tensor;
  readonly symmetry: Tensor;
}

/**
 * The symmetry loss: how far the embedding of a face's left half is from that of its mirrored right half. With coefficients (`rho` of
 * `methods.symmetricOrientation`) only faces from the front count, and the mean is over them.
 *
 * Shapes: left and right [N, D], rho [N] or null; a scalar, 0 with gradient 0 when no face counts, or [N] without reduction. rho does not learn.
 *
 * @throws for other shapes, coefficients or a threshold outside [0, 1], an unknown metric or weighting
 *
 * Prakash, Jerripothula, Sam, Singh, Umamaheswaran: SymFace: Additional Facial Symmetry Loss for Deep Face Recognition. arXiv 2409.11816; distance,
 * weights and threshold are this package's
 */
export function symmetryLoss(left: Tensor, right: Tensor, rho: Tensor | null = null, options?: SymmetryLossOptions): Tensor {
  const {
    threshold = 0.8,
    metric = 'squaredEuclidean',
    normalize = true,
    weighting = 'rho',
    reduction = 'mean',
  } = checkedOptions(options, 'symmetryLoss');
  checkClosedShare(threshold, 'threshold');
  checkChoice(metric, 'metric', METRICS);
  checkChoice(weighting, 'weighting', ['rho', 'hard']);
  reductionCode(reduction);
  const { N } = checkShapes(['left', left, 'N', 'D'], ['right', right, 'N', 'D']);
  const terms = apart(left, right, metric, normalize);
  if (rho === null) {
    if (reduction === 'none') return terms;
    const sum = terms.sum();
    return reduction === 'mean' ? sum.div(Math.max(1, N)) : sum;
  }
  checkShapes(['rho', rho, N]);
  checkWithin(rho, 0, 1, 'rho');
  const weights = scopedNoGrad(() => {
    const frontal = rho.ge(threshold);
    const each = weighting === 'rho' ? rho.to(terms.dtype).where(frontal, 0) : frontal.to(terms.dtype);
    return reduction === 'mean' ? each.div(atLeastOne(frontal, terms)) : each;
  });
  return reduction === 'none' ? terms.mul(weights) : terms.dot(weights);
}

/** The distance of each row of one from the same row of the other, [N]. */
function apart(left: Tensor, right: Tensor, metric: Metric, normalize: boolean): Tensor {
  if (metric === 'cosine') return rowDots(unitRows(left), unitRows(right)).neg().add(1);
  const rows = normalize ? unitRows : widened;
  return rowDistances(rows(left), rows(right), metric === 'squaredEuclidean');
}

/**
 * SymFace: a loss of the whole faces with class weights, and `symmetryWeight losses.symmetryLoss` of the halves. The halves go through the same
 * network; they may be of other faces, or of some of them only.
 *
 * Shapes: embeddings [B, D], weights [C, D] with a row for each class, labels int64 [B], left and right [N, E], rho [N] or null; three scalars.
 * With the head `'adaface'` lengths are compared within the batch (`losses.adaFaceLoss` with momentum 1).
 *
 * @throws as the two losses, for an unknown head, a negative `symmetryWeight`
 *
 * Prakash, Jerripothula, Sam, Singh, Umamaheswaran, arXiv 2409.11816
 */
export function symFaceLoss(
  embeddings: Tensor,
  weights: Tensor,
  labels: Tensor,
  left: Tensor,
  right: Tensor,
  rho: Tensor | null = null,
  options?: SymFaceOptions,
): SymFaceResult {
  const { head = 'arcface', scale = 64, margin = 0.5, symmetryWeight = 1, threshold, metric } = checkedOptions(options, 'symFaceLoss');
  checkChoice(head, 'head', ['arcface', 'cosface', 'adaface']);
  checkNotNegative(symmetryWeight, 'symmetryWeight');
  const face = FACE[head](embeddings, weights, labels, { scale, margin });
  const symmetry = symmetryLoss(left, right, rho, { threshold, metric });
  return { loss: face.add(symmetry, { alpha: symmetryWeight }), face, symmetry };
}

type FaceLoss = (embeddings: Tensor, weights: Tensor, labels: Tensor, options: { scale: number; margin: number }) => Tensor;

const FACE: Readonly<Record<NonNullable<SymFaceOptions['head']>, FaceLoss>> = {
  arcface: arcFaceLoss,
  cosface: cosFaceLoss,
  adaface: (embeddings, weights, labels, options) => adaFaceLoss(embeddings, weights, labels, null, null, options).loss,
};
