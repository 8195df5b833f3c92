import { crossEntropy } from '../nn/functional';
import { type ReductionOptions, reduced } from '../nn/functional/reduction';
import { hyperbolicLogits } from '../nn/hyperbolic-mlr';
import { type CurvatureOptions, checkedCurvature, distance } from '../nn/poincare-ball';
import { checkedOptions } from '../tensor/checked';
import { expected } from '../tensor/expected';
import { cat, ones, zeros } from '../tensor/generated/root';
import { checkChoice, checkNotNegative } from '../tensor/numbers';
import { checkNotEmpty, checkShapes } from '../tensor/shapes';
import type { Tensor } from '../tensor/tensor';
import { checkClassification } from './classification';

export interface HypCrossEntropyOptions extends CurvatureOptions, ReductionOptions {}

export interface ArcOptions extends CurvatureOptions {
  /** `'atanh'`: the hyperbolic distance, which the paper writes. `'atan'`: what the authors' code computes in its place. Default `'atanh'`. */
  arc?: 'atanh' | 'atan';
}

export interface HypPairwiseConfusionOptions extends ArcOptions, ReductionOptions {}

export interface HypOcOptions extends ArcOptions {
  /** Weight of the pairwise confusion, from 0. Default 1. */
  pcWeight?: number;
  /** Weight of the cross-entropy, from 0. Default 1. */
  ceWeight?: number;
}

/** The loss, [], and what it is made of. */
export interface HypOcResult {
  readonly loss: Tensor;
  readonly pairwiseConfusion: Tensor;
  readonly crossEntropy: Tensor;
}

/**
 * Cross-entropy of hyperbolic logits (Hyp-CE): `-log softmax(hyperbolicLogits(x, a, p))` at the label.
 *
 * Shapes: x [B, D] in the ball, a and p [C, D], labels int64 [B]; a scalar, or [B] without reduction.
 *
 * @throws for c that is not above 0, an empty batch, labels outside [0, C), other shapes
 *
 * Narayan, Patel: Hyp-OC: Hyperbolic One Class Classification for Face Anti-Spoofing. FG 2024, arXiv 2404.14406
 */
export function hypCrossEntropyLoss(x: Tensor, a: Tensor, p: Tensor, labels: Tensor, options?: HypCrossEntropyOptions): Tensor {
  const { reduction = 'mean' } = checkedOptions(options, 'hypCrossEntropyLoss');
  const logits = hyperbolicLogits(x, a, p, { c: checkedCurvature(options, 'hypCrossEntropyLoss') });
  checkClassification(logits, labels);
  return crossEntropy(logits, labels.long(), { reduction });
}

/**
 * Pairwise confusion in the ball (Hyp-PC): draws each sample of the batch's first half to the one at the same place of the second, so that
 * what tells them apart, such as the identity of a face, is lost: `1 / B sum of d(x_i, x_(i + B/2))`, half of the mean distance.
 *
 * Shapes: features [B, D] in the ball, B even; a scalar, or [B / 2] without reduction.
 *
 * @throws for c that is not above 0, an empty or odd batch, another arc
 *
 * Narayan, Patel, FG 2024, arXiv 2404.14406; Dubey et al.: Pairwise Confusion for Fine-Grained Visual Classification. ECCV 2018,
 * arXiv 1705.08016
 */
export function hypPairwiseConfusionLoss(features: Tensor, options?: HypPairwiseConfusionOptions): Tensor {
  const { arc = 'atanh', reduction = 'mean' } = checkedOptions(options, 'hypPairwiseConfusionLoss');
  const c = checkedCurvature(options, 'hypPairwiseConfusionLoss');
  checkChoice(arc, 'arc', ['atanh', 'atan']);
  const { B } = checkShapes(['features', features, 'B', 'D']);
  checkNotEmpty(features, 'features');
  if (B % 2 !== 0) throw expected('an even number of samples', 'features', features);
  const half = B / 2;
  const [left, right] = [features.narrow(0, 0, half), features.narrow(0, half, half)];
  const terms = arc === 'atanh' ? distance(left, right, c) : distance(left, right, c, (share) => share.atan());
  return reduction === 'mean' ? terms.sum().div(B) : reduced(terms, reduction);
}

/**
 * Hyp-OC: one class learned from its own samples and from pseudo-negatives around them,
 * `pcWeight hypPairwiseConfusionLoss(real) + ceWeight hypCrossEntropyLoss` with the real samples as class 0 and the pseudo-negatives as 1.
 *
 * Shapes: real [B, D] with B even and pseudo [M, D], both in the ball, a and p [2, D]; all three results are scalars.
 *
 * @throws as the two losses, and for negative weights
 *
 * Narayan, Patel, FG 2024, arXiv 2404.14406
 */
export function hypOcLoss(real: Tensor, pseudo: Tensor, a: Tensor, p: Tensor, options?: HypOcOptions): HypOcResult {
  const { c, arc, pcWeight = 1, ceWeight = 1 } = checkedOptions(options, 'hypOcLoss');
  checkNotNegative(pcWeight, 'pcWeight');
  checkNotNegative(ceWeight, 'ceWeight');
  const { B, M } = checkShapes(['real', real, 'B', 'D'], ['pseudo', pseudo, 'M', 'D'], ['a', a, 2, 'D'], ['p', p, 2, 'D']);
  const pairwiseConfusion = hypPairwiseConfusionLoss(real, { c, arc });
  const { device } = real;
  const labels = cat([zeros([B], { dtype: 'int64', device }), ones([M], { dtype: 'int64', device })]);
  const ce = crossEntropy(hyperbolicLogits(cat([real, pseudo]), a, p, { c }), labels);
  const loss = pairwiseConfusion.mul(pcWeight).add(ce, { alpha: ceWeight });
  return { loss, pairwiseConfusion, crossEntropy: ce };
}
