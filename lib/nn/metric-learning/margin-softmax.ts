/** Cross-entropy of cosines, with a margin that the right class has to keep: normalized and constrained softmax, CosFace, ArcFace. */

import { checkedOptions } from '../../tensor/checked';
import { expected } from '../../tensor/expected';
import { where } from '../../tensor/generated/root';
import { checkLabels } from '../../tensor/labels';
import { checkChoice, checkNotNegative, checkPositive } from '../../tensor/numbers';
import { checkShapes } from '../../tensor/shapes';
import type { Tensor } from '../../tensor/tensor';
import { widened } from '../../tensor/widened';
import { crossEntropy } from '../functional';
import type { ReductionOptions } from '../functional/reduction';
import { rowDots, rowsOfLength, unitRows } from './rows';

export interface NormalizedSoftmaxOptions extends ReductionOptions {
  /** What cosines are multiplied by, 1 / temperature, above 0. Default 20, of Zhai and Wu. */
  scale?: number;
}

/**
 * The normalized softmax loss: cross-entropy of `scale cos(x_i, w_j)`.
 *
 * Shapes: embeddings [B, D], weights [C, D] with a row for each class, labels int64 [B]; a scalar, or [B] without reduction.
 *
 * @throws for an empty batch, labels outside [0, C), another shape, a scale that is not above 0
 *
 * Wang, Xiang, Cheng, Yuille: NormFace. ACM MM 2017, arXiv 1704.06369; Zhai, Wu: Classification is a Strong Baseline for Deep Metric
 * Learning. BMVC 2019, arXiv 1811.12649
 */
export function normalizedSoftmaxLoss(embeddings: Tensor, weights: Tensor, labels: Tensor, options?: NormalizedSoftmaxOptions): Tensor {
  const { scale = 20, reduction = 'mean' } = checkedOptions(options, 'normalizedSoftmaxLoss');
  checkPositive(scale, 'scale');
  checkWeighted(embeddings, weights, labels);
  return crossEntropy(cosineLogits(directions(embeddings, weights), scale), labels.long(), { reduction });
}

export interface ConstrainedSoftmaxOptions extends ReductionOptions {
  /** Length of the embeddings, above 0. Default 10, of the authors. */
  scale?: number;
}

/**
 * The softmax loss under the constraint that weights have length 1: cross-entropy of `scale <x_i / |x_i|, w_j>`, with the weights as they are.
 * `methods.unitNormConstraint` brings them back to length 1 after each step of the optimizer. Then the value is that of
 * `normalizedSoftmaxLoss`, and the gradient of the weights differs by its part along them.
 *
 * With C classes it does not fall below `log(1 + (C - 1) exp(-scale C / (C - 1)))`: for many classes the scale has to grow.
 *
 * Shapes: embeddings [B, D], weights [C, D] with a row for each class, labels int64 [B]; a scalar, or [B] without reduction.
 *
 * @throws for an empty batch, labels outside [0, C), another shape, a scale that is not above 0
 *
 * Pereira, Joly, Valduriez, Porto: Hyperspherical embedding for novel class classification. 2021, arXiv 2102.03243
 */
export function constrainedSoftmaxLoss(embeddings: Tensor, weights: Tensor, labels: Tensor, options?: ConstrainedSoftmaxOptions): Tensor {
  const { scale = 10, reduction = 'mean' } = checkedOptions(options, 'constrainedSoftmaxLoss');
  checkPositive(scale, 'scale');
  checkWeighted(embeddings, weights, labels);
  return crossEntropy(rowsOfLength(embeddings, scale).mm(widened(weights).t()), labels.long(), { reduction });
}

export interface MarginSoftmaxOptions extends ReductionOptions {
  /** What cosines are multiplied by, above 0. Default 64, of both papers. */
  scale?: number;
  /** By how much the right class has to lead, from 0. Default 0.35 for CosFace, of cosines; 0.5 for ArcFace, radians, up to pi. */
  margin?: number;
}

/**
 * The CosFace loss: cross-entropy of `scale cos(x_i, w_j)`, with `scale (cos(x_i, w_j) - margin)` for the right class.
 *
 * Shapes: embeddings [B, D], weights [C, D] with a row for each class, labels int64 [B]; a scalar, or [B] without reduction. Defaults: the
 * paper's, scale 64 and margin 0.35.
 *
 * @throws for an empty batch, labels outside [0, C), another shape, a scale that is not above 0, a negative margin
 *
 * Wang, Wang, Zhou, Ji, Gong, Zhou, Li, Liu: CosFace. CVPR 2018, arXiv 1801.09414
 */
export function cosFaceLoss(embeddings: Tensor, weights: Tensor, labels: Tensor, options?: MarginSoftmaxOptions): Tensor {
  const { scale = 64, margin = 0.35, reduction = 'mean' } = checkedOptions(options, 'cosFaceLoss');
  checkPositive(scale, 'scale');
  checkNotNegative(margin, 'margin');
  checkWeighted(embeddings, weights, labels);
  return crossEntropy(cosFaceLogits(directions(embeddings, weights), labels.long(), scale, margin), labels.long(), { reduction });
}

/**
 * The ArcFace loss: cross-entropy of `scale cos(theta_ij)`, theta the angle between x_i and w_j, with `scale cos(theta + margin)` for the
 * right class; where that would go beyond pi, with `scale (cos(theta) - margin sin(margin))`, so that it falls all the way, for margins up
 * to 2.33.
 *
 * Shapes: embeddings [B, D], weights [C, D] with a row for each class, labels int64 [B]; a scalar, or [B] without reduction. Defaults: the
 * paper's, scale 64 and margin 0.5. Within 1e-7 of -1 and 1 the cosine of the right class has gradient 0.
 *
 * @throws for an empty batch, labels outside [0, C), another shape, a scale that is not above 0, a margin outside [0, pi]
 *
 * Deng, Guo, Xue, Zafeiriou: ArcFace. CVPR 2019, arXiv 1801.07698
 */
export function arcFaceLoss(embeddings: Tensor, weights: Tensor, labels: Tensor, options?: MarginSoftmaxOptions): Tensor {
  const { scale = 64, margin = 0.5, reduction = 'mean' } = checkedOptions(options, 'arcFaceLoss');
  checkPositive(scale, 'scale');
  checkAngle(margin, 'margin');
  checkWeighted(embeddings, weights, labels);
  return crossEntropy(arcFaceLogits(directions(embeddings, weights), labels.long(), scale, margin), labels.long(), { reduction });
}

/** Refuses what is no batch of embeddings, class weights and class numbers that go together. */
export function checkWeighted(embeddings: Tensor, weights: Tensor, labels: Tensor, name = 'weights'): { B: number; C: number; D: number } {
  const sizes = checkShapes(['embeddings', embeddings, 'B', 'D'], [name, weights, 'C', 'D'], ['labels', labels, 'B']);
  if (sizes.B === 0 || sizes.C === 0) throw expected('at least one sample and one class', 'embeddings', embeddings);
  checkLabels(labels, sizes.C);
  return sizes;
}

/** Refuses what is no angle between two vectors. */
export function checkAngle(value: number, name: string): void {
  if (typeof value !== 'number' || !(value >= 0 && value <= Math.PI)) throw expected('a number in [0, pi]', name, value);
}

/** The margin that the right class has to keep: of angles, of cosines, or none. */
export type MarginHead = 'arcface' | 'cosface' | 'normface';

/** Refuses another head, and a margin that it cannot have. */
export function checkHead(head: MarginHead, margin: number): void {
  checkChoice(head, 'head', ['arcface', 'cosface', 'normface']);
  if (head === 'arcface') checkAngle(margin, 'margin');
  else checkNotNegative(margin, 'margin');
}

/** Embeddings and class weights with rows of length 1. */
export interface Directions {
  /** [B, D] */
  readonly x: Tensor;
  /** [C, D] */
  readonly w: Tensor;
}

export function directions(embeddings: Tensor, weights: Tensor): Directions {
  return { x: unitRows(embeddings), w: unitRows(weights) };
}

/** `scale cos(x_i, w_j)`, [B, C]. */
export function cosineLogits({ x, w }: Directions, scale: number): Tensor {
  return x.mul(scale).mm(w.t());
}

/** The same with the margin of CosFace. */
export function cosFaceLogits(directions: Directions, labels: Tensor, scale: number, margin: number): Tensor {
  const logits = cosineLogits(directions, scale);
  return margin === 0 ? logits : raised(logits, labels, logits.newFull([labels.size(0)], -scale * margin));
}

/** The same with the margin of ArcFace. */
export function arcFaceLogits(directions: Directions, labels: Tensor, scale: number, margin: number): Tensor {
  const cos = rowDots(directions.x, directions.w.indexSelect(0, labels));
  return raised(cosineLogits(directions, scale), labels, turned(cos, margin).sub(cos).mul(scale));
}

/** The same with the margin of a head. */
export function headLogits(directions: Directions, labels: Tensor, head: MarginHead, scale: number, margin: number): Tensor {
  switch (head) {
    case 'arcface':
      return arcFaceLogits(directions, labels, scale, margin);
    case 'cosface':
      return cosFaceLogits(directions, labels, scale, margin);
    case 'normface':
      return cosineLogits(directions, scale);
  }
}

/** Away from -1 and 1, where the angle's derivative is infinite. */
export const INSIDE = 1 - 1e-7;

/** `cos(theta + margin)` of cosines; from theta = pi - margin on a line of the same slope sign. */
export function turned(cos: Tensor, margin: number): Tensor {
  const inside = cos.clamp(-INSIDE, INSIDE);
  const sin = inside.square().neg().add(1).sqrt();
  const both = inside.mul(Math.cos(margin)).sub(sin, { alpha: Math.sin(margin) });
  return where(inside.gt(Math.cos(Math.PI - margin)), both, inside.sub(margin * Math.sin(margin)));
}

/** Adds to the logit of each label, [B], in place: logits that were just made, so that nothing of their size is copied. */
export function raised(logits: Tensor, labels: Tensor, by: Tensor): Tensor {
  return logits.scatterAdd_(1, labels.unsqueeze(1), by.unsqueeze(1));
}
