/** Losses of numbers: distances between a prediction and its target, and likelihoods. */

import { noGrad } from '../../autograd/modes';
import { checkedOptions, checkedTensor } from '../../tensor/checked';
import { expected } from '../../tensor/expected';
import * as root from '../../tensor/generated/root';
import { nnFunctional } from '../../tensor/operators';
import { Tensor } from '../../tensor/tensor';
import { type Reduction, type ReductionOptions, reduced, reductionCode } from './reduction';

export interface WeightOptions extends ReductionOptions {
  /** A weight for each element, of the input's shape; the mean is then the weighted one. Default: 1 each. */
  weight?: Tensor | null;
}

/** `(x - y)^2`. */
export function mseLoss(input: Tensor, target: Tensor, options?: WeightOptions): Tensor {
  const { weight = null, reduction = 'mean' } = checkedOptions(options, 'mseLoss');
  const [x, y] = sameShape(input, target, 'mseLoss');
  if (weight !== null) return weighted(x.sub(y).pow(2), weight, input, reduction);
  return nnFunctional.mseLoss(x, y, reductionCode(reduction));
}

/** `|x - y|`. */
export function l1Loss(input: Tensor, target: Tensor, options?: WeightOptions): Tensor {
  const { weight = null, reduction = 'mean' } = checkedOptions(options, 'l1Loss');
  const [x, y] = sameShape(input, target, 'l1Loss');
  if (weight !== null) return weighted(x.sub(y).abs(), weight, input, reduction);
  return nnFunctional.l1Loss(x, y, reductionCode(reduction));
}

export interface SmoothL1Options extends ReductionOptions {
  /** Where the loss becomes linear; 0 makes it `l1Loss`. Default 1. */
  beta?: number;
}

/** `(x - y)^2 / (2 beta)` below `beta`, `|x - y| - beta / 2` above (Girshick, 2015). */
export function smoothL1Loss(input: Tensor, target: Tensor, options?: SmoothL1Options): Tensor {
  const { beta = 1, reduction = 'mean' } = checkedOptions(options, 'smoothL1Loss');
  const [x, y] = sameShape(input, target, 'smoothL1Loss');
  return beta === 0 ? nnFunctional.l1Loss(x, y, reductionCode(reduction)) : nnFunctional.smoothL1Loss(x, y, reductionCode(reduction), beta);
}

export interface HuberOptions extends ReductionOptions {
  /** Where the loss becomes linear. Default 1. */
  delta?: number;
  /** A factor for each term, of the input's shape; the mean is over the number of terms. Default: 1 each. */
  weight?: Tensor | null;
}

/** `(x - y)^2 / 2` below `delta`, `delta (|x - y| - delta / 2)` above (Huber, 1964). */
export function huberLoss(input: Tensor, target: Tensor, options?: HuberOptions): Tensor {
  const { delta = 1, weight = null, reduction = 'mean' } = checkedOptions(options, 'huberLoss');
  const [x, y] = sameShape(input, target, 'huberLoss');
  if (weight === null) return nnFunctional.huberLoss(x, y, reductionCode(reduction), delta);
  checkWeight(weight, input);
  return reduced(nnFunctional.huberLoss(x, y, reductionCode('none'), delta).mul(weight), reduction);
}

export interface PoissonNllOptions extends ReductionOptions {
  /** The input is the logarithm of the rate. Default true. */
  logInput?: boolean;
  /** Add Stirling's approximation of `log y!` for targets above 1: `y log y - y + log(2 pi y) / 2`. Default false. */
  full?: boolean;
  /** Added to the rate before its logarithm, without `logInput`. Default 1e-8. */
  eps?: number;
}

/** The negative log-likelihood of counts `y` under Poisson distributions: `exp(x) - y x`, or `x - y log(x + eps)` for rates `x`. */
export function poissonNllLoss(input: Tensor, target: Tensor, options?: PoissonNllOptions): Tensor {
  const { logInput = true, full = false, eps = 1e-8, reduction = 'mean' } = checkedOptions(options, 'poissonNllLoss');
  return root.poissonNllLoss(input, target, logInput, full, eps, reductionCode(reduction));
}

export interface GaussianNllOptions extends ReductionOptions {
  /** Add the constant `log(2 pi) / 2`. Default false. */
  full?: boolean;
  /** Variances below it count as it; the gradient is that of the variance as given. Default 1e-6. */
  eps?: number;
}

/**
 * The negative log-likelihood of `y` under normal distributions with mean `x`: `(log var + (x - y)^2 / var) / 2` (Nix and
 * Weigend, 1994).
 *
 * Shapes: input and target [N, *]; variance a number, of the input's shape, or without its last dimension, or with 1 in one place.
 * Whether variances are negative is not looked at: it would halt a GPU. They count as `eps`.
 *
 * @throws for a variance of another shape, and for a negative number
 */
export function gaussianNllLoss(input: Tensor, target: Tensor, variance: Tensor | number, options?: GaussianNllOptions): Tensor {
  checkedTensor(input, 'input');
  const { full = false, eps = 1e-6, reduction = 'mean' } = checkedOptions(options, 'gaussianNllLoss');
  const given = varianceFor(input, variance);
  // The clamped values, with the gradient of the given ones.
  const clamped = given.clone();
  noGrad(() => clamped.clampMin_(eps));
  const terms = clamped.log().add(input.sub(target).pow(2).div(clamped)).mul(0.5);
  return reduced(full ? terms.add(0.5 * Math.log(2 * Math.PI)) : terms, reduction);
}

function varianceFor(input: Tensor, variance: Tensor | number): Tensor {
  if (typeof variance === 'number' && variance >= 0) return root.fullLike(input, variance);
  if (!(variance instanceof Tensor)) throw expected('a tensor or a number from 0', 'variance', variance);
  const [own, given] = [input.shape, variance.shape];
  if (own.join() === given.join()) return variance;
  if (own.slice(0, -1).join() === given.join()) return variance.unsqueeze(-1);
  const different = given.filter((size, dim) => size !== own[dim]);
  if (own.length === given.length && different.length === 1 && different[0] === 1) return variance;
  throw expected(`variances that fit the input's shape [${own.join(', ')}]`, 'variance', variance);
}

/** Both with the common shape. Other shapes than the target's are mostly a mistake, so a warning says it, as PyTorch's does. */
function sameShape(input: Tensor, target: Tensor, where: string): [Tensor, Tensor] {
  for (const [name, value] of Object.entries({ input, target })) if (!(value instanceof Tensor)) throw expected('a tensor', name, value);
  const [own, given] = [input.shape.join(', '), target.shape.join(', ')];
  if (own === given) return [input, target];
  process.emitWarning(
    `Expected a target of the input's shape [${own}] for ${where} but received [${given}]: they are broadcast, which is likely not what is meant`,
  );
  const [x, y] = root.broadcastTensors([input, target]);
  return [x as Tensor, y as Tensor];
}

/** Terms times weights; the mean is divided by the sum of the weights. */
function weighted(terms: Tensor, weight: Tensor, input: Tensor, reduction: Reduction): Tensor {
  checkWeight(weight, input);
  const product = terms.mul(weight);
  return reduction === 'mean' ? product.sum().div(weight.sum()) : reduced(product, reduction);
}

function checkWeight(weight: Tensor, input: Tensor): void {
  if (!(weight instanceof Tensor) || weight.shape.join() !== input.shape.join())
    throw expected(`weights of the input's shape [${input.shape.join(', ')}]`, 'weight', weight);
}
