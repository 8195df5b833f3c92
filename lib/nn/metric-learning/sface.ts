/** SFace: target cosines are pulled up and the others pushed down, each with a strength that its angle decides. */

import { checkedOptions } from '../../tensor/checked';
import { checkLabels } from '../../tensor/labels';
import { checkFinite, checkNotNegative, checkPositive } from '../../tensor/numbers';
import { scopedNoGrad } from '../../tensor/scope';
import { checkShapes } from '../../tensor/shapes';
import type { Tensor } from '../../tensor/tensor';
import { widened } from '../../tensor/widened';
import { type ReductionOptions, reduced } from '../functional/reduction';
import { checkAngle, checkWeighted, directions, INSIDE } from './margin-softmax';
import { rowDots } from './rows';

export interface SFaceRescaleOptions {
  /** How steeply the strengths go from 0 to 1 with the angle, per radian, from 0. Default 80, the authors'. */
  k?: number;
  /** The angle, in [0, pi], within which a sample is no longer pulled to its class. Default 0.87, the authors' for CASIA-WebFace. */
  a?: number;
  /** The angle, in [0, pi], beyond which a sample is no longer pushed from other classes. Default 1.2, the authors' for CASIA-WebFace. */
  b?: number;
}

export interface SFaceOptions extends SFaceRescaleOptions, ReductionOptions {
  /** What cosines are multiplied by, above 0. Default 64, the authors'. */
  scale?: number;
}

/** Strengths in [0, 1], without gradient. */
export interface SFaceStrengths {
  /** With which each sample is pulled to its class, [B]. */
  readonly intra: Tensor;
  /** With which each sample is pushed from the other classes, [B, C]; 0 for its own. */
  readonly inter: Tensor;
}

/**
 * The strengths of SFace: `intra_i = sigmoid(k (theta_iy - a))` for the class y of a sample and `inter_ij = sigmoid(k (b - theta_ij))` for the
 * others, theta the angles of the cosines. For k = 0 all are 1/2, for large k they are 0 or 1.
 *
 * Shapes: cosines [B, C], labels int64 [B]; intra [B], inter [B, C]. No gradient flows. Of half-precision cosines they are float32.
 *
 * @throws for labels outside [0, C), another shape, a `k` that is negative or infinite, an `a` or `b` outside [0, pi]
 *
 * Zhong, Deng, Hu, Zhao, Li, Wen: SFace. IEEE TIP 2021, arXiv 2205.12010
 */
export function sfaceRescale(cosines: Tensor, labels: Tensor, options?: SFaceRescaleOptions): SFaceStrengths {
  const limits = checkedLimits(checkedOptions(options, 'sfaceRescale'));
  const { C } = checkShapes(['cosines', cosines, 'B', 'C'], ['labels', labels, 'B']);
  checkLabels(labels, C);
  const classes = labels.long().unsqueeze(1);
  const cos = widened(cosines.detach());
  const intra = intraStrengths(cos.gather(1, classes), limits).squeeze(1);
  const inter = interStrengths_(cos.clone(), limits).scatter_(1, classes, 0);
  return { intra, inter };
}

/**
 * The SFace loss: `scale (-intra_i cos_iy + sum over j != y of inter_ij cos_ij)` with the strengths of `methods.sfaceRescale`, which do not
 * learn. It has no softmax: a sample that is within `a` of its class is left alone, so that wrong labels and poor images are not learnt by
 * heart. Its gradient with respect to the cosines is `-scale intra` and `scale inter`; its value says little of the progress.
 *
 * Shapes: embeddings [B, D], weights [C, D] with a row for each class, labels int64 [B]; a scalar, or [B] without reduction. Defaults: the
 * authors'; they take a from 0.8 to 0.9 and b from 1.2 to 1.25, for other data and few features the angles are others.
 *
 * @throws for an empty batch, labels outside [0, C), another shape, a scale that is not above 0, a `k` that is negative or infinite, an `a` or
 * `b` outside [0, pi]
 *
 * Zhong, Deng, Hu, Zhao, Li, Wen: SFace: Sigmoid-Constrained Hypersphere Loss for Robust Face Recognition. IEEE TIP 2021, arXiv 2205.12010
 */
export function sfaceLoss(embeddings: Tensor, weights: Tensor, labels: Tensor, options?: SFaceOptions): Tensor {
  const { scale = 64, reduction = 'mean', ...rest } = checkedOptions(options, 'sfaceLoss');
  checkPositive(scale, 'scale');
  const limits = checkedLimits(rest);
  checkWeighted(embeddings, weights, labels);
  const { x, w } = directions(embeddings, weights);
  const signed = scopedNoGrad(() => {
    const classes = labels.long().unsqueeze(1);
    const cos = x.mm(w.t());
    const intra = intraStrengths(cos.gather(1, classes), limits);
    return interStrengths_(cos, limits).scatter_(1, classes, intra.neg());
  });
  // sum over j of s_ij cos_ij = x_i . (sum over j of s_ij w_j): of the size of the cosines there is only `signed`.
  return reduced(rowDots(x, signed.mm(w)).mul(scale), reduction);
}

type Limits = Required<SFaceRescaleOptions>;

/** The options, and their defaults. */
export function checkedLimits({ k = 80, a = 0.87, b = 1.2 }: SFaceRescaleOptions): Limits {
  checkNotNegative(k, 'k');
  checkFinite(k, 'k');
  checkAngle(a, 'a');
  checkAngle(b, 'b');
  return { k, a, b };
}

function intraStrengths(cos: Tensor, { k, a }: Limits): Tensor {
  return cos.clamp(-INSIDE, INSIDE).acos_().sub_(a).mul_(k).sigmoid_();
}

/** In place. */
function interStrengths_(cos: Tensor, { k, b }: Limits): Tensor {
  return cos.clamp_(-INSIDE, INSIDE).acos_().sub_(b).mul_(-k).sigmoid_();
}
