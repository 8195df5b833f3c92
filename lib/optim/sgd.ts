import { checkedOptions } from '../tensor/checked';
import { expected } from '../tensor/expected';
import { _fusedSgd_, emptyLike, zerosLike } from '../tensor/generated/root';
import { checkNotNegative } from '../tensor/numbers';
import type { Tensor } from '../tensor/tensor';
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

const STATE = ['momentumBuffer'] as const;
const NONE: readonly Tensor[] = [];

/**
 * Stochastic gradient descent:
 * `g <- grad + weightDecay p`, `b <- momentum b + (1 - dampening) g` (in the first step `b <- g`), `p <- p - lr b`;
 * with Nesterov `p <- p - lr (g + momentum b)`. Sparse gradients are taken without momentum and weight decay.
 *
 * @throws for negative settings, and for Nesterov without momentum or with dampening
 */
export class SGD extends Optimizer<SGDSettings, SGDState> {
  /** What a `GradScaler` gives to the step: what gradients are to be divided by, and whether the step is to be left out. */
  gradScale: Tensor | null = null;
  foundInf: Tensor | null = null;

  constructor(params: Params<SGDSettings>, options?: Partial<SGDSettings>) {
    super(params, {
      lr: 1e-3,
      momentum: 0,
      dampening: 0,
      weightDecay: 0,
      nesterov: false,
      maximize: false,
      ...checkedOptions(options, 'SGD'),
    });
  }

  protected override check({ lr, momentum, weightDecay, dampening, nesterov }: SGDSettings): void {
    checkNotNegative(lr, 'lr');
    checkNotNegative(momentum, 'momentum');
    checkNotNegative(weightDecay, 'weightDecay');
    if (nesterov && (momentum === 0 || dampening !== 0)) throw expected('momentum and no dampening', 'nesterov', { momentum, dampening });
  }

  protected override get foreignSettings(): Readonly<Record<string, unknown>> {
    return { foreach: null, differentiable: false, fused: null };
  }

  protected override update(settings: SGDSettings, params: readonly Tensor[], grads: readonly Tensor[], asReal: AsReal): void {
    if (settings.momentum === 0) {
      this.#run(settings, asReal(params), asReal(grads), NONE, false);
      return;
    }
    // Parameters that met a gradient for the first time have no momentum yet: the kernel treats all of a call alike.
    const isNew = params.map((param) => this.state.get(param)?.momentumBuffer === undefined);
    if (!isNew.includes(true)) {
      const { momentumBuffer } = this.columns(params, STATE, settings) as Record<'momentumBuffer', readonly Tensor[]>;
      this.#run(settings, asReal(params), asReal(grads), asReal(momentumBuffer), false);
      return;
    }
    // A first momentum that a scaler leaves out must not count as one; without dampening zeros are as good as none.
    if (this.foundInf !== null && settings.dampening !== 0 && Number(this.foundInf.item()) > 0) return;
    for (const first of [true, false]) {
      if (!isNew.includes(first)) continue;
      const mine = <T>(list: readonly T[]): readonly T[] => list.filter((_, k) => isNew[k] === first);
      const own = mine(params);
      const ownGrads = mine(grads);
      if (first) {
        // The first step writes the buffers; one that a scaler leaves out must not leave them unwritten.
        const make = this.foundInf === null ? emptyLike : zerosLike;
        for (const param of own) this.state.set(param, { momentumBuffer: make(param).keep() });
      }
      const buffers = own.map((param) => this.state.get(param)?.momentumBuffer as Tensor);
      this.#run(settings, asReal(own), asReal(ownGrads), asReal(buffers), first);
    }
  }

  /** Only the rows of the gradients change; a momentum, and the decay of weights, would change all. */
  protected override updateSparse(settings: SGDSettings, params: readonly Tensor[], grads: readonly Tensor[]): void {
    const { lr, momentum, weightDecay, maximize } = settings;
    if (momentum !== 0 || weightDecay !== 0)
      throw expected('no momentum and no weight decay with sparse gradients', 'SGD', { momentum, weightDecay });
    for (const [k, param] of params.entries()) param.add_(grads[k] as Tensor, { alpha: maximize ? lr : -lr });
  }

  #run(settings: SGDSettings, params: readonly Tensor[], grads: readonly Tensor[], buffers: readonly Tensor[], isFirstStep: boolean): void {
    const { lr, momentum, dampening, weightDecay, nesterov, maximize } = settings;
    const { gradScale, foundInf } = this;
    const options = { lr, momentum, dampening, weightDecay, nesterov, maximize, isFirstStep };
    _fusedSgd_(params, grads, buffers, foundInf === null ? options : { ...options, gradScale, foundInf });
  }
}
