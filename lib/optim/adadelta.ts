import { checkedOptions } from '../tensor/checked';
import { _foreachAdd, _foreachAdd_, _foreachAddcmul_, _foreachDiv_, _foreachMul_, _foreachSqrt_ } from '../tensor/generated/root';
import { checkClosedShare, checkNotNegative } from '../tensor/numbers';
import type { Tensor } from '../tensor/tensor';
import { countUp, effective } from './gradients';
import { Optimizer, type Params } from './optimizer';
import type { AsReal } from './real';

export interface AdadeltaSettings {
  /** Factor of the step. Default 1. */
  lr: number;
  /** How slowly the averages of squared gradient and squared step forget. Default 0.9. */
  rho: number;
  /** Added to both averages under the root. Default 1e-6. */
  eps: number;
  /** Share of the parameter that is added to its gradient. Default 0. */
  weightDecay: number;
  /** Go up instead of down. Default false. */
  maximize: boolean;
}

export interface AdadeltaState {
  step: Tensor;
  squareAvg: Tensor;
  accDelta: Tensor;
}

const STATE = ['step', 'squareAvg', 'accDelta'] as const;

/**
 * Adadelta (Zeiler, 2012): `v <- rho v + (1 - rho) g^2`, `d = sqrt((u + eps) / (v + eps)) g`, `u <- rho u + (1 - rho) d^2`,
 * `p <- p - lr d`.
 *
 * @throws for negative settings, and for rho outside [0, 1]
 */
export class Adadelta extends Optimizer<AdadeltaSettings, AdadeltaState> {
  constructor(params: Params<AdadeltaSettings>, options?: Partial<AdadeltaSettings>) {
    super(params, { lr: 1, rho: 0.9, eps: 1e-6, weightDecay: 0, maximize: false, ...checkedOptions(options, 'Adadelta') });
  }

  protected override check({ lr, rho, eps, weightDecay }: AdadeltaSettings): void {
    checkNotNegative(lr, 'lr');
    checkClosedShare(rho, 'rho');
    checkNotNegative(eps, 'eps');
    checkNotNegative(weightDecay, 'weightDecay');
  }

  protected override update(settings: AdadeltaSettings, params: readonly Tensor[], grads: readonly Tensor[], asReal: AsReal): void {
    const { lr, rho, eps } = settings;
    const { step, squareAvg, accDelta } = this.columns(params, STATE, settings);
    const [p, v, u] = [asReal(params), asReal(squareAvg), asReal(accDelta)];
    countUp(step);
    const g = effective(p, asReal(grads), settings);
    _foreachMul_(v, rho);
    _foreachAddcmul_(v, g, g, 1 - rho);
    const roots = _foreachAdd(v, eps);
    _foreachSqrt_(roots);
    const deltas = _foreachAdd(u, eps);
    _foreachSqrt_(deltas);
    _foreachDiv_(deltas, roots);
    _foreachMul_(deltas, g);
    _foreachMul_(u, rho);
    _foreachAddcmul_(u, deltas, deltas, 1 - rho);
    _foreachAdd_(p, deltas, { alpha: -lr });
  }
}
