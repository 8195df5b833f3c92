/** AdaFace: a margin for each sample, by the length of its embedding, which tells how good the image is. */

import { checkedOptions } from '../../tensor/checked';
import { checkClosedShare, checkNotNegative, checkPositive } from '../../tensor/numbers';
import { checkShapes } from '../../tensor/shapes';
import type { Tensor } from '../../tensor/tensor';
import { widened } from '../../tensor/widened';
import { crossEntropy } from '../functional';
import type { ReductionOptions } from '../functional/reduction';
import { checkAngle, checkWeighted, raised } from './margin-softmax';
import { unitRows } from './rows';

export interface AdaFaceOptions extends ReductionOptions {
  /** What cosines are multiplied by, above 0. Default 64, the authors'. */
  scale?: number;
  /** Radians by which the angle is changed at most, and by how much the cosine, in [0, pi]. Default 0.4, the authors'. */
  margin?: number;
  /** How strongly the margins follow the lengths, from 0; for 0 it is CosFace. Default 0.333, the authors': two thirds of them within a third. */
  h?: number;
  /** Weight of this batch in the mean and the deviation of the lengths, in [0, 1]. Default 1: this batch only. The authors train with 0.01. */
  momentum?: number;
}

export interface AdaFaceResult {
  readonly loss: Tensor;
  /** Of the lengths, with this batch in it, []; without gradient. */
  readonly runningMean: Tensor;
  readonly runningStd: Tensor;
}

/** Before the first batch. */
export const [INITIAL_MEAN, INITIAL_STD] = [20, 100];

/** Lengths count from here to here. */
const [SHORTEST, LONGEST] = [0.001, 100];

/** Lengths are divided by at least so much. */
const SMALLEST = 1e-12;

/** How far cosines are held from -1 and 1, and angles from 0 and pi. */
const EDGE = 1e-3;

/**
 * The AdaFace loss: cross-entropy of `scale cos(theta_ij)`, with `scale (cos(theta - margin q_i) - (margin + margin q_i))` for the right class.
 * `q = clamp(h (n - mean) / (std + 0.001), -1, 1)` says how good an image is, by the length n of its embedding, in [0.001, 100], among those of
 * the batch and before. For q = -1 it is ArcFace without guard, for 0 CosFace; good samples have to lead by more.
 *
 * Shapes: embeddings [B, D], weights [C, D] with a row for each class, labels int64 [B], runningMean and runningStd [] or null for the
 * authors' initial 20 and 100; the loss is a scalar, or [B] without reduction. q does not learn. The deviation of one sample is 0.
 *
 * @throws for an empty batch, labels outside [0, C), another shape, a scale that is not above 0, a margin outside [0, pi], a negative h, a
 * momentum outside [0, 1]
 *
 * Kim, Jain, Liu: AdaFace: Quality Adaptive Margin for Face Recognition. CVPR 2022, arXiv 2204.00964
 */
export function adaFaceLoss(
  embeddings: Tensor,
  weights: Tensor,
  labels: Tensor,
  runningMean: Tensor | null = null,
  runningStd: Tensor | null = null,
  options?: AdaFaceOptions,
): AdaFaceResult {
  const { scale = 64, margin = 0.4, h = 0.333, momentum = 1, reduction = 'mean' } = checkedOptions(options, 'adaFaceLoss');
  checkAdaFace(scale, margin, h, momentum);
  checkWeighted(embeddings, weights, labels);
  if (runningMean !== null) checkShapes(['runningMean', runningMean]);
  if (runningStd !== null) checkShapes(['runningStd', runningStd]);
  const x = widened(embeddings);
  const lengths = x.norm(2, 1, { keepdim: true });
  const n = lengths.detach().clamp(SHORTEST, LONGEST);
  const mean = moved(runningMean, INITIAL_MEAN, n.mean(), momentum);
  const std = moved(runningStd, INITIAL_STD, n.size(0) === 1 ? n.newZeros([]) : n.std(), momentum);
  // margin q, [B, 1].
  const turn = n
    .sub(mean)
    .mul(h * margin)
    .div(std.add(EDGE))
    .clamp(-margin, margin);
  const classes = labels.long();
  const most = scale * (1 - EDGE);
  const scaled = x.div(lengths.clampMin(SMALLEST).div(scale)).mm(unitRows(weights).t());
  const own = scaled.gather(1, classes.unsqueeze(1)).clamp(-most, most);
  const logits = scaled.clamp(-most, most);
  const target = own
    .div(scale)
    .acos()
    .sub(turn)
    .clamp(EDGE, Math.PI - EDGE)
    .cos()
    .sub(turn.add(margin));
  const loss = crossEntropy(raised(logits, classes, target.mul(scale).sub(own).squeeze(1)), classes, { reduction });
  return { loss, runningMean: mean, runningStd: std };
}

export function checkAdaFace(scale: number, margin: number, h: number, momentum: number): void {
  checkPositive(scale, 'scale');
  checkAngle(margin, 'margin');
  checkNotNegative(h, 'h');
  checkClosedShare(momentum, 'momentum');
}

function moved(running: Tensor | null, initial: number, now: Tensor, momentum: number): Tensor {
  if (momentum === 1) return now;
  const kept = now.mul(momentum);
  return running === null ? kept.add((1 - momentum) * initial) : kept.add(running.detach(), { alpha: 1 - momentum });
}
