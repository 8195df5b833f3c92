import { denseGrads } from '../autograd/gradients';
import { enableGrad } from '../autograd/modes';
import { checkedOptions } from '../tensor/checked';
import { expected } from '../tensor/expected';
import { _foreachAdd_, _foreachCopy_, zerosLike } from '../tensor/generated/root';
import { checkCount, checkNotNegative } from '../tensor/numbers';
import { scopedNoGrad } from '../tensor/scope';
import { Tensor } from '../tensor/tensor';
import { flattened, shapedLike } from './flat';
import { type LinePoint, strongWolfe } from './line-search';
import { Optimizer, type Params } from './optimizer';
import { asTheyAre, pairsOfReals } from './real';

export interface LBFGSSettings {
  /** The step, or the first one that the line search tries. Default 1. */
  lr: number;
  /** Iterations of one `step`. Default 20. */
  maxIter: number;
  /** Evaluations of the closure in one `step`. Default 1.25 maxIter. */
  maxEval: number;
  /** Ends when no element of the gradient is larger. Default 1e-7. */
  toleranceGrad: number;
  /** Ends when the loss or every parameter changes by less. Default 1e-9. */
  toleranceChange: number;
  /** How many changes of the gradient are remembered. Default 100. */
  historySize: number;
  /** `'strong_wolfe'`, or null for steps of fixed size. Default null. */
  lineSearchFn: 'strong_wolfe' | null;
  /** Go up instead of down. Default false. */
  maximize: boolean;
}

/** Kept under the first parameter, as PyTorch does. */
export interface LBFGSState {
  funcEvals: number;
  nIter: number;
  /** The last direction and step. */
  d?: Tensor;
  t?: number;
  /** Changes of the gradient, changes of the parameters, and one over the product of both. */
  oldDirs?: Tensor[];
  oldStps?: Tensor[];
  ro?: Tensor[];
  /** The scale of the first guess of the inverse Hessian. */
  hDiag?: Tensor | number;
  prevFlatGrad?: Tensor;
  prevLoss?: number;
  al?: (Tensor | null)[];
}

/** Below this product of the changes the curvature is not trusted. */
const LEAST_CURVATURE = 1e-10;

/**
 * L-BFGS (Liu and Nocedal, 1989): a quasi-Newton method for smooth functions whose gradient is exact. The direction comes from
 * the last `historySize` changes of gradient and parameters; the step is `lr`, or found by a search for a point that fulfils the
 * strong Wolfe conditions. The closure computes the loss and its gradients, and is called several times in a step; its numbers
 * are read each time, so a GPU waits.
 *
 * @throws for more than one parameter group, parameters of several devices or dtypes, and senseless settings
 */
export class LBFGS extends Optimizer<LBFGSSettings, LBFGSState> {
  /** A step computes the loss and its gradients itself, with the closure that it is given. */
  readonly needsClosure = true;

  constructor(params: Params<LBFGSSettings>, options?: Partial<LBFGSSettings>) {
    const given = checkedOptions(options, 'LBFGS');
    const { maxIter = 20 } = given;
    super(params, {
      lr: 1,
      maxIter,
      maxEval: Math.floor((maxIter * 5) / 4),
      toleranceGrad: 1e-7,
      toleranceChange: 1e-9,
      historySize: 100,
      lineSearchFn: null,
      maximize: false,
      ...given,
    });
  }

  override addParamGroup(group: Partial<LBFGSSettings> & { params: Iterable<Tensor> | Tensor }): void {
    if (this.paramGroups.length > 0) throw new Error('Expected one parameter group for LBFGS but received another');
    super.addParamGroup(group);
    const { params = [] } = this.paramGroups[0] ?? {};
    const places = new Set(params.map(({ device, dtype }) => `${dtype} on ${device}`));
    if (places.size > 1) throw new Error(`Expected parameters of one dtype and device for LBFGS but received ${[...places].join(', ')}`);
  }

  protected override check({ lr, maxIter, maxEval, toleranceGrad, toleranceChange, historySize, lineSearchFn }: LBFGSSettings): void {
    checkNotNegative(lr, 'lr');
    checkCount(maxIter, 'maxIter');
    checkCount(maxEval, 'maxEval');
    checkNotNegative(toleranceGrad, 'toleranceGrad');
    checkNotNegative(toleranceChange, 'toleranceChange');
    checkCount(historySize, 'historySize', 1);
    if (lineSearchFn !== null && lineSearchFn !== 'strong_wolfe') throw expected("'strong_wolfe' or null", 'lineSearchFn', lineSearchFn);
  }

  protected override get foreignSettings(): Readonly<Record<string, unknown>> {
    return {};
  }

  protected override get hasFreeState(): boolean {
    return true;
  }

  protected override update(): void {
    throw new Error('Expected a closure for step of LBFGS but received nothing');
  }

  /**
   * Some iterations towards the minimum.
   *
   * @param closure clears the gradients, computes the loss and its gradients, and returns the loss
   * @returns the loss before the first iteration
   * @throws when there is no closure, or it returns neither a tensor of one element nor a number
   */
  override step(): void;
  override step<Loss>(closure: () => Loss): Loss;
  override step<Loss>(closure?: () => Loss): Loss | undefined {
    if (typeof closure !== 'function') throw expected('a closure that computes loss and gradients', 'step of LBFGS', closure);
    const loss = enableGrad(closure);
    scopedNoGrad(() => this.#iterate(loss, closure));
    return loss;
  }

  #iterate(first: unknown, closure: () => unknown): void {
    const [group] = this.paramGroups;
    if (group === undefined) return;
    const { lr, maxIter, maxEval, toleranceGrad, toleranceChange, historySize, lineSearchFn, maximize } = group;
    const [head] = group.params;
    const params = (head?.isComplex() ? pairsOfReals : asTheyAre)(group.params);
    const sign = maximize ? -1 : 1;
    const gradient = (): Tensor => {
      const grads = denseGrads(group.params, 'LBFGS').map((grad, k) => grad ?? zerosLike(group.params[k] as Tensor));
      const flat = flattened((head?.isComplex() ? pairsOfReals : asTheyAre)(grads));
      return maximize ? flat.neg_() : flat;
    };
    const move = (step: number, direction: Tensor): void => _foreachAdd_(params, shapedLike(direction, params), { alpha: step });
    const evaluate = (): number => sign * lossOf(enableGrad(closure));

    const state: LBFGSState = this.state.get(head as Tensor) ?? { funcEvals: 0, nIter: 0 };
    this.state.set(head as Tensor, state);
    let loss = sign * lossOf(first);
    let flat = gradient();
    let evaluations = 1;
    state.funcEvals++;
    if (largest(flat) <= toleranceGrad) return;

    let direction = state.d;
    let step = state.t ?? lr;
    let previousGradient = state.prevFlatGrad;
    for (let iteration = 1; iteration <= maxIter; iteration++) {
      state.nIter++;
      if (state.nIter === 1 || direction === undefined || previousGradient === undefined) {
        Object.assign(state, { oldDirs: [], oldStps: [], ro: [], hDiag: 1 });
        direction = flat.neg();
      } else {
        remember(state, flat.sub(previousGradient), direction.mul(step), historySize);
        direction = quasiNewton(state, flat);
      }
      previousGradient = flat;
      const previousLoss = loss;

      step = state.nIter === 1 ? Math.min(1, 1 / Number(flat.abs().sum().item())) * lr : lr;
      const slope = Number(flat.dot(direction).item());
      state.prevLoss = previousLoss;
      if (slope > -toleranceChange) break;

      let tried = 0;
      if (lineSearchFn === 'strong_wolfe') {
        const start = params.map((param) => param.clone());
        const along = direction;
        const at = (size: number): LinePoint<Tensor> => {
          move(size, along);
          const value = evaluate();
          const extra = gradient();
          _foreachCopy_(params, start);
          return { step: size, value, slope: Number(extra.dot(along).item()), extra };
        };
        const found = strongWolfe({ step: 0, value: loss, slope, extra: flat }, at, step, largest(direction), {
          maxEvaluations: maxEval - evaluations,
        });
        ({ step, value: loss, extra: flat } = found.point);
        tried = found.evaluations;
        move(step, direction);
      } else {
        move(step, direction);
        if (iteration !== maxIter) {
          // Not after the last one: in a stochastic setting there is no use in it.
          loss = evaluate();
          flat = gradient();
          tried = 1;
        }
      }
      evaluations += tried;
      state.funcEvals += tried;

      if (iteration === maxIter || evaluations >= maxEval) break;
      if (largest(flat) <= toleranceGrad) break;
      if (largest(direction) * Math.abs(step) <= toleranceChange) break;
      if (Math.abs(loss - previousLoss) < toleranceChange) break;
    }
    Object.assign(state, { d: direction?.keep(), t: step, prevFlatGrad: previousGradient?.keep() });
  }
}

function lossOf(value: unknown): number {
  if (typeof value === 'number') return value;
  if (value instanceof Tensor && value.numel() === 1) return Number(value.item());
  throw expected('the loss, a tensor of one element or a number,', 'the result of the closure of LBFGS', value);
}

/** The largest absolute element. */
function largest(vector: Tensor): number {
  return Number(vector.abs().max().item());
}

/** Takes a change of the gradient and of the parameters into the history, the oldest of which is forgotten when it is full. */
function remember(state: LBFGSState, gradientChange: Tensor, parameterChange: Tensor, historySize: number): void {
  const { oldDirs = [], oldStps = [], ro = [] } = state;
  const product = gradientChange.dot(parameterChange);
  if (Number(product.item()) > LEAST_CURVATURE) {
    if (oldDirs.length === historySize) for (const list of [oldDirs, oldStps, ro]) list.shift()?.dispose();
    oldDirs.push(gradientChange.keep());
    oldStps.push(parameterChange.keep());
    ro.push(product.reciprocal().keep());
    state.hDiag = product.div(gradientChange.dot(gradientChange)).keep();
  }
  Object.assign(state, { oldDirs, oldStps, ro });
}

/** The two loops of L-BFGS (Nocedal and Wright, 2006, algorithm 7.4). */
function quasiNewton({ oldDirs = [], oldStps = [], ro = [], hDiag = 1 }: LBFGSState, gradient: Tensor): Tensor {
  const shares: Tensor[] = [];
  const q = gradient.neg();
  for (let k = oldDirs.length - 1; k >= 0; k--) {
    const share = (oldStps[k] as Tensor).dot(q).mul_(ro[k] as Tensor);
    q.addcmul_(oldDirs[k] as Tensor, share, { value: -1 });
    shares[k] = share;
  }
  const r = q.mul(hDiag as Tensor);
  for (let k = 0; k < oldDirs.length; k++) {
    const share = (oldDirs[k] as Tensor).dot(r).mul_(ro[k] as Tensor);
    r.addcmul_(oldStps[k] as Tensor, (shares[k] as Tensor).sub(share));
  }
  return r;
}
