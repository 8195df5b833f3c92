import { checkedOptions } from '../tensor/checked';
import {
  _foreachAdd_,
  _foreachAddcdiv_,
  _foreachAddcmul,
  _foreachAddcmul_,
  _foreachLerp_,
  _foreachMul_,
  _foreachSqrt,
  _foreachSqrt_,
} from '../tensor/generated/root';
import { checkNotNegative } from '../tensor/numbers';
import type { Tensor } from '../tensor/tensor';
import { countUp, effective } from './gradients';
import { type Columns, Optimizer, type Params } from './optimizer';
import type { AsReal } from './real';

export interface RMSpropSettings {
  /** Learning rate. Default 1e-2. */
  lr: number;
  /** How slowly the average of the squared gradient forgets. Default 0.99. */
  alpha: number;
  /** Added to the denominator. Default 1e-8. */
  eps: number;
  /** Share of the parameter that is added to its gradient. Default 0. */
  weightDecay: number;
  /** Share of the last step that is carried on. Default 0. */
  momentum: number;
  /** Divide by the standard deviation of the gradient: its mean is taken off (Graves, 2013). Default false. */
  centered: boolean;
  /** Go up instead of down. Default false. */
  maximize: boolean;
}

export interface RMSpropState {
  step: Tensor;
  squareAvg: Tensor;
  momentumBuffer: Tensor;
  gradAvg: Tensor;
}

type Name = keyof RMSpropState;

const PLAIN = ['step', 'squareAvg'] as const;
const CENTERED = [...PLAIN, 'gradAvg'] as const;
const MOMENTUM = [...PLAIN, 'momentumBuffer'] as const;
const BOTH = [...PLAIN, 'momentumBuffer', 'gradAvg'] as const;

/**
 * RMSprop (Hinton, 2012): `v <- alpha v + (1 - alpha) g^2`, `p <- p - lr g / (sqrt(v) + eps)`; centered: `sqrt(v - a^2)` where
 * `a` is the average of the gradient; with momentum `b <- momentum b + g / (sqrt(v) + eps)`, `p <- p - lr b`.
 *
 * @throws for negative settings
 */
export class RMSprop extends Optimizer<RMSpropSettings, RMSpropState> {
  constructor(params: Params<RMSpropSettings>, options?: Partial<RMSpropSettings>) {
    super(params, {
      lr: 1e-2,
      alpha: 0.99,
      eps: 1e-8,
      weightDecay: 0,
      momentum: 0,
      centered: false,
      maximize: false,
      ...checkedOptions(options, 'RMSprop'),
    });
  }

  protected override check({ lr, alpha, eps, weightDecay, momentum }: RMSpropSettings): void {
    checkNotNegative(lr, 'lr');
    checkNotNegative(alpha, 'alpha');
    checkNotNegative(eps, 'eps');
    checkNotNegative(weightDecay, 'weightDecay');
    checkNotNegative(momentum, 'momentum');
  }

  protected override update(settings: RMSpropSettings, params: readonly Tensor[], grads: readonly Tensor[], asReal: AsReal): void {
    const { lr, alpha, eps, momentum, centered } = settings;
    const names: readonly Name[] = momentum > 0 ? (centered ? BOTH : MOMENTUM) : centered ? CENTERED : PLAIN;
    const columns: Columns<Name> = this.columns(params, names, settings);
    const [p, v] = [asReal(params), asReal(columns.squareAvg)];
    countUp(columns.step);
    const g = effective(p, asReal(grads), settings);
    _foreachMul_(v, alpha);
    _foreachAddcmul_(v, g, g, 1 - alpha);
    let denominators: readonly Tensor[];
    if (centered) {
      const averages = asReal(columns.gradAvg);
      _foreachLerp_(averages, g, 1 - alpha);
      denominators = _foreachAddcmul(v, averages, averages, -1);
      _foreachSqrt_(denominators);
    } else denominators = _foreachSqrt(v);
    _foreachAdd_(denominators, eps);
    if (momentum > 0) {
      const buffers = asReal(columns.momentumBuffer);
      _foreachMul_(buffers, momentum);
      _foreachAddcdiv_(buffers, g, denominators, 1);
      _foreachAdd_(p, buffers, { alpha: -lr });
    } else _foreachAddcdiv_(p, g, denominators, -lr);
  }
}
