/** PyTorch's own losses. */

import { checkedOptions } from '../../tensor/checked';
import { expected } from '../../tensor/expected';
import * as root from '../../tensor/generated/root';
import { nnFunctional } from '../../tensor/operators';
import { Tensor } from '../../tensor/tensor';
import { type Reduction, type ReductionOptions, reductionCode } from './reduction';

export interface ClassWeightOptions extends ReductionOptions {
  /** A weight for each class, [C]. Default: 1 each. */
  weight?: Tensor | null;
  /** Targets of this class add nothing. Default -100. */
  ignoreIndex?: number;
}

export interface CrossEntropyOptions extends ClassWeightOptions {
  /** Share of the target that is spread evenly over all classes, in [0, 1]. Default 0. */
  labelSmoothing?: number;
}

export interface WeightOptions extends ReductionOptions {
  /** A weight for each element, of the input's shape; the mean is then the weighted one. Default: 1 each. */
  weight?: Tensor | null;
}

/**
 * Cross entropy between logits and class numbers, or class probabilities.
 *
 * Shapes: input [C], [N, C] or [N, C, d1, ...]; target int64 [], [N] or [N, d1, ...], or probabilities of the input's shape.
 * With weights the mean is over the weights of the targets.
 */
export function crossEntropy(input: Tensor, target: Tensor, options?: CrossEntropyOptions): Tensor {
  if (options === undefined) return nnFunctional.crossEntropyLoss(input, target);
  const { weight = null, reduction = 'mean', ignoreIndex = -100, labelSmoothing = 0 } = checkedOptions(options, 'crossEntropy');
  if (!(labelSmoothing >= 0 && labelSmoothing <= 1)) throw expected('a share in [0, 1]', 'labelSmoothing', labelSmoothing);
  return nnFunctional.crossEntropyLoss(input, target, weight, reductionCode(reduction), ignoreIndex, labelSmoothing);
}

/** The negative log-likelihood of class numbers under log-probabilities. Shapes as for `crossEntropy`. */
export function nllLoss(input: Tensor, target: Tensor, options?: ClassWeightOptions): Tensor {
  const { weight = null, reduction = 'mean', ignoreIndex = -100 } = checkedOptions(options, 'nllLoss');
  return nnFunctional.nllLossNd(input, target, weight, reductionCode(reduction), ignoreIndex);
}

/** `(x - y)^2`. */
export function mseLoss(input: Tensor, target: Tensor, options?: WeightOptions): Tensor {
  const { weight = null, reduction = 'mean' } = checkedOptions(options, 'mseLoss');
  const [x, y] = sameShape(input, target, 'mseLoss');
  if (weight !== null) return weighted(x.sub(y).pow(2), weight, input, reduction);
  return nnFunctional.mseLoss(x, y, reductionCode(reduction));
}

/** `|x - y|`. */
export function l1Loss(input: Tensor, target: Tensor, options?: WeightOptions): Tensor {
  const { weight = null, reduction = 'mean' } = checkedOptions(options, 'l1Loss');
  const [x, y] = sameShape(input, target, 'l1Loss');
  if (weight !== null) return weighted(x.sub(y).abs(), weight, input, reduction);
  return nnFunctional.l1Loss(x, y, reductionCode(reduction));
}

/** `(x - y)^2 / (2 beta)` below `beta`, `|x - y| - beta / 2` above. Default beta 1. */
export function smoothL1Loss(input: Tensor, target: Tensor, options?: ReductionOptions & { beta?: number }): Tensor {
  const { beta = 1, reduction = 'mean' } = checkedOptions(options, 'smoothL1Loss');
  const [x, y] = sameShape(input, target, 'smoothL1Loss');
  return beta === 0 ? nnFunctional.l1Loss(x, y, reductionCode(reduction)) : nnFunctional.smoothL1Loss(x, y, reductionCode(reduction), beta);
}

/** `(x - y)^2 / 2` below `delta`, `delta (|x - y| - delta / 2)` above. Default delta 1. */
export function huberLoss(input: Tensor, target: Tensor, options?: ReductionOptions & { delta?: number }): Tensor {
  const { delta = 1, reduction = 'mean' } = checkedOptions(options, 'huberLoss');
  const [x, y] = sameShape(input, target, 'huberLoss');
  return nnFunctional.huberLoss(x, y, reductionCode(reduction), delta);
}

export interface KlDivOptions {
  /** `'batchmean'` divides the sum by the size of the first dimension: the divergence's own definition. Default `'mean'`. */
  reduction?: Reduction | 'batchmean';
  /** The target is given in logarithms too. Default false. */
  logTarget?: boolean;
}

/** `y (log y - x)` for log-probabilities `x` and probabilities `y`. */
export function klDiv(input: Tensor, target: Tensor, options?: KlDivOptions): Tensor {
  const { reduction = 'mean', logTarget = false } = checkedOptions(options, 'klDiv');
  if (reduction !== 'batchmean') return root.klDiv(input, target, reductionCode(reduction), { logTarget });
  const sum = root.klDiv(input, target, reductionCode('sum'), { logTarget });
  return input.dim() === 0 ? sum : sum.div(input.size(0));
}

/** `-y log x - (1 - y) log(1 - x)` for probabilities `x`. */
export function binaryCrossEntropy(input: Tensor, target: Tensor, options?: WeightOptions): Tensor {
  const { weight = null, reduction = 'mean' } = checkedOptions(options, 'binaryCrossEntropy');
  return nnFunctional.binaryCrossEntropy(input, target, weight, reductionCode(reduction));
}

export interface BinaryCrossEntropyWithLogitsOptions extends WeightOptions {
  /** A weight for the positive answers of each class. Default: 1 each. */
  posWeight?: Tensor | null;
}

/** Binary cross entropy of `sigmoid(x)`, in a stable form. */
export function binaryCrossEntropyWithLogits(input: Tensor, target: Tensor, options?: BinaryCrossEntropyWithLogitsOptions): Tensor {
  const { weight = null, posWeight = null, reduction = 'mean' } = checkedOptions(options, 'binaryCrossEntropyWithLogits');
  checkTensors(input, target);
  if (input.shape.join() !== target.shape.join())
    throw expected(`a target of the input's shape [${input.shape.join(', ')}]`, 'binaryCrossEntropyWithLogits', target);
  return root.binaryCrossEntropyWithLogits(input, target, weight, posWeight, reductionCode(reduction));
}

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
export function tripletMarginLoss(anchor: Tensor, positive: Tensor, negative: Tensor, options?: TripletMarginOptions): Tensor {
  const { margin = 1, p = 2, eps = 1e-6, swap = false, reduction = 'mean' } = checkedOptions(options, 'tripletMarginLoss');
  if (!(margin > 0)) throw expected('a positive number', 'margin', margin);
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

/** `x` where y = 1, `max(0, margin - x)` where y = -1. Default margin 1. */
export function hingeEmbeddingLoss(input: Tensor, target: Tensor, options?: MarginOptions): Tensor {
  const { margin = 1, reduction = 'mean' } = checkedOptions(options, 'hingeEmbeddingLoss');
  return root.hingeEmbeddingLoss(input, target, margin, reductionCode(reduction));
}

/** `log(1 + exp(-y x))` with y in {-1, 1}. */
export function softMarginLoss(input: Tensor, target: Tensor, options?: ReductionOptions): Tensor {
  const { reduction = 'mean' } = checkedOptions(options, 'softMarginLoss');
  return nnFunctional.softMarginLoss(input, target, reductionCode(reduction));
}

function checkTensors(input: unknown, target: unknown): void {
  if (!(input instanceof Tensor)) throw expected('a tensor', 'input', input);
  if (!(target instanceof Tensor)) throw expected('a tensor', 'target', target);
}

/** Both with the common shape. Other shapes than the target's are mostly a mistake, so a warning says it, as PyTorch's does. */
function sameShape(input: Tensor, target: Tensor, where: string): [Tensor, Tensor] {
  checkTensors(input, target);
  const [own, given] = [input.shape.join(', '), target.shape.join(', ')];
  if (own === given) return [input, target];
  process.emitWarning(
    `Expected a target of the input's shape [${own}] for ${where} but received [${given}]: they are broadcast, which is likely not what is meant`,
  );
  const [x, y] = root.broadcastTensors([input, target]);
  return [x as Tensor, y as Tensor];
}

/** Terms times weights; the mean is divided by the sum of the weights. */
function weighted(terms: Tensor, weight: Tensor, input: Tensor, reduction: Reduction): Tensor {
  if (!(weight instanceof Tensor) || weight.shape.join() !== input.shape.join())
    throw expected(`weights of the input's shape [${input.shape.join(', ')}]`, 'weight', weight);
  reductionCode(reduction); // refuses what is none
  const product = terms.mul(weight);
  if (reduction === 'none') return product;
  return reduction === 'sum' ? product.sum() : product.sum().div(weight.sum());
}
