import { checkedOptions } from '../tensor/checked';
import {
  _foreachAdd_,
  _foreachAddcdiv_,
  _foreachAddcmul_,
  _foreachDiv_,
  _foreachLerp_,
  _foreachMul_,
  _foreachSqrt,
} from '../tensor/generated/root';
import { checkNotNegative } from '../tensor/numbers';
import type { Tensor } from '../tensor/tensor';
import { checkBetas } from './checks';
import { countUp, effective } from './gradients';
import { Optimizer, type Params } from './optimizer';
import type { AsReal } from './real';
import { likeStored } from './stored';

export interface NAdamSettings {
  /** Learning rate. Default 2e-3. */
  lr: number;
  /** How slowly the averages of gradient and squared gradient forget. Default [0.9, 0.999]. */
  betas: readonly [number, number];
  /** Added to the denominator. Default 1e-8. */
  eps: number;
  /** Share of the parameter that is added to its gradient; decoupled: its shrinkage per unit of lr. Default 0. */
  weightDecay: number;
  /** How fast the momentum comes up to beta1. Default 4e-3. */
  momentumDecay: number;
  /** Weight decay shrinks the parameter itself and does not enter the averages. Default false. */
  decoupledWeightDecay: boolean;
  /** Go up instead of down. Default false. */
  maximize: boolean;
}

export interface NAdamState {
  step: Tensor;
  muProduct: Tensor;
  expAvg: Tensor;
  expAvgSq: Tensor;
}

const SCALARS = ['step', 'muProduct'] as const;
const STATE = ['step', 'muProduct', 'expAvg', 'expAvgSq'] as const;

/**
 * Adam with Nesterov's momentum (Dozat, 2016): `mu_t = beta1 (1 - 0.5 0.96^(t momentumDecay))`, `m` and `v` as in Adam,
 * `p <- p - lr (mu_{t+1} m / (1 - mu_1 ... mu_{t+1}) + (1 - mu_t) g / (1 - mu_1 ... mu_t)) / (sqrt(v / (1 - beta2^t)) + eps)`.
 *
 * @throws for negative settings, and for betas outside [0, 1)
 */
export class NAdam extends Optimizer<NAdamSettings, NAdamState> {
  constructor(params: Params<NAdamSettings>, options?: Partial<NAdamSettings>) {
    super(params, {
      lr: 2e-3,
      betas: [0.9, 0.999],
      eps: 1e-8,
      weightDecay: 0,
      momentumDecay: 4e-3,
      decoupledWeightDecay: false,
      maximize: false,
      ...checkedOptions(options, 'NAdam'),
    });
  }

  protected override check({ lr, betas, eps, weightDecay, momentumDecay }: NAdamSettings): void {
    checkNotNegative(lr, 'lr');
    checkNotNegative(eps, 'eps');
    checkNotNegative(weightDecay, 'weightDecay');
    checkNotNegative(momentumDecay, 'momentumDecay');
    checkBetas(betas);
  }

  protected override get scalars(): readonly string[] {
    return SCALARS;
  }

  protected override start(name: string, param: Tensor, settings: NAdamSettings): Tensor {
    return name === 'muProduct' ? this.scalar(param).add(1) : super.start(name, param, settings);
  }

  protected override update(settings: NAdamSettings, all: readonly Tensor[], allGrads: readonly Tensor[], asReal: AsReal): void {
    const { lr, betas, eps, weightDecay, momentumDecay, decoupledWeightDecay, maximize } = settings;
    for (const { params, grads, values } of this.alike(all, allGrads, SCALARS, settings)) {
      const { step, muProduct, expAvg, expAvgSq } = this.columns(params, STATE, settings);
      const [p, m, v] = [asReal(params), asReal(expAvg), asReal(expAvgSq)];
      countUp(step);
      values.step++;
      const mu = betas[0] * (1 - 0.5 * 0.96 ** (values.step * momentumDecay));
      const next = betas[0] * (1 - 0.5 * 0.96 ** ((values.step + 1) * momentumDecay));
      _foreachMul_(muProduct, mu);
      values.muProduct = likeStored(muProduct, values.muProduct, mu);

      if (decoupledWeightDecay && weightDecay !== 0) _foreachMul_(p, 1 - lr * weightDecay);
      const g = effective(p, asReal(grads), { maximize, weightDecay: decoupledWeightDecay ? 0 : weightDecay });
      _foreachLerp_(m, g, 1 - betas[0]);
      _foreachMul_(v, betas[1]);
      _foreachAddcmul_(v, g, g, 1 - betas[1]);
      const denominators = _foreachSqrt(v);
      _foreachDiv_(denominators, Math.sqrt(1 - betas[1] ** values.step));
      _foreachAdd_(denominators, eps);
      _foreachAddcdiv_(p, g, denominators, (-lr * (1 - mu)) / (1 - values.muProduct));
      _foreachAddcdiv_(p, m, denominators, (-lr * next) / (1 - values.muProduct * next));
    }
  }
}
