import { noGrad } from '../autograd/modes';
import {
  checkBounds,
  checkState,
  correction,
  type FactoredBoundsOptions,
  type FactoredScores,
  type FactoredState,
  factoredForward,
  factoredLoss,
  factoredUpdate,
  factoredWeights,
} from '../nn/factored-output';
import { checkedSpherical, type SphericalOptions } from '../nn/spherical-family';
import { checkedOptions } from '../tensor/checked';
import { expected } from '../tensor/expected';
import { checkLabels } from '../tensor/labels';
import { checkChoice, checkNotNegative } from '../tensor/numbers';
import { scope } from '../tensor/scope';
import { checkShapes } from '../tensor/shapes';
import type { Tensor } from '../tensor/tensor';

/**
 * What a spherical loss needs of an output layer with weights `W = V U + 1 omega^T`, without forming W: the scores `W h` of K classes of
 * each sample, the sum of the squares of all scores, `h^T Q h`, and their sum, `wBar^T h`, at a cost of `O(m d^2 + m K d)`.
 *
 * Differentiable with respect to `hidden`.
 *
 * Shapes: v [D, d], u and qMatrix [d, d], omega and wBar [d], hidden [m, d], indices int64 [m, K]; activations [m, K], squares and sums
 * [m]. V may be of another dtype than the rest of the state, which the calculation is in.
 *
 * @throws for an empty batch, indices outside [0, D), another shape, a state of several dtypes
 *
 * Vincent, de Brébisson, Bouthillier: Efficient Exact Gradient Update for training Deep Networks with Very Large Sparse Targets. NIPS 2015,
 * arXiv 1412.7091
 */
export function factoredOutputForward(
  v: Tensor,
  u: Tensor,
  qMatrix: Tensor,
  omega: Tensor,
  wBar: Tensor,
  hidden: Tensor,
  indices: Tensor,
  options?: Record<never, never>,
): FactoredScores {
  checkedOptions(options, 'factoredOutputForward');
  const state = { v, u, uInverseTransposed: u, qMatrix, omega, wBar };
  checkInputs(state, hidden, ['indices', indices, 'K']);
  return scope(() => {
    const { activations, squares, sums } = factoredForward(state, hidden.to(u.dtype), indices.long());
    return { activations, squares, sums };
  });
}

export interface FactoredOutputUpdateOptions {
  /** From 0. Default 0.01. */
  learningRate?: number;
}

/** The state of a factored output layer after a step, and the gradient with respect to its input. */
export interface FactoredOutputUpdated extends FactoredState {
  /** [m, d]. */
  readonly gradHidden: Tensor;
}

/**
 * A step of gradient descent of a factored output layer, exact and without forming its weights: the state of
 * `W - learningRate * dL/dW` from that of W, for a loss of the scores of K classes, the sum of the squares of all scores and their
 * sum, at a cost of `O(m d^2 + m^2 d + m^3)` whatever D is. The arguments stay as they are; `nn.FactoredOutputLayer` works in
 * place.
 *
 * Several samples, or one of them several times, may have one class. No gradient flows.
 *
 * Shapes: v [D, d]; u, uInverseTransposed and qMatrix [d, d]; omega and wBar [d]; hidden [m, d]; indices int64 and gradActivations [m, K];
 * gradSquares and gradSums [m], derivatives of the loss of the whole batch.
 *
 * @throws for an empty batch, indices outside [0, D), another shape, a state of several dtypes, a negative `learningRate` or one that
 * makes U singular
 *
 * Vincent, de Brébisson, Bouthillier, NIPS 2015, arXiv 1412.7091
 */
export function factoredOutputUpdate(
  v: Tensor,
  u: Tensor,
  uInverseTransposed: Tensor,
  qMatrix: Tensor,
  omega: Tensor,
  wBar: Tensor,
  hidden: Tensor,
  indices: Tensor,
  gradActivations: Tensor,
  gradSquares: Tensor,
  gradSums: Tensor,
  options?: FactoredOutputUpdateOptions,
): FactoredOutputUpdated {
  const { learningRate = 0.01 } = checkedOptions(options, 'factoredOutputUpdate');
  checkNotNegative(learningRate, 'learningRate');
  const state = { v, u, uInverseTransposed, qMatrix, omega, wBar };
  const { m, K } = checkInputs(state, hidden, ['indices', indices, 'K']);
  checkShapes(['gradActivations', gradActivations, m, K], ['gradSquares', gradSquares, m], ['gradSums', gradSums, m]);
  return scoped(() => {
    const [h, classes] = [hidden.to(u.dtype), indices.long()];
    const [activations, squares, sums] = [gradActivations.to(u.dtype), gradSquares.to(u.dtype), gradSums.to(u.dtype)];
    const next = copied(state);
    const gradHidden = factoredUpdate(next, h, classes, factoredForward(state, h, classes), { activations, squares, sums }, learningRate);
    return { ...next, gradHidden: gradHidden.to(hidden.dtype) };
  });
}

export interface FactoredOutputStepOptions extends SphericalOptions, FactoredOutputUpdateOptions {
  /** Of the loss and its gradient over the samples. Default `'sum'`, of the authors' code. */
  reduction?: 'mean' | 'sum';
}

export interface FactoredOutputStepped extends FactoredOutputUpdated {
  /** The loss before the step, []. */
  readonly loss: Tensor;
}

/**
 * `factoredOutputUpdate` for a loss of the spherical family with one class for each sample: the loss, the state after the step, and
 * the gradient for the layers below. The arguments stay as they are; `nn.FactoredOutputLayer` works in place.
 *
 * Shapes: as `factoredOutputUpdate`, labels int64 [m].
 *
 * @throws as `factoredOutputUpdate` and `losses.sphericalFamilyLoss`, and for another reduction than `'mean'` and `'sum'`
 *
 * Vincent, de Brébisson, Bouthillier, NIPS 2015, arXiv 1412.7091; de Brébisson, Vincent, arXiv 1604.08859
 */
export function factoredOutputStep(
  v: Tensor,
  u: Tensor,
  uInverseTransposed: Tensor,
  qMatrix: Tensor,
  omega: Tensor,
  wBar: Tensor,
  hidden: Tensor,
  labels: Tensor,
  options?: FactoredOutputStepOptions,
): FactoredOutputStepped {
  const { learningRate = 0.01, reduction = 'sum', ...family } = checkedOptions(options, 'factoredOutputStep');
  checkNotNegative(learningRate, 'learningRate');
  checkChoice(reduction, 'reduction', ['mean', 'sum']);
  const member = { ...checkedSpherical(family), numClasses: v.size(0) };
  const state = { v, u, uInverseTransposed, qMatrix, omega, wBar };
  checkInputs(state, hidden, ['labels', labels]);
  return scoped(() => {
    const [h, classes] = [hidden.to(u.dtype), labels.long().unsqueeze(1)];
    const forward = factoredForward(state, h, classes);
    const { loss, gradients } = factoredLoss(forward, member, reduction);
    const next = copied(state);
    const gradHidden = factoredUpdate(next, h, classes, forward, gradients, learningRate);
    return { ...next, gradHidden: gradHidden.to(hidden.dtype), loss };
  });
}

/**
 * The weights that a factored output layer stands for, `W = V U + 1 omega^T`: all of them, D times d numbers.
 *
 * Shapes: v [D, d], u [d, d], omega [d]; the result [D, d], of V's dtype.
 *
 * @throws for another shape
 *
 * Vincent, de Brébisson, Bouthillier, NIPS 2015, arXiv 1412.7091
 */
export function factoredOutputWeights(v: Tensor, u: Tensor, omega: Tensor, options?: Record<never, never>): Tensor {
  checkedOptions(options, 'factoredOutputWeights');
  checkShapes(['v', v, 'D', 'd'], ['u', u, 'd', 'd'], ['omega', omega, 'd']);
  return factoredWeights({ v, u, omega });
}

export interface FactoredOutputStabilized {
  readonly v: Tensor;
  readonly u: Tensor;
  readonly uInverseTransposed: Tensor;
  /** How many singular values were outside. */
  readonly corrected: number;
}

/**
 * Sets the singular values of U that are outside `[lower, upper] * target` to `target` and puts what is missing into V, so that
 * `V U` does not change, and computes the inverse anew. Steps let the values drift, of the squared error very quickly; with them goes
 * the precision. No gradient flows.
 *
 * Shapes: v [D, d], u and uInverseTransposed [d, d]. Defaults: target 1, from 0.5 to 2 of it.
 *
 * @throws for another shape, a `target` or `lower` that is not above 0, bounds that do not have 1 between them
 *
 * Vincent, de Brébisson, Bouthillier, NIPS 2015, arXiv 1412.7091; the bounds are those of the authors' code
 */
export function factoredOutputStabilize(
  v: Tensor,
  u: Tensor,
  uInverseTransposed: Tensor,
  options?: FactoredBoundsOptions,
): FactoredOutputStabilized {
  const bounds = checkBounds(checkedOptions(options, 'factoredOutputStabilize'));
  checkShapes(['v', v, 'D', 'd'], ['u', u, 'd', 'd'], ['uInverseTransposed', uInverseTransposed, 'd', 'd']);
  return scoped(() => {
    const { directions, changes, ...corrected } = correction(u, bounds);
    const all = v.to(u.dtype);
    return { v: all.addmm(all.mm(directions), changes).to(v.dtype), ...corrected, corrected: directions.size(1) };
  });
}

/** Without recording, and with nothing left of what is made on the way. */
function scoped<R>(calculation: () => R): R {
  return noGrad(() => scope(calculation));
}

function copied({ v, u, uInverseTransposed, qMatrix, omega, wBar }: FactoredState): FactoredState {
  const copy = (tensor: Tensor): Tensor => tensor.detach().clone();
  return {
    v: copy(v),
    u: copy(u),
    uInverseTransposed: copy(uInverseTransposed),
    qMatrix: copy(qMatrix),
    omega: copy(omega),
    wBar: copy(wBar),
  };
}

/** Refuses a state, a batch and its classes that do not go together. */
function checkInputs(
  state: FactoredState,
  hidden: Tensor,
  [name, indices, ...more]: readonly [string, Tensor, ...string[]],
): { m: number; K: number } {
  checkState(state);
  const { m, K = 1 } = checkShapes(['hidden', hidden, 'm', state.u.size(0)], [name, indices, 'm', ...more]) as { m: number; K?: number };
  if (m === 0 || K === 0) throw expected('at least one sample', name, indices);
  checkLabels(indices, state.v.size(0), name);
  return { m, K };
}
