import { expected } from '../tensor/expected';
import { _fusedSgd_, emptyLike } from '../tensor/generated/root';
import type { Tensor } from '../tensor/tensor';
import { checkNotNegative } from './checks';
import { Optimizer, type Params } from './optimizer';
import type { AsReal } from './real';

export interface SGDSettings {
  /** Learning rate. Default 1e-3. */
  lr: number;
  /** Share of the last step that is carried on. Default 0. */
  momentum: number;
  /** Share of the gradient that does not enter the momentum. Default 0. */
  dampening: number;
  /** Share of the parameter that is added to its gradient. Default 0. */
  weightDecay: number;
  /** Look ahead along the momentum (Nesterov). Default false. */
  nesterov: boolean;
  /** Go up instead of down. Default false. */
  maximize: boolean;
}

export interface SGDState {
  momentumBuffer?: Tensor;
}

/**
 * Stochastic gradient descent:
 * `g <- grad + weightDecay p`, `b <- momentum b + (1 - dampening) g` (in the first step `b <- g`), `p <- p - lr b`;
 * with Nesterov `p <- p - lr (g + momentum b)`.
 *
 * @throws for negative settings, and for Nesterov without momentum or with dampening
 */
export class SGD extends Optimizer<SGDSettings, SGDState> {
  constructor(params: Params<SGDSettings>, options: Partial<SGDSettings> = {}) {
    super(params, { lr: 1e-3, momentum: 0, dampening: 0, weightDecay: 0, nesterov: false, maximize: false, ...options });
  }

  protected override check({ lr, momentum, weightDecay, dampening, nesterov }: SGDSettings): void {
    checkNotNegative(lr, 'lr');
    checkNotNegative(momentum, 'momentum');
    checkNotNegative(weightDecay, 'weightDecay');
    if (nesterov && (momentum === 0 || dampening !== 0)) throw expected('momentum and no dampening', 'nesterov', { momentum, dampening });
  }

  protected override update(settings: SGDSettings, params: readonly Tensor[], grads: readonly Tensor[], asReal: AsReal): void {
    if (settings.momentum === 0) {
      run(settings, asReal(params), asReal(grads), [], false);
      return;
    }
    // Parameters that met a gradient for the first time have no momentum yet: the kernel treats all of a call alike.
    const isNew = params.map((param) => this.state.get(param)?.momentumBuffer === undefined);
    for (const first of [true, false]) {
      if (!isNew.includes(first)) continue;
      const mine = <T>(list: readonly T[]): readonly T[] => list.filter((_, k) => isNew[k] === first);
      const own = mine(params);
      const ownGrads = mine(grads);
      if (first) for (const [k, param] of own.entries()) this.state.set(param, { momentumBuffer: emptyLike(ownGrads[k] as Tensor).keep() });
      const buffers = own.map((param) => this.state.get(param)?.momentumBuffer as Tensor);
      run(settings, asReal(own), asReal(ownGrads), asReal(buffers), first);
    }
  }
}

function run(
  settings: SGDSettings,
  params: readonly Tensor[],
  grads: readonly Tensor[],
  buffers: readonly Tensor[],
  isFirstStep: boolean,
): void {
  const { lr, momentum, dampening, weightDecay, nesterov, maximize } = settings;
  _fusedSgd_(params, grads, buffers, { lr, momentum, dampening, weightDecay, nesterov, maximize, isFirstStep });
}
