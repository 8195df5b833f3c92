import { checkedOptions } from '../tensor/checked';
import { _foreachSub_, _fusedAdam_, _fusedAdamw_ } from '../tensor/generated/root';
import { checkNotNegative } from '../tensor/numbers';
import type { Tensor } from '../tensor/tensor';
import { checkBetas } from './checks';
import { countUp } from './gradients';
import { type Columns, Optimizer, type Params } from './optimizer';
import type { AsReal } from './real';

export interface AdamSettings {
  /** Learning rate. Default 1e-3. */
  lr: number;
  /** How slowly the averages of gradient and squared gradient forget. Default [0.9, 0.999]. */
  betas: readonly [number, number];
  /** Added to the denominator. Default 1e-8. */
  eps: number;
  /** Share of the parameter that is added to its gradient, default 0; decoupled: its shrinkage per unit of lr, AdamW's default 0.01. */
  weightDecay: number;
  /** Divide by the largest average of the squared gradient so far (Reddi et al., 2018). Default false. */
  amsgrad: boolean;
  /** Go up instead of down. Default false. */
  maximize: boolean;
  /** Weight decay shrinks the parameter itself and does not enter the averages. Default false; AdamW: true. */
  decoupledWeightDecay: boolean;
}

export interface AdamState {
  step: Tensor;
  expAvg: Tensor;
  expAvgSq: Tensor;
  maxExpAvgSq?: Tensor;
}

const STATE = ['step', 'expAvg', 'expAvgSq'] as const;
const AMSGRAD_STATE = [...STATE, 'maxExpAvgSq'] as const;
const NONE: readonly Tensor[] = [];

/**
 * Adam (Kingma and Ba, 2015):
 * `m <- beta1 m + (1 - beta1) g`, `v <- beta2 v + (1 - beta2) g^2`,
 * `p <- p - lr (m / (1 - beta1^t)) / (sqrt(v / (1 - beta2^t)) + eps)`.
 *
 * @throws for negative settings, and for betas outside [0, 1)
 */
export class Adam extends Optimizer<AdamSettings, AdamState> {
  /** What a `GradScaler` gives to the step: what gradients are to be divided by, and whether the step is to be left out. */
  gradScale: Tensor | null = null;
  foundInf: Tensor | null = null;

  constructor(params: Params<AdamSettings>, options?: Partial<AdamSettings>) {
    super(params, {
      lr: 1e-3,
      betas: [0.9, 0.999],
      eps: 1e-8,
      weightDecay: 0,
      amsgrad: false,
      maximize: false,
      decoupledWeightDecay: false,
      ...checkedOptions(options, 'Adam'),
    });
  }

  protected override check({ lr, betas, eps, weightDecay }: AdamSettings): void {
    checkNotNegative(lr, 'lr');
    checkNotNegative(eps, 'eps');
    checkNotNegative(weightDecay, 'weightDecay');
    checkBetas(betas);
  }

  protected override get foreignSettings(): Readonly<Record<string, unknown>> {
    return { ...super.foreignSettings, fused: null };
  }

  protected override get countsOnDevice(): boolean {
    return true;
  }

  protected override update(settings: AdamSettings, params: readonly Tensor[], grads: readonly Tensor[], asReal: AsReal): void {
    const { lr, betas, eps, weightDecay, amsgrad, maximize, decoupledWeightDecay } = settings;
    const names: readonly (keyof AdamState)[] = amsgrad ? AMSGRAD_STATE : STATE;
    const { step, expAvg, expAvgSq, maxExpAvgSq }: Columns<keyof AdamState> = this.columns(params, names, settings);
    const largest = amsgrad ? maxExpAvgSq : NONE;
    const { gradScale, foundInf } = this;
    const kernel = decoupledWeightDecay ? _fusedAdamw_ : _fusedAdam_;
    countUp(step);
    const options = { lr, beta1: betas[0], beta2: betas[1], eps, weightDecay, amsgrad, maximize };
    const lists = [asReal(params), asReal(grads), asReal(expAvg), asReal(expAvgSq), asReal(largest), step] as const;
    if (foundInf === null) kernel(...lists, options);
    else {
      kernel(...lists, { ...options, gradScale, foundInf });
      // A step that was left out does not count.
      _foreachSub_(
        step,
        step.map(() => foundInf),
      );
    }
  }
}

/**
 * Adam with decoupled weight decay (Loshchilov and Hutter, 2019): `p <- p - lr weightDecay p`, then Adam's step.
 *
 * @throws as Adam does
 */
export class AdamW extends Adam {
  constructor(params: Params<AdamSettings>, options?: Partial<Omit<AdamSettings, 'decoupledWeightDecay'>>) {
    super(params, { weightDecay: 1e-2, ...checkedOptions(options, 'AdamW'), decoupledWeightDecay: true });
  }
}
