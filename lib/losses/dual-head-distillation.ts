/** Distillation of logits class by class, and with a head of its own. */

import { CustomFunction, type FunctionContext } from '../autograd/function';
import { crossEntropy, softplus } from '../nn/functional';
import type { ReductionOptions } from '../nn/functional/reduction';
import { checkedOptions } from '../tensor/checked';
import { checkChoice, checkNotNegative } from '../tensor/numbers';
import { scopedNoGrad } from '../tensor/scope';
import { checkAlike } from '../tensor/shapes';
import type { Tensor } from '../tensor/tensor';
import { widened } from '../tensor/widened';
import { checkClassification } from './classification';
import { checkDistillation, reducedRows } from './distillation';

export interface BinaryKlOptions extends ReductionOptions {
  /** What logits are divided by, above 0. Default 2. */
  temperature?: number;
}

/**
 * BinaryKL: each class by itself, the Kullback-Leibler divergence of the student's `sigmoid(s / T)` from the teacher's `sigmoid(t / T)`, summed over classes,
 * times `T^2`. Logits are distilled by their values, and not only by their differences.
 *
 * Shapes: studentLogits and teacherLogits [*, C]; a scalar, the mean or sum over rows, or [*] without reduction. The teacher gets no gradient.
 *
 * @throws for shapes that differ, no rows or no classes, a temperature that is not above 0
 *
 * Yang, Zong, Huang, Feng, An: Dual-Head Knowledge Distillation. KDD 2025, arXiv 2411.08937
 */
export function binaryKlLoss(studentLogits: Tensor, teacherLogits: Tensor, options?: BinaryKlOptions): Tensor {
  const { temperature = 2, reduction = 'mean' } = checkedOptions(options, 'binaryKlLoss');
  checkDistillation(studentLogits, teacherLogits, temperature);
  const b = scopedNoGrad(() => widened(teacherLogits.detach()).div(temperature));
  const a = widened(studentLogits).div(temperature);
  // The divergence of Bernoulli distributions by their logits, without a logarithm of a probability.
  const terms = exactSoftplus(a)
    .sub(scopedNoGrad(() => exactSoftplus(b)))
    .sub(a.sub(b).mul(scopedNoGrad(() => b.sigmoid())));
  return reducedRows(terms, temperature ** 2, reduction);
}

function exactSoftplus(z: Tensor): Tensor {
  return softplus(z, { beta: 1, threshold: 40 });
}

/**
 * BinaryKL-Norm: BinaryKL with the student's logits relative to the teacher's, whose probabilities then all are a half:
 * `T^2 sum_c log cosh((s_c - t_c) / 2T)`. About `(s - t)^2 / 8` for small differences and `T |s - t| / 2` for large ones, so that its gradient is bounded.
 *
 * Shapes: studentLogits and teacherLogits [*, C]; a scalar, the mean or sum over rows, or [*] without reduction. The teacher gets no gradient.
 *
 * @throws for shapes that differ, no rows or no classes, a temperature that is not above 0
 *
 * Yang, Zong, Huang, Feng, An, KDD 2025, arXiv 2411.08937
 */
export function binaryKlNormLoss(studentLogits: Tensor, teacherLogits: Tensor, options?: BinaryKlOptions): Tensor {
  const { temperature = 2, reduction = 'mean' } = checkedOptions(options, 'binaryKlNormLoss');
  checkDistillation(studentLogits, teacherLogits, temperature);
  const half = widened(studentLogits)
    .sub(widened(teacherLogits.detach()))
    .div(2 * temperature);
  return reducedRows(LogCosh.apply(half), temperature ** 2, reduction);
}

/** `log cosh x` */
class LogCosh extends CustomFunction {
  static forward(ctx: FunctionContext, x: Tensor): Tensor {
    ctx.saveForBackward(x);
    const size = x.abs();
    // |x| + log((1 + exp(-2 |x|)) / 2), in which nothing of size log 2 is left to cancel where x is small.
    return size.mul(-2).expm1_().div_(2).log1p_().add_(size);
  }

  static backward(ctx: FunctionContext, gradient: Tensor): Tensor {
    const [x] = ctx.savedTensors as [Tensor];
    return x.tanh().mul(gradient);
  }
}

export interface DualHeadDistillationOptions {
  /** Weight of the distillation, from 0. Default 1, of the authors for CIFAR-100; 0.1 for the thousand classes of ImageNet. */
  alpha?: number;
  /** Weight of the cross-entropy, from 0. Default 1. */
  gamma?: number;
  /** Of the distillation, above 0. Default 2. */
  temperature?: number;
  /** Default `'binaryKlNorm'`. */
  variant?: 'binaryKlNorm' | 'binaryKl';
}

/** The loss, [], and what it is made of, without weights. */
export interface DualHeadDistillationResult {
  readonly loss: Tensor;
  readonly classification: Tensor;
  readonly distillation: Tensor;
}

/**
 * Dual-head distillation: labels are learned by one head and the teacher's logits by another, on features that both share,
 * `gamma cross-entropy(logits) + alpha binaryKlNormLoss(auxLogits)`. On one head the two losses can make it collapse. The second head,
 * `nn.AuxiliaryHead`, is not used for predictions.
 *
 * Shapes: logits, auxLogits and teacherLogits [B, C], labels int64 [B]; all three results are scalars, means over the batch.
 *
 * @throws for an empty batch, labels outside [0, C), shapes that differ, negative weights, a temperature that is not above 0, another variant
 *
 * Yang, Zong, Huang, Feng, An, KDD 2025, arXiv 2411.08937
 */
export function dualHeadDistillationLoss(
  logits: Tensor,
  auxLogits: Tensor,
  teacherLogits: Tensor,
  labels: Tensor,
  options?: DualHeadDistillationOptions,
): DualHeadDistillationResult {
  const { alpha = 1, gamma = 1, temperature = 2, variant = 'binaryKlNorm' } = checkedOptions(options, 'dualHeadDistillationLoss');
  checkNotNegative(alpha, 'alpha');
  checkNotNegative(gamma, 'gamma');
  checkChoice(variant, 'variant', ['binaryKlNorm', 'binaryKl']);
  checkClassification(logits, labels);
  checkAlike(['logits', logits], ['auxLogits', auxLogits]);
  checkAlike(['logits', logits], ['teacherLogits', teacherLogits]);
  const classification = crossEntropy(logits, labels.long());
  const distillation = (variant === 'binaryKl' ? binaryKlLoss : binaryKlNormLoss)(auxLogits, teacherLogits, { temperature });
  return { loss: classification.mul(gamma).add(distillation, { alpha }), classification, distillation };
}
