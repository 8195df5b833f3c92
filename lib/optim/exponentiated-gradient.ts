import { checkedOptions } from '../tensor/checked';
import { expected } from '../tensor/expected';
import { _foreachDiv_, _foreachExp_, _foreachMax, _foreachMul, _foreachMul_, _foreachNorm, _foreachSub_ } from '../tensor/generated/root';
import { checkNotNegative, checkPositive } from '../tensor/numbers';
import { scope } from '../tensor/scope';
import type { Tensor } from '../tensor/tensor';
import { Optimizer, type Params, paramsOf } from './optimizer';

export interface ExponentiatedGradientSettings {
  /** Learning rate, eta. Default 0.1. */
  lr: number;
  /** What the elements of each parameter sum to after a step; null leaves the sum free (EGU). Default 1. */
  total: number | null;
  /** Go up instead of down. Default false. */
  maximize: boolean;
}

/**
 * Exponentiated gradient (Kivinen and Warmuth, 1997): for positive parameters, weights of a mixture say.
 * `w <- w exp(-lr g)`, then each parameter is divided by its sum, `w <- total w / sum(w)`: it stays on the simplex. Its regret
 * grows with the logarithm of the number of weights where gradient descent's grows with the root.
 *
 * @throws for parameters that are complex or have an element that is not positive, for a negative lr and a total that is not positive
 */
export class ExponentiatedGradient extends Optimizer<ExponentiatedGradientSettings, Record<never, never>> {
  constructor(params: Params<ExponentiatedGradientSettings>, options?: Partial<ExponentiatedGradientSettings>) {
    super(params, { lr: 0.1, total: 1, maximize: false, ...checkedOptions(options, 'ExponentiatedGradient') });
  }

  override addParamGroup(group: Partial<ExponentiatedGradientSettings> & { params: Iterable<Tensor> | Tensor }): void {
    const given = { ...group, params: paramsOf(group) };
    super.addParamGroup(given);
    for (const [position, param] of given.params.entries()) {
      const positive = !param.isComplex() && scope(() => param.detach().gt(0).all().item());
      if (positive) continue;
      this.paramGroups.pop();
      throw expected('positive real elements', `parameter ${position} of ExponentiatedGradient`, param);
    }
  }

  protected override check({ lr, total }: ExponentiatedGradientSettings): void {
    checkNotNegative(lr, 'lr');
    if (total !== null) checkPositive(total, 'total');
  }

  protected override get foreignSettings(): Readonly<Record<string, unknown>> {
    return {};
  }

  protected override update(
    { lr, total, maximize }: ExponentiatedGradientSettings,
    params: readonly Tensor[],
    grads: readonly Tensor[],
  ): void {
    const factors = _foreachMul(grads, maximize ? lr : -lr);
    // The largest factor becomes one: division by the sum undoes it, and no factor overflows.
    if (total !== null) _foreachSub_(factors, _foreachMax(factors));
    _foreachExp_(factors);
    _foreachMul_(params, factors);
    if (total === null) return;
    _foreachDiv_(params, _foreachNorm(params, 1));
    if (total !== 1) _foreachMul_(params, total);
  }
}
