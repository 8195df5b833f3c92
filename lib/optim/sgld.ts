import { checkedOptions } from '../tensor/checked';
import { _foreachAdd_, empty } from '../tensor/generated/root';
import type { Generator } from '../tensor/generator';
import { checkNotNegative } from '../tensor/numbers';
import type { Tensor } from '../tensor/tensor';
import { shapedLike } from './flat';
import { effective } from './gradients';
import { Optimizer, type Params } from './optimizer';
import type { AsReal } from './real';

export interface SGLDSettings {
  /** The size of a step, epsilon; the noise of a step has this variance. Default 1e-3. */
  lr: number;
  /** The temperature of the distribution that is drawn from, `exp(-loss / temperature)`; 0 is gradient descent. Default 1. */
  temperature: number;
  /** The precision of a Gaussian prior around zero: this share of the parameter is added to its gradient. Default 0. */
  weightDecay: number;
  /** The loss is a log density, to be gone up instead of down. Default false. */
  maximize: boolean;
}

interface Noise {
  readonly flat: Tensor;
  readonly views: readonly Tensor[];
}

/**
 * Stochastic gradient Langevin dynamics (Welling and Teh, 2011): draws from the posterior instead of finding its mode. The loss
 * is the negative log posterior of all data (with mini-batches: the batch's mean times the size of the data set, plus the
 * negative log prior): `p <- p - lr / 2 (g + weightDecay p) + N(0, lr temperature)`.
 *
 * @throws for negative settings
 */
export class SGLD extends Optimizer<SGLDSettings, Record<never, never>> {
  readonly #generator: Generator | undefined;
  readonly #noise = new WeakMap<readonly Tensor[], Noise>();

  /** @param options settings, and the generator that the noise is drawn from; default: the device's */
  constructor(params: Params<SGLDSettings>, options?: Partial<SGLDSettings> & { generator?: Generator }) {
    const { generator, ...rest } = checkedOptions(options, 'SGLD');
    super(params, { lr: 1e-3, temperature: 1, weightDecay: 0, maximize: false, ...rest });
    this.#generator = generator;
  }

  protected override check({ lr, temperature, weightDecay }: SGLDSettings): void {
    checkNotNegative(lr, 'lr');
    checkNotNegative(temperature, 'temperature');
    checkNotNegative(weightDecay, 'weightDecay');
  }

  protected override get foreignSettings(): Readonly<Record<string, unknown>> {
    return {};
  }

  protected override update(settings: SGLDSettings, params: readonly Tensor[], grads: readonly Tensor[], asReal: AsReal): void {
    const { lr, temperature } = settings;
    const p = asReal(params);
    _foreachAdd_(p, effective(p, asReal(grads), settings), { alpha: -lr / 2 });
    if (temperature === 0) return;
    const noise = this.#noiseOf(params, p);
    noise.flat.normal_(0, 1, { generator: this.#generator });
    _foreachAdd_(p, noise.views, { alpha: Math.sqrt(lr * temperature) });
  }

  /** Memory for the noise of all these parameters, so that it is drawn in one call. */
  #noiseOf(params: readonly Tensor[], real: readonly Tensor[]): Noise {
    let noise = this.#noise.get(params);
    if (noise === undefined) {
      const [{ dtype, device }] = real as readonly [Tensor];
      const flat = empty([real.reduce((sum, param) => sum + param.numel(), 0)], { dtype, device }).keep();
      noise = { flat, views: shapedLike(flat, real).map((view) => view.keep()) };
      this.#noise.set(params, noise);
    }
    return noise;
  }
}
