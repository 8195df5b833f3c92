import { checkedOptions } from '../tensor/checked';
import { expected } from '../tensor/expected';
import { checkNotNegative, checkPositive } from '../tensor/numbers';
import type { Tensor } from '../tensor/tensor';
import { checkBetas } from './checks';
import { countUp } from './gradients';
import { Optimizer, type Params } from './optimizer';
import { SparseRows } from './sparse-rows';

export interface SparseAdamSettings {
  /** Learning rate. Default 1e-3. */
  lr: number;
  /** Decay of the averages of the gradient and its square. Default [0.9, 0.999]. */
  betas: readonly [number, number];
  /** Added to the denominator, above 0. Default 1e-8. */
  eps: number;
  /** Go up instead of down. Default false. */
  maximize: boolean;
}

export interface SparseAdamState {
  step: Tensor;
  expAvg: Tensor;
  expAvgSq: Tensor;
}

const STATE = ['step', 'expAvg', 'expAvgSq'] as const;

/**
 * Adam for sparse gradients, as an embedding or a head that samples its classes gives them: only the rows of the gradient and their averages change.
 * `m <- beta1 m + (1 - beta1) g`, `v <- beta2 v + (1 - beta2) g^2`, `p <- p - lr sqrt(1 - beta2^t) / (1 - beta1^t) m / (sqrt(v) + eps)`. A row
 * that is not there keeps its averages as they are, where Adam would let them decay; steps are counted for all rows alike.
 *
 * @throws for a learning rate below 0, betas outside [0, 1), an eps that is not above 0; in a step for dense gradients
 *
 * Kingma, Ba: Adam. ICLR 2015, arXiv 1412.6980
 */
export class SparseAdam extends Optimizer<SparseAdamSettings, SparseAdamState> {
  constructor(params: Params<SparseAdamSettings>, options?: Partial<SparseAdamSettings>) {
    super(params, { lr: 1e-3, betas: [0.9, 0.999], eps: 1e-8, maximize: false, ...checkedOptions(options, 'SparseAdam') });
  }

  protected override check({ lr, betas, eps }: SparseAdamSettings): void {
    checkNotNegative(lr, 'lr');
    checkBetas(betas);
    checkPositive(eps, 'eps');
  }

  protected override update(_settings: SparseAdamSettings, _params: readonly Tensor[], grads: readonly Tensor[]): void {
    throw expected('sparse gradients (Adam takes dense ones)', 'SparseAdam', grads[0]);
  }

  protected override updateSparse(settings: SparseAdamSettings, params: readonly Tensor[], grads: readonly Tensor[]): void {
    const { lr, eps, maximize } = settings;
    const [beta1, beta2] = settings.betas;
    const { step, expAvg, expAvgSq } = this.columns(params, STATE, settings);
    countUp(step);
    for (const [k, param] of params.entries()) {
      const t = Number((step[k] as Tensor).item());
      const grad = new SparseRows(grads[k] as Tensor, maximize);
      const average = this.#moved(expAvg[k] as Tensor, grad, grad.values, 1 - beta1);
      const square = this.#moved(expAvgSq[k] as Tensor, grad, grad.values.square(), 1 - beta2);
      const rate = (lr * Math.sqrt(1 - beta2 ** t)) / (1 - beta1 ** t);
      param.add_(grad.with(average.div_(square.sqrt_().add_(eps))), { alpha: -rate });
    }
  }

  /** Moves the rows of an average by a share towards `values`, and gives them. */
  #moved(average: Tensor, grad: SparseRows, values: Tensor, share: number): Tensor {
    const before = grad.of(average);
    const change = values.sub(before).mul_(share);
    average.add_(grad.with(change));
    return before.add(change);
  }
}
