import { denseGrads } from '../autograd/gradients';
import { enableGrad } from '../autograd/modes';
import { checkedOptions } from '../tensor/checked';
import { expected } from '../tensor/expected';
import {
  _foreachAbs,
  _foreachAdd_,
  _foreachCopy_,
  _foreachMul,
  _foreachMul_,
  _foreachNorm,
  stack,
  zerosLike,
} from '../tensor/generated/root';
import { checkNotNegative } from '../tensor/numbers';
import { linalg } from '../tensor/operators';
import { scopedNoGrad } from '../tensor/scope';
import type { Tensor } from '../tensor/tensor';
import { lanesOf } from './lanes';
import { Optimizer, type ParamGroup } from './optimizer';
import type { OptimizerStateDict } from './state-dict';

export interface SAMOptions {
  /** How far away the sharpest point is looked for. Default 0.05. */
  rho?: number;
  /** Measure distance relative to the size of each parameter (ASAM, Kwon et al., 2021). Default false. */
  adaptive?: boolean;
}

/** Parameters that were moved, and copies of what they were. */
interface Moved {
  readonly params: readonly Tensor[];
  readonly copies: readonly Tensor[];
}

/** Added to the norm of the gradient, as the authors' code does. */
const EPS = 1e-12;

/**
 * Sharpness-aware minimisation (Foret et al., 2021) around another optimizer: the gradient of its step is taken at
 * `p + rho g / ||g||`, the point nearby where the loss is highest to first order. The norm is over all parameters. Adaptive:
 * `p + rho p^2 g / || |p| g ||`.
 *
 * ```ts
 * const optimizer = new optim.SAM(new optim.SGD(model.parameters(), { lr: 0.1 }), { rho: 0.05 });
 * optimizer.step(() => { optimizer.zeroGrad(); const loss = criterion(model.forward(x), y); loss.backward(); return loss; });
 * ```
 *
 * Schedules take it, or `base`. The state dict is that of `base`.
 *
 * @throws for a negative rho, and when the base is no optimizer
 */
export class SAM<Settings extends object, State extends object> {
  /** A step computes the loss and its gradients itself, with the closure that it is given. */
  readonly needsClosure = true;

  readonly #rho: number;
  readonly #adaptive: boolean;
  /** Where the parameters were, while they are away from it. */
  #away: readonly Moved[] | null = null;
  /** Memory for where a parameter was. */
  readonly #copies = new WeakMap<Tensor, Tensor>();

  constructor(
    readonly base: Optimizer<Settings, State>,
    options?: SAMOptions,
  ) {
    const { rho = 0.05, adaptive = false } = checkedOptions(options, 'SAM');
    if (!(base instanceof Optimizer)) throw expected('an optimizer', 'SAM', base);
    checkNotNegative(rho, 'rho');
    this.#rho = rho;
    this.#adaptive = adaptive;
  }

  get paramGroups(): ParamGroup<Settings>[] {
    return this.base.paramGroups;
  }

  get defaults(): Readonly<Settings> {
    return this.base.defaults;
  }

  /** As `Optimizer.zeroGrad`. */
  zeroGrad(options?: { setToNone?: boolean }): void {
    this.base.zeroGrad(checkedOptions(options, 'zeroGrad'));
  }

  /**
   * Climbs to the point nearby where the loss is highest; gradients must be there.
   * @throws when the parameters are away already, or there is no gradient
   */
  firstStep(options?: { zeroGrad?: boolean }): void {
    const { zeroGrad = false } = checkedOptions(options, 'firstStep');
    if (this.#away !== null) throw new Error('Expected secondStep of SAM but received firstStep twice');
    scopedNoGrad(() => this.#climb());
    if (zeroGrad) this.zeroGrad();
  }

  /**
   * Goes back, and makes the base's step with the gradients from up there.
   * @throws unless firstStep was before
   */
  secondStep(options?: { zeroGrad?: boolean }): void {
    const { zeroGrad = false } = checkedOptions(options, 'secondStep');
    if (this.#away === null) throw new Error('Expected firstStep of SAM before secondStep');
    this.#goBack();
    this.base.step();
    if (zeroGrad) this.zeroGrad();
  }

  /**
   * Both steps.
   * @param closure clears the gradients and computes the loss and its gradients; it is called twice
   * @returns the closure's first result
   */
  step<Loss>(closure: () => Loss): Loss {
    if (typeof closure !== 'function') throw expected('a closure that computes loss and gradients', 'step of SAM', closure);
    const loss = enableGrad(closure);
    this.firstStep();
    try {
      enableGrad(closure);
    } catch (error) {
      this.#goBack();
      throw error;
    }
    this.secondStep();
    return loss;
  }

  stateDict(): OptimizerStateDict {
    return this.base.stateDict();
  }

  loadStateDict(state: OptimizerStateDict): void {
    this.base.loadStateDict(state);
  }

  #goBack(): void {
    scopedNoGrad(() => {
      for (const { params, copies } of this.#away ?? []) _foreachCopy_(params, copies);
    });
    this.#away = null;
  }

  #climb(): void {
    const lanes = lanesOf(this.paramGroups.flatMap(({ params }) => params)).flatMap(({ params: all, asReal }) => {
      const found = denseGrads(all, 'SAM');
      const params = all.filter((_, k) => found[k] !== null);
      const grads = found.filter((grad) => grad !== null);
      return params.length === 0 ? [] : [{ params, points: asReal(params), grads: asReal(grads) }];
    });
    const [first] = lanes;
    if (first === undefined) throw new Error('Expected gradients for firstStep of SAM but there are none');
    const place = (first.params[0] as Tensor).device;
    const steep = lanes.map(({ points, grads }) => (this.#adaptive ? product(_foreachAbs(points), grads) : grads));
    const norms = steep.flatMap((list) => _foreachNorm(list)).map((norm) => (norm.device === place ? norm : norm.to(place)));
    const scale = linalg.vectorNorm(stack(norms)).add(EPS).reciprocal().mul(this.#rho);
    this.#away = lanes.map(({ params }) => ({ params, copies: params.map((param) => this.#copyOf(param)) }));
    for (const [k, { params, points, grads }] of lanes.entries()) {
      _foreachCopy_(this.#away[k]?.copies as readonly Tensor[], params);
      const climbs = _foreachMul(grads, scale.to((params[0] as Tensor).device));
      _foreachAdd_(points, this.#adaptive ? product(product(climbs, points), points) : climbs);
    }
  }

  #copyOf(param: Tensor): Tensor {
    let copy = this.#copies.get(param);
    if (copy === undefined || copy.device !== param.device || copy.dtype !== param.dtype) {
      copy = zerosLike(param).keep();
      this.#copies.set(param, copy);
    }
    return copy;
  }
}

/** The element-wise product, in place of the first factors. */
function product(factors: readonly Tensor[], others: readonly Tensor[]): readonly Tensor[] {
  _foreachMul_(factors, others);
  return factors;
}
