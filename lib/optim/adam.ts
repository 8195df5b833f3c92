import { _foreachAdd_, _fusedAdam_, _fusedAdamw_, ones, zeros, zerosLike } from '../tensor/generated/root';
import type { Tensor } from '../tensor/tensor';
import { checkNotNegative, checkShare } from './checks';
import { Optimizer, type Params } from './optimizer';
import type { AsReal } from './real';

export interface AdamSettings {
  /** Learning rate. Default 1e-3. */
  lr: number;
  /** How slowly the averages of gradient and squared gradient forget. Default [0.9, 0.999]. */
  betas: readonly [number, number];
  /** Added to the denominator. Default 1e-8. */
  eps: number;
  /** Adam: share of the parameter that is added to its gradient, default 0. AdamW: its shrinkage per unit of lr, default 0.01. */
  weightDecay: number;
  /** Divide by the largest average of the squared gradient so far (Reddi et al., 2018). Default false. */
  amsgrad: boolean;
  /** Go up instead of down. Default false. */
  maximize: boolean;
}

export interface AdamState {
  step: Tensor;
  expAvg: Tensor;
  expAvgSq: Tensor;
  maxExpAvgSq?: Tensor;
}

/**
 * Adam (Kingma and Ba, 2015):
 * `m <- beta1 m + (1 - beta1) g`, `v <- beta2 v + (1 - beta2) g^2`,
 * `p <- p - lr (m / (1 - beta1^t)) / (sqrt(v / (1 - beta2^t)) + eps)`.
 *
 * @throws for negative settings, and for betas outside [0, 1)
 */
export class Adam extends Optimizer<AdamSettings, AdamState> {
  constructor(params: Params<AdamSettings>, options: Partial<AdamSettings> = {}) {
    super(params, { lr: 1e-3, betas: [0.9, 0.999], eps: 1e-8, weightDecay: 0, amsgrad: false, maximize: false, ...options });
  }

  protected override check({ lr, betas, eps, weightDecay }: AdamSettings): void {
    checkNotNegative(lr, 'lr');
    checkNotNegative(eps, 'eps');
    checkNotNegative(weightDecay, 'weightDecay');
    checkShare(betas[0], 'betas[0]');
    checkShare(betas[1], 'betas[1]');
  }

  /** The native step: Adam's, or AdamW's with its decoupled weight decay. */
  protected get kernel(): typeof _fusedAdam_ {
    return _fusedAdam_;
  }

  protected override update(settings: AdamSettings, params: readonly Tensor[], grads: readonly Tensor[], asReal: AsReal): void {
    const { lr, betas, eps, weightDecay, amsgrad, maximize } = settings;
    const states = params.map((param) => this.#stateOf(param, amsgrad));
    const steps = states.map(({ step }) => step);
    const largest = amsgrad ? states.map(({ maxExpAvgSq }) => maxExpAvgSq as Tensor) : [];
    countUp(steps);
    this.kernel(
      asReal(params),
      asReal(grads),
      asReal(states.map(({ expAvg }) => expAvg)),
      asReal(states.map(({ expAvgSq }) => expAvgSq)),
      asReal(largest),
      steps,
      { lr, beta1: betas[0], beta2: betas[1], eps, weightDecay, amsgrad, maximize },
    );
  }

  #stateOf(param: Tensor, amsgrad: boolean): AdamState {
    let state = this.state.get(param);
    if (state === undefined) {
      state = {
        step: zeros([], { dtype: 'float32', device: param.device }).keep(),
        expAvg: zerosLike(param).keep(),
        expAvgSq: zerosLike(param).keep(),
      };
      this.state.set(param, state);
    }
    if (amsgrad) state.maxExpAvgSq ??= zerosLike(param).keep();
    return state;
  }
}

/**
 * Adam with decoupled weight decay (Loshchilov and Hutter, 2019): `p <- p - lr weightDecay p`, then Adam's step.
 *
 * @throws as Adam does
 */
export class AdamW extends Adam {
  constructor(params: Params<AdamSettings>, options: Partial<AdamSettings> = {}) {
    super(params, { weightDecay: 1e-2, ...options });
  }

  protected override get kernel(): typeof _fusedAdamw_ {
    return _fusedAdamw_;
  }
}

let one: Tensor | null = null;

/** Adds one to each count. On the CPU a number would become a tensor once for every count, so it is made one beforehand. */
function countUp(steps: readonly Tensor[]): void {
  if (steps[0]?.device !== 'cpu') {
    _foreachAdd_(steps, 1);
    return;
  }
  one ??= ones([], { dtype: 'float32' }).keep();
  _foreachAdd_(steps, one);
}
