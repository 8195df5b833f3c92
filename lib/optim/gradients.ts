/** What optimizers do to gradients and counts before their own step, on whole lists. */

import { _foreachAdd, _foreachAdd_, _foreachNeg, ones } from '../tensor/generated/root';
import type { Tensor } from '../tensor/tensor';

/**
 * The gradients as a step sees them: turned round for `maximize`, and with `weightDecay` times the parameters added. The
 * gradients themselves stay as they are.
 */
export function effective(
  params: readonly Tensor[],
  grads: readonly Tensor[],
  { maximize, weightDecay }: { readonly maximize: boolean; readonly weightDecay: number },
): readonly Tensor[] {
  if (!maximize) return weightDecay === 0 ? grads : _foreachAdd(grads, params, { alpha: weightDecay });
  const turned = _foreachNeg(grads);
  if (weightDecay !== 0) _foreachAdd_(turned, params, { alpha: weightDecay });
  return turned;
}

let one: Tensor | null = null;

/** Adds one to each count. On the CPU a number would become a tensor once for every count, so it is made one beforehand. */
export function countUp(steps: readonly Tensor[]): void {
  if (steps[0]?.device !== 'cpu') {
    _foreachAdd_(steps, 1);
    return;
  }
  one ??= ones([], { dtype: 'float32' }).keep();
  _foreachAdd_(steps, one);
}
