import { checkedOptions } from '../tensor/checked';
import { expected } from '../tensor/expected';
import { _foreachAdd_, _foreachAddcdiv_, _foreachAddcmul_, _foreachSqrt, viewAsReal, zerosLike } from '../tensor/generated/root';
import { checkNotNegative } from '../tensor/numbers';
import type { Tensor } from '../tensor/tensor';
import { countUp, effective } from './gradients';
import { Optimizer, type Params } from './optimizer';
import type { AsReal } from './real';
import { SparseRows } from './sparse-rows';

export interface AdagradSettings {
  /** Learning rate. Default 1e-2. */
  lr: number;
  /** How fast the learning rate falls: in step t it is `lr / (1 + (t - 1) lrDecay)`. Default 0. */
  lrDecay: number;
  /** Share of the parameter that is added to its gradient. Default 0. */
  weightDecay: number;
  /** What the sum of squares starts from. Default 0. */
  initialAccumulatorValue: number;
  /** Added to the denominator. Default 1e-10. */
  eps: number;
  /** Go up instead of down. Default false. */
  maximize: boolean;
}

export interface AdagradState {
  step: Tensor;
  sum: Tensor;
}

const SCALARS = ['step'] as const;
const STATE = ['step', 'sum'] as const;

/**
 * Adagrad (Duchi, Hazan and Singer, 2011): `s <- s + g^2`, `p <- p - lr / (1 + (t - 1) lrDecay) g / (sqrt(s) + eps)`. Of a sparse
 * gradient only the rows change; weight decay, which would change all, is refused.
 *
 * @throws for negative settings
 */
export class Adagrad extends Optimizer<AdagradSettings, AdagradState> {
  constructor(params: Params<AdagradSettings>, options?: Partial<AdagradSettings>) {
    super(params, {
      lr: 1e-2,
      lrDecay: 0,
      weightDecay: 0,
      initialAccumulatorValue: 0,
      eps: 1e-10,
      maximize: false,
      ...checkedOptions(options, 'Adagrad'),
    });
  }

  protected override check({ lr, lrDecay, weightDecay, initialAccumulatorValue, eps }: AdagradSettings): void {
    checkNotNegative(lr, 'lr');
    checkNotNegative(lrDecay, 'lrDecay');
    checkNotNegative(weightDecay, 'weightDecay');
    checkNotNegative(initialAccumulatorValue, 'initialAccumulatorValue');
    checkNotNegative(eps, 'eps');
  }

  protected override get foreignSettings(): Readonly<Record<string, unknown>> {
    return { foreach: null, differentiable: false, fused: null };
  }

  protected override start(name: string, param: Tensor, settings: AdagradSettings): Tensor {
    if (name !== 'sum') return super.start(name, param, settings);
    const sum = zerosLike(param);
    (param.isComplex() ? viewAsReal(sum) : sum).fill_(settings.initialAccumulatorValue);
    return sum;
  }

  protected override update(settings: AdagradSettings, all: readonly Tensor[], allGrads: readonly Tensor[], asReal: AsReal): void {
    const { lr, lrDecay, eps } = settings;
    for (const { params, grads, values } of this.alike(all, allGrads, SCALARS, settings)) {
      const { step, sum } = this.columns(params, STATE, settings);
      const [p, s] = [asReal(params), asReal(sum)];
      countUp(step);
      values.step++;
      const g = effective(p, asReal(grads), settings);
      _foreachAddcmul_(s, g, g, 1);
      const denominators = _foreachSqrt(s);
      _foreachAdd_(denominators, eps);
      _foreachAddcdiv_(p, g, denominators, -lr / (1 + (values.step - 1) * lrDecay));
    }
  }

  protected override updateSparse(settings: AdagradSettings, params: readonly Tensor[], grads: readonly Tensor[]): void {
    const { lr, lrDecay, eps, weightDecay, maximize } = settings;
    if (weightDecay !== 0) throw expected('no weight decay with sparse gradients', 'Adagrad', { weightDecay });
    const { step, sum } = this.columns(params, STATE, settings);
    countUp(step);
    for (const [k, param] of params.entries()) {
      const grad = new SparseRows(grads[k] as Tensor, maximize);
      const s = sum[k] as Tensor;
      s.add_(grad.with(grad.values.square()));
      const rate = lr / (1 + (Number((step[k] as Tensor).item()) - 1) * lrDecay);
      param.add_(grad.with(grad.values.div(grad.of(s).sqrt_().add_(eps))), { alpha: -rate });
    }
  }
}
