import { checkedOptions } from '../tensor/checked';
import { expected } from '../tensor/expected';
import {
  _foreachAdd,
  _foreachAdd_,
  _foreachAddcmul_,
  _foreachClampMax,
  _foreachClampMax_,
  _foreachClampMin,
  _foreachClampMin_,
  _foreachCopy_,
  _foreachMul,
  _foreachMul_,
  _foreachNeg_,
  _foreachSign,
  _foreachSign_,
  viewAsReal,
  zerosLike,
} from '../tensor/generated/root';
import { checkNotNegative } from '../tensor/numbers';
import type { Tensor } from '../tensor/tensor';
import { countUp } from './gradients';
import { Optimizer, type Params } from './optimizer';
import type { AsReal } from './real';

export interface RpropSettings {
  /** The first size of the steps. Default 1e-2. */
  lr: number;
  /** Factors of the step where the gradient's sign changes, and where it stays. Default [0.5, 1.2]. */
  etas: readonly [number, number];
  /** The smallest and the largest step. Default [1e-6, 50]. */
  stepSizes: readonly [number, number];
  /** Go up instead of down. Default false. */
  maximize: boolean;
}

export interface RpropState {
  step: Tensor;
  prev: Tensor;
  stepSize: Tensor;
}

const STATE = ['step', 'prev', 'stepSize'] as const;

/**
 * Resilient backpropagation (Riedmiller and Braun, 1993), for gradients of whole data sets: only signs count. Where the
 * gradient's sign is that of the last step, the step grows by `etas[1]`; where it changed, it shrinks by `etas[0]` and the
 * parameter stays; `p <- p - sign(g) step`.
 *
 * @throws for a negative lr, and unless `0 < etas[0] < 1 < etas[1]`
 */
export class Rprop extends Optimizer<RpropSettings, RpropState> {
  constructor(params: Params<RpropSettings>, options?: Partial<RpropSettings>) {
    super(params, { lr: 1e-2, etas: [0.5, 1.2], stepSizes: [1e-6, 50], maximize: false, ...checkedOptions(options, 'Rprop') });
  }

  protected override check({ lr, etas, stepSizes }: RpropSettings): void {
    checkNotNegative(lr, 'lr');
    const isPair = Array.isArray(etas) && etas.every((eta) => typeof eta === 'number');
    if (!isPair || !(etas[0] > 0 && etas[0] < 1 && etas[1] > 1)) throw expected('a number in (0, 1) and one above 1', 'etas', etas);
    checkNotNegative(stepSizes[0], 'stepSizes[0]');
    checkNotNegative(stepSizes[1], 'stepSizes[1]');
  }

  protected override start(name: string, param: Tensor, settings: RpropSettings): Tensor {
    if (name !== 'stepSize') return super.start(name, param, settings);
    const size = zerosLike(param);
    (param.isComplex() ? viewAsReal(size) : size).fill_(settings.lr);
    return size;
  }

  protected override update(settings: RpropSettings, params: readonly Tensor[], grads: readonly Tensor[], asReal: AsReal): void {
    const { etas, stepSizes, maximize } = settings;
    const { step, prev, stepSize } = this.columns(params, STATE, settings);
    const [p, g, sizes] = [asReal(params), asReal(prev), asReal(stepSize)];
    countUp(step);
    const signs = _foreachMul(asReal(grads), g);
    if (maximize) _foreachNeg_(signs);
    _foreachSign_(signs);
    _foreachCopy_(g, asReal(grads));
    if (maximize) _foreachNeg_(g);

    // The factor of a step by its sign -1, 0 or 1: 1 + (etas[1] - 1) max(sign, 0) + (1 - etas[0]) min(sign, 0).
    const changed = _foreachClampMax(signs, 0);
    const factors = _foreachMul(_foreachClampMin(signs, 0), etas[1] - 1);
    _foreachAdd_(factors, changed, { alpha: 1 - etas[0] });
    _foreachAdd_(factors, 1);
    _foreachMul_(sizes, factors);
    _foreachClampMin_(sizes, stepSizes[0]);
    _foreachClampMax_(sizes, stepSizes[1]);

    // No step, and no sign to compare with next time, where the sign changed.
    _foreachMul_(g, _foreachAdd(changed, 1));
    _foreachAddcmul_(p, _foreachSign(g), sizes, -1);
  }
}
