import { type ReductionOptions, reduced } from '../nn/functional/reduction';
import { checkedOptions } from '../tensor/checked';
import { checkNotNegative, checkPositive } from '../tensor/numbers';
import { checkShapes } from '../tensor/shapes';
import type { Tensor } from '../tensor/tensor';
import { checkClassification, logitsOverLabel } from './classification';
import { compSum } from './comp-sum';

export interface SmoothAdversarialCompSumOptions extends ReductionOptions {
  /** Index of the comp-sum family, from 0. Default 1, the paper's choice. */
  tau?: number;
  /** The margin, above 0. Default 1. */
  rho?: number;
  /** Weight of the change under attack, from 0. Default 1; in practice below the bound's `sqrt(C - 1) / rho`. */
  nu?: number;
}

/**
 * The smooth adversarial comp-sum loss: the comp-sum loss at the clean input plus `nu` times how far an attack moves the label's leads
 * over the other classes: `compSum(sum over y' != y of exp(-D(h)_y' / rho)) + nu |D(h') - D(h)|`, `D(h)_y' = h_y - h_y'`.
 *
 * For `nu >= sqrt(C - 1) / rho` it is an upper bound of the adversarial margin loss at the attacked input. Gradients flow through both
 * logits; where the attack changed nothing, the change has gradient 0. `methods.compSumAttack` finds the attacked input.
 *
 * Shapes: logits and adversarialLogits [B, C], labels int64 [B]; a scalar, or [B] without reduction.
 *
 * @throws for an empty batch, labels outside [0, C), shapes that differ, a negative `tau` or `nu`, a margin that is not above 0
 *
 * Mao, Mohri, Zhong, ICML 2023, arXiv 2304.07288
 */
export function smoothAdversarialCompSumLoss(
  logits: Tensor,
  adversarialLogits: Tensor,
  labels: Tensor,
  options?: SmoothAdversarialCompSumOptions,
): Tensor {
  const { tau = 1, rho = 1, nu = 1, reduction = 'mean' } = checkedOptions(options, 'smoothAdversarialCompSumLoss');
  checkNotNegative(tau, 'tau');
  checkPositive(rho, 'rho');
  checkNotNegative(nu, 'nu');
  const { B, C } = checkClassification(logits, labels);
  checkShapes(['adversarialLogits', adversarialLogits, B, C]);
  const clean = logitsOverLabel(logits, labels);
  const moved = logitsOverLabel(adversarialLogits, labels).sub(clean).norm(2, [1]);
  return reduced(compSum(clean.div(rho).logsumexp([1]), tau).add(moved, { alpha: nu }), reduction);
}
