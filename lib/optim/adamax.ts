import { checkedOptions } from '../tensor/checked';
import { _foreachAbs, _foreachAdd_, _foreachAddcdiv_, _foreachLerp_, _foreachMaximum_, _foreachMul_ } from '../tensor/generated/root';
import { checkNotNegative } from '../tensor/numbers';
import type { Tensor } from '../tensor/tensor';
import { checkBetas } from './checks';
import { countUp, effective } from './gradients';
import { Optimizer, type Params } from './optimizer';
import type { AsReal } from './real';

export interface AdamaxSettings {
  /** Learning rate. Default 2e-3. */
  lr: number;
  /** How slowly the average of the gradient and its largest size forget. Default [0.9, 0.999]. */
  betas: readonly [number, number];
  /** Added to the gradient's size. Default 1e-8. */
  eps: number;
  /** Share of the parameter that is added to its gradient. Default 0. */
  weightDecay: number;
  /** Go up instead of down. Default false. */
  maximize: boolean;
}

export interface AdamaxState {
  step: Tensor;
  expAvg: Tensor;
  expInf: Tensor;
}

const SCALARS = ['step'] as const;
const STATE = ['step', 'expAvg', 'expInf'] as const;

/**
 * Adam with the largest gradient in place of the root of the mean square (Kingma and Ba, 2015, section 7.1):
 * `m <- beta1 m + (1 - beta1) g`, `u <- max(beta2 u, |g| + eps)`, `p <- p - lr m / ((1 - beta1^t) u)`.
 *
 * @throws for negative settings, and for betas outside [0, 1)
 */
export class Adamax extends Optimizer<AdamaxSettings, AdamaxState> {
  constructor(params: Params<AdamaxSettings>, options?: Partial<AdamaxSettings>) {
    super(params, { lr: 2e-3, betas: [0.9, 0.999], eps: 1e-8, weightDecay: 0, maximize: false, ...checkedOptions(options, 'Adamax') });
  }

  protected override check({ lr, betas, eps, weightDecay }: AdamaxSettings): void {
    checkNotNegative(lr, 'lr');
    checkNotNegative(eps, 'eps');
    checkNotNegative(weightDecay, 'weightDecay');
    checkBetas(betas);
  }

  protected override update(settings: AdamaxSettings, all: readonly Tensor[], allGrads: readonly Tensor[], asReal: AsReal): void {
    const { lr, betas, eps } = settings;
    for (const { params, grads, values } of this.alike(all, allGrads, SCALARS, settings)) {
      const { step, expAvg, expInf } = this.columns(params, STATE, settings);
      const [p, m, u] = [asReal(params), asReal(expAvg), asReal(expInf)];
      countUp(step);
      values.step++;
      const g = effective(p, asReal(grads), settings);
      _foreachLerp_(m, g, 1 - betas[0]);
      _foreachMul_(u, betas[1]);
      const sizes = _foreachAbs(g);
      _foreachAdd_(sizes, eps);
      _foreachMaximum_(u, sizes);
      _foreachAddcdiv_(p, m, u, -lr / (1 - betas[0] ** values.step));
    }
  }
}
