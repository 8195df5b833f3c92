/** Knowledge distillation: what a student learns from a teacher's logits or features. The teacher never gets a gradient. */

import { crossEntropy, mseLoss, normalize as unit } from '../nn/functional';
import { type Reduction, type ReductionOptions, reduced, reductionCode } from '../nn/functional/reduction';
import { checkedOptions, checkedTensor } from '../tensor/checked';
import { expected } from '../tensor/expected';
import { checkClosedShare, checkPositive } from '../tensor/numbers';
import { scope, scopedNoGrad } from '../tensor/scope';
import { checkAlike, checkNotEmpty } from '../tensor/shapes';
import type { Tensor } from '../tensor/tensor';
import { widened } from '../tensor/widened';
import { checkClassification } from './classification';

export interface DistillationKlOptions extends ReductionOptions {
  /** What logits are divided by, above 0. Default 4. */
  temperature?: number;
}

/**
 * The distillation loss of Hinton et al.: the Kullback-Leibler divergence of the student's softened probabilities q from the teacher's p,
 * `T^2 sum_c p_c (log p_c - log q_c)`, `p = softmax(t / T)`, `q = softmax(s / T)`. Its gradient is `T (q - p)`.
 *
 * Shapes: studentLogits and teacherLogits [*, C], such as [B, C] or [B, T, C]; a scalar, the mean or sum over rows, or [*] without reduction.
 *
 * @throws for shapes that differ, no rows or no classes, a temperature that is not above 0
 *
 * Hinton, Vinyals, Dean: Distilling the Knowledge in a Neural Network. 2015, arXiv 1503.02531
 */
export function distillationKlLoss(studentLogits: Tensor, teacherLogits: Tensor, options?: DistillationKlOptions): Tensor {
  const { temperature = 4, reduction = 'mean' } = checkedOptions(options, 'distillationKlLoss');
  checkDistillation(studentLogits, teacherLogits, temperature);
  return reducedRows(klTerms(studentLogits, teacherLogits, temperature), temperature ** 2, reduction);
}

/** `p (log p - log q)`, [*, C]. */
function klTerms(studentLogits: Tensor, teacherLogits: Tensor, temperature: number): Tensor {
  const { p, logP } = scope(() => {
    const logarithms = widened(teacherLogits.detach()).div(temperature).logSoftmax(-1);
    return { p: logarithms.exp(), logP: logarithms };
  });
  return logP.sub(widened(studentLogits).div(temperature).logSoftmax(-1)).mul(p);
}

export interface KnowledgeDistillationOptions extends DistillationKlOptions {
  /** Weight of the teacher, in [0, 1]; the labels have the rest. Default 0.5. */
  alpha?: number;
}

/**
 * Learning from a teacher and from labels: `alpha distillationKlLoss + (1 - alpha) cross-entropy`.
 *
 * Shapes: studentLogits and teacherLogits [B, C], labels int64 [B]; a scalar, or [B] without reduction.
 *
 * @throws for an empty batch, labels outside [0, C), other shapes, a temperature that is not above 0, alpha outside [0, 1]
 *
 * Hinton, Vinyals, Dean, 2015, arXiv 1503.02531
 */
export function knowledgeDistillationLoss(
  studentLogits: Tensor,
  teacherLogits: Tensor,
  labels: Tensor,
  options?: KnowledgeDistillationOptions,
): Tensor {
  const { temperature = 4, alpha = 0.5, reduction = 'mean' } = checkedOptions(options, 'knowledgeDistillationLoss');
  checkClosedShare(alpha, 'alpha');
  checkClassification(studentLogits, labels, 'studentLogits');
  checkDistillation(studentLogits, teacherLogits, temperature);
  const soft = reducedRows(klTerms(studentLogits, teacherLogits, temperature), alpha * temperature ** 2, reduction);
  return soft.add(crossEntropy(widened(studentLogits), labels.long(), { reduction }), { alpha: 1 - alpha });
}

export interface FeatureDistillationOptions extends ReductionOptions {
  /** Give each sample's features, flattened, length 1 first. Default false. */
  normalize?: boolean;
}

/**
 * Features of the student drawn to the teacher's: of each sample the mean of `(s - t)^2`.
 *
 * Shapes: student and teacher [B, *]; a scalar, or [B] without reduction.
 *
 * @throws for shapes that differ, and for no samples or no features
 *
 * Romero, Ballas, Kahou, Chassang, Gatta, Bengio: FitNets. ICLR 2015, arXiv 1412.6550
 */
export function featureDistillationLoss(student: Tensor, teacher: Tensor, options?: FeatureDistillationOptions): Tensor {
  const { normalize = false, reduction = 'mean' } = checkedOptions(options, 'featureDistillationLoss');
  reductionCode(reduction);
  if (checkedTensor(student, 'student').dim() === 0) throw expected('a batch', 'student', student);
  checkAlike(['student', student], ['teacher', teacher]);
  checkNotEmpty(student, 'student');
  const rows = (x: Tensor): Tensor => {
    const flat = widened(x).reshape([x.size(0), -1]);
    return normalize ? unit(flat) : flat;
  };
  const s = rows(student);
  const t = scopedNoGrad(() => rows(teacher.detach()));
  if (reduction === 'none') return s.sub(t).square().mean(1);
  return reduction === 'mean' ? mseLoss(s, t) : mseLoss(s, t, { reduction: 'sum' }).div(s.size(1));
}

/** Refuses logits of a student and a teacher that do not go together. */
export function checkDistillation(studentLogits: Tensor, teacherLogits: Tensor, temperature: number): void {
  checkPositive(temperature, 'temperature');
  if (checkedTensor(studentLogits, 'studentLogits').dim() === 0) throw expected('logits of classes', 'studentLogits', studentLogits);
  checkAlike(['studentLogits', studentLogits], ['teacherLogits', teacherLogits]);
  checkNotEmpty(studentLogits, 'studentLogits');
}

/** `factor` times the sums over the last dimension of terms [*, C], and then their mean, their sum, or themselves. */
export function reducedRows(terms: Tensor, factor: number, reduction: Reduction): Tensor {
  if (reduction === 'none') return reduced(terms.sum(-1).mul(factor), reduction);
  const rows = terms.numel() / terms.size(-1);
  reductionCode(reduction); // refuses what is none
  return terms.sum().mul(reduction === 'mean' ? factor / rows : factor);
}
