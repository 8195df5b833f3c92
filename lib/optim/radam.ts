import { checkedOptions } from '../tensor/checked';
import { _foreachAdd_, _foreachAddcdiv_, _foreachAddcmul_, _foreachLerp_, _foreachMul_, _foreachSqrt } from '../tensor/generated/root';
import { checkNotNegative } from '../tensor/numbers';
import type { Tensor } from '../tensor/tensor';
import { checkBetas } from './checks';
import { countUp, effective } from './gradients';
import { Optimizer, type Params } from './optimizer';
import type { AsReal } from './real';

export interface RAdamSettings {
  /** Learning rate. Default 1e-3. */
  lr: number;
  /** How slowly the averages of gradient and squared gradient forget. Default [0.9, 0.999]. */
  betas: readonly [number, number];
  /** Added to the denominator. Default 1e-8. */
  eps: number;
  /** Share of the parameter that is added to its gradient; decoupled: its shrinkage per unit of lr. Default 0. */
  weightDecay: number;
  /** Weight decay shrinks the parameter itself and does not enter the averages. Default false. */
  decoupledWeightDecay: boolean;
  /** Go up instead of down. Default false. */
  maximize: boolean;
}

export interface RAdamState {
  step: Tensor;
  expAvg: Tensor;
  expAvgSq: Tensor;
}

const SCALARS = ['step'] as const;
const STATE = ['step', 'expAvg', 'expAvgSq'] as const;

/** As many effective samples the averages must be made of before the step is divided by the second moment. */
const ENOUGH_SAMPLES = 5;

/**
 * Rectified Adam (Liu et al., 2020): `m` and `v` as in Adam. With `rho_inf = 2 / (1 - beta2) - 1` and
 * `rho_t = rho_inf - 2 t beta2^t / (1 - beta2^t)`, the step is `lr m / (1 - beta1^t)` while `rho_t <= 5`, and then Adam's times
 * `sqrt((rho_t - 4) (rho_t - 2) rho_inf / ((rho_inf - 4) (rho_inf - 2) rho_t))`; eps is added to `sqrt(v)`.
 *
 * @throws for negative settings, and for betas outside [0, 1)
 */
export class RAdam extends Optimizer<RAdamSettings, RAdamState> {
  constructor(params: Params<RAdamSettings>, options?: Partial<RAdamSettings>) {
    super(params, {
      lr: 1e-3,
      betas: [0.9, 0.999],
      eps: 1e-8,
      weightDecay: 0,
      decoupledWeightDecay: false,
      maximize: false,
      ...checkedOptions(options, 'RAdam'),
    });
  }

  protected override check({ lr, betas, eps, weightDecay }: RAdamSettings): void {
    checkNotNegative(lr, 'lr');
    checkNotNegative(eps, 'eps');
    checkNotNegative(weightDecay, 'weightDecay');
    checkBetas(betas);
  }

  protected override update(settings: RAdamSettings, all: readonly Tensor[], allGrads: readonly Tensor[], asReal: AsReal): void {
    const { lr, betas, eps, weightDecay, decoupledWeightDecay, maximize } = settings;
    for (const { params, grads, values } of this.alike(all, allGrads, SCALARS, settings)) {
      const { step, expAvg, expAvgSq } = this.columns(params, STATE, settings);
      const [p, m, v] = [asReal(params), asReal(expAvg), asReal(expAvgSq)];
      countUp(step);
      values.step++;

      if (decoupledWeightDecay && weightDecay !== 0) _foreachMul_(p, 1 - lr * weightDecay);
      const g = effective(p, asReal(grads), { maximize, weightDecay: decoupledWeightDecay ? 0 : weightDecay });
      _foreachLerp_(m, g, 1 - betas[0]);
      _foreachMul_(v, betas[1]);
      _foreachAddcmul_(v, g, g, 1 - betas[1]);
      const size = lr / (1 - betas[0] ** values.step);
      const rectified = rectification(betas[1], values.step);
      if (rectified === null) _foreachAdd_(p, m, { alpha: -size });
      else {
        const denominators = _foreachSqrt(v);
        _foreachAdd_(denominators, eps);
        _foreachAddcdiv_(p, m, denominators, -size * rectified * Math.sqrt(1 - betas[1] ** values.step));
      }
    }
  }
}

/** The factor of the step; null while there are too few samples. */
function rectification(beta2: number, step: number): number | null {
  const most = 2 / (1 - beta2) - 1;
  const forgotten = beta2 ** step;
  const rho = most - (2 * step * forgotten) / (1 - forgotten);
  if (rho <= ENOUGH_SAMPLES) return null;
  return Math.sqrt(((rho - 4) * (rho - 2) * most) / ((most - 4) * (most - 2) * rho));
}
