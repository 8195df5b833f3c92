/** Losses of classes and probabilities. */

import { checkedOptions, checkedTensor } from '../../tensor/checked';
import { expected } from '../../tensor/expected';
import * as root from '../../tensor/generated/root';
import { nnFunctional } from '../../tensor/operators';
import type { Tensor } from '../../tensor/tensor';
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

/**
 * Cross entropy between logits and class numbers, or class probabilities.
 *
 * Shapes: input [C], [N, C] or [N, C, d1, ...]; target int64 [], [N] or [N, d1, ...], or probabilities of the input's shape.
 * With weights the mean is over the weights of the targets.
 */
export function crossEntropy(input: Tensor, target: Tensor, options?: CrossEntropyOptions): Tensor {
  if (options === undefined) return nnFunctional.crossEntropyLoss(input, target);
  const { weight = null, reduction = 'mean', ignoreIndex = -100, labelSmoothing = 0 } = checkedOptions(options, 'crossEntropy');
  if (typeof labelSmoothing !== 'number' || !(labelSmoothing >= 0 && labelSmoothing <= 1))
    throw expected('a share in [0, 1]', 'labelSmoothing', labelSmoothing);
  return nnFunctional.crossEntropyLoss(input, target, weight, reductionCode(reduction), ignoreIndex, labelSmoothing);
}

/** The negative log-likelihood of class numbers under log-probabilities. Shapes as for `crossEntropy`. */
export function nllLoss(input: Tensor, target: Tensor, options?: ClassWeightOptions): Tensor {
  const { weight = null, reduction = 'mean', ignoreIndex = -100 } = checkedOptions(options, 'nllLoss');
  return nnFunctional.nllLossNd(input, target, weight, reductionCode(reduction), ignoreIndex);
}

export interface KlDivOptions {
  /** `'batchmean'` divides the sum by the size of the first dimension: the divergence's own definition. Default `'mean'`. */
  reduction?: Reduction | 'batchmean';
  /** The target is given in logarithms too. Default false. */
  logTarget?: boolean;
}

/** The Kullback-Leibler divergence of `x` from `y`: `y (log y - x)` for log-probabilities `x` and probabilities `y`. */
export function klDiv(input: Tensor, target: Tensor, options?: KlDivOptions): Tensor {
  checkedTensor(input, 'input');
  const { reduction = 'mean', logTarget = false } = checkedOptions(options, 'klDiv');
  if (reduction !== 'batchmean') return root.klDiv(input, target, reductionCode(reduction), { logTarget });
  const sum = root.klDiv(input, target, reductionCode('sum'), { logTarget });
  return input.dim() === 0 ? sum : sum.div(input.size(0));
}

export interface BinaryCrossEntropyOptions extends ReductionOptions {
  /** A factor for each term, of a shape that is broadcast to the input's. Default: 1 each. */
  weight?: Tensor | null;
}

/**
 * `-y log x - (1 - y) log(1 - x)` for probabilities `x`; logarithms below -100 count as -100.
 *
 * @throws for a target of another shape
 */
export function binaryCrossEntropy(input: Tensor, target: Tensor, options?: BinaryCrossEntropyOptions): Tensor {
  const { weight = null, reduction = 'mean' } = checkedOptions(options, 'binaryCrossEntropy');
  checkTarget(input, target, 'binaryCrossEntropy');
  return nnFunctional.binaryCrossEntropy(input, target, weight?.expandAs(target) ?? null, reductionCode(reduction));
}

export interface BinaryCrossEntropyWithLogitsOptions extends BinaryCrossEntropyOptions {
  /** A weight for the positive answers of each class. Default: 1 each. */
  posWeight?: Tensor | null;
}

/**
 * Binary cross entropy of `sigmoid(x)`, in a stable form: `-w (p y log sigmoid(x) + (1 - y) log(1 - sigmoid(x)))`.
 *
 * @throws for a target of another shape
 */
export function binaryCrossEntropyWithLogits(input: Tensor, target: Tensor, options?: BinaryCrossEntropyWithLogitsOptions): Tensor {
  const { weight = null, posWeight = null, reduction = 'mean' } = checkedOptions(options, 'binaryCrossEntropyWithLogits');
  checkTarget(input, target, 'binaryCrossEntropyWithLogits');
  return root.binaryCrossEntropyWithLogits(input, target, weight, posWeight, reductionCode(reduction));
}

function checkTarget(input: Tensor, target: Tensor, where: string): void {
  checkedTensor(input, 'input');
  checkedTensor(target, 'target');
  if (input.shape.join() !== target.shape.join())
    throw expected(`a target of the input's shape [${input.shape.join(', ')}]`, where, target);
}
