import { checkedOptions } from '../tensor/checked';
import { _foreachAdd, _foreachAdd_, _foreachCopy_, _foreachLerp_, full } from '../tensor/generated/root';
import { checkNotNegative } from '../tensor/numbers';
import type { Tensor } from '../tensor/tensor';
import { countUp, effective } from './gradients';
import { Optimizer, type Params } from './optimizer';
import type { AsReal } from './real';
import { roundedAs } from './stored';

export interface ASGDSettings {
  /** Learning rate. Default 1e-2. */
  lr: number;
  /** How strongly parameters are drawn to zero, and how fast the learning rate falls. Default 1e-4. */
  lambd: number;
  /** The power by which the learning rate falls. Default 0.75. */
  alpha: number;
  /** The step from which parameters are averaged. Default 1e6. */
  t0: number;
  /** Share of the parameter that is added to its gradient. Default 0. */
  weightDecay: number;
  /** Go up instead of down. Default false. */
  maximize: boolean;
}

export interface ASGDState {
  step: Tensor;
  /** The learning rate of the next step. */
  eta: Tensor;
  /** The share of the next step's parameter in the average. */
  mu: Tensor;
  /** The average of the parameter. */
  ax: Tensor;
}

const SCALARS = ['step', 'eta', 'mu'] as const;
const STATE = ['step', 'eta', 'mu', 'ax'] as const;

/**
 * Averaged stochastic gradient descent (Polyak and Juditsky, 1992): `p <- p - eta (g + lambd p)`, `ax <- ax + mu (p - ax)`,
 * `eta = lr / (1 + lambd lr t)^alpha`, `mu = 1 / max(1, t - t0)`. The average is `optimizer.state.get(p).ax`.
 *
 * @throws for negative settings
 */
export class ASGD extends Optimizer<ASGDSettings, ASGDState> {
  constructor(params: Params<ASGDSettings>, options?: Partial<ASGDSettings>) {
    super(params, { lr: 1e-2, lambd: 1e-4, alpha: 0.75, t0: 1e6, weightDecay: 0, maximize: false, ...checkedOptions(options, 'ASGD') });
  }

  protected override check({ lr, lambd, alpha, weightDecay }: ASGDSettings): void {
    checkNotNegative(lr, 'lr');
    checkNotNegative(lambd, 'lambd');
    checkNotNegative(alpha, 'alpha');
    checkNotNegative(weightDecay, 'weightDecay');
  }

  protected override get scalars(): readonly string[] {
    return SCALARS;
  }

  protected override start(name: string, param: Tensor, settings: ASGDSettings): Tensor {
    if (name === 'eta') return this.scalar(param).add(settings.lr);
    if (name === 'mu') return this.scalar(param).add(1);
    return super.start(name, param, settings);
  }

  protected override update(settings: ASGDSettings, all: readonly Tensor[], allGrads: readonly Tensor[], asReal: AsReal): void {
    const { lr, lambd, alpha, t0, weightDecay, maximize } = settings;
    for (const { params, grads, values } of this.alike(all, allGrads, SCALARS, settings)) {
      const { step, eta, mu, ax } = this.columns(params, STATE, settings);
      const [p, averages] = [asReal(params), asReal(ax)];
      countUp(step);
      values.step++;
      const turned = effective(p, asReal(grads), { maximize, weightDecay });
      const g = _foreachAdd(turned, p, { alpha: lambd });
      _foreachAdd_(p, g, { alpha: -values.eta });
      _foreachLerp_(averages, p, values.mu);
      values.eta = write(eta, lr / (1 + lambd * lr * values.step) ** alpha);
      values.mu = write(mu, 1 / Math.max(1, values.step - t0));
    }
  }
}

/** Writes one number to all scalars; the number as they hold it. */
function write(scalars: readonly Tensor[], value: number): number {
  const written = full([], value, { dtype: scalars[0]?.dtype ?? 'float32', device: scalars[0]?.device ?? 'cpu' });
  _foreachCopy_(
    scalars,
    scalars.map(() => written),
  );
  return roundedAs(scalars, value);
}
