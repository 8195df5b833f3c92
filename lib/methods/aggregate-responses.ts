import { Bags } from '../nn/bags';
import { checkedOptions } from '../tensor/checked';
import { expected } from '../tensor/expected';
import { arange, eye } from '../tensor/generated/root';
import { checkLabels } from '../tensor/labels';
import { checkClosedShare, checkCount, checkNotNegative, checkPositive } from '../tensor/numbers';
import { linalg } from '../tensor/operators';
import { scopedNoGrad } from '../tensor/scope';
import { checkNotEmpty, checkShapes } from '../tensor/shapes';
import type { Tensor } from '../tensor/tensor';
import { checkRange } from '../tensor/values';
import { widened } from '../tensor/widened';

export interface RandomBagsOptions {
  /** Samples in each bag, from 1. Default 2. */
  bagSize?: number;
}

/**
 * Divides samples at random into bags of one size: sample `permutation_i` comes into bag `floor(i / bagSize)`. The last bag may be smaller.
 *
 * Shapes: permutation of 0 to n - 1 (`torch.randperm(n)`), int64 [n]; int64 [n].
 *
 * @throws for what is no permutation, a bag size below 1
 *
 * Javanmard, Chen, Mirrokni, Badanidiyuru, Fu: Learning from Aggregate responses: Instance Level versus Bag Level Loss Functions. ICLR 2024,
 * arXiv 2401.11081
 */
export function randomBags(permutation: Tensor, options?: RandomBagsOptions): Tensor {
  const { bagSize = 2 } = checkedOptions(options, 'randomBags');
  checkCount(bagSize, 'bagSize', 1);
  const { n } = checkShapes(['permutation', permutation, 'n']);
  checkLabels(permutation, n, 'permutation');
  return scopedNoGrad(() => {
    const order = permutation.long();
    const places = arange(n, { device: order.device });
    if (order.sort().values.ne(places).any().item()) throw expected(`each whole number in [0, ${n}) once`, 'permutation', permutation);
    return order.newEmpty([n]).scatter(0, order, places.div(bagSize, { roundingMode: 'floor' }));
  });
}

export interface AggregateResponsesOptions {
  /** Number of bags; null: the highest of `bagIndices` plus 1. Default null. */
  numBags?: number | null;
}

/**
 * The mean response of each bag. Whole numbers and booleans are taken as float32. Gradients flow.
 *
 * Shapes: responses [n], bagIndices int64 [n]; [m].
 *
 * @throws for no samples, lengths that differ, a bag outside [0, numBags) or without samples
 *
 * Javanmard et al., ICLR 2024, arXiv 2401.11081
 */
export function aggregateResponses(responses: Tensor, bagIndices: Tensor, options?: AggregateResponsesOptions): Tensor {
  const { numBags = null } = checkedOptions(options, 'aggregateResponses');
  if (numBags !== null) checkCount(numBags, 'numBags', 1);
  checkResponses(responses, bagIndices);
  const numbers = floating(responses);
  return new Bags(bagIndices, numBags).means(widened(numbers)).to(numbers.dtype);
}

export interface AggregateLeastSquaresOptions {
  /** Weight of the instance level, in [0, 1]. Default 0, the bag level. */
  rho?: number;
  /** Weight of `|theta|^2`, from 0, beside the mean squared losses. Default 0. */
  ridge?: number;
}

/** Eigenvalues below this share of the largest count as 0. */
const DROPPED = 1e-10;

/**
 * The linear model `x . theta` with the least `losses.interpolatedAggregateLoss`, squared; of several the shortest. With X the features, X_b
 * their means over bags, and n_a the size of bag a,
 * `A = (1 - rho)/m X_b^T X_b + rho/n X^T X + ridge I`, `b = X_b^T w y` with `w_a = (1 - rho)/m + rho n_a/n`, `theta = pinv(A) b`.
 *
 * Computed in double precision, by eigenvalues of A, of which those below 1e-10 of the largest are dropped. There is no constant: add a feature
 * of ones. No gradient flows.
 *
 * Shapes: features [n, d], bagIndices int64 [n], bagResponses [m]; [d] of the features' dtype.
 *
 * @throws for no samples or features, lengths that differ, a bag outside [0, m) or without samples, a rho outside [0, 1], a negative ridge
 *
 * Javanmard et al., ICLR 2024, arXiv 2401.11081
 */
export function aggregateLeastSquares(
  features: Tensor,
  bagIndices: Tensor,
  bagResponses: Tensor,
  options?: AggregateLeastSquaresOptions,
): Tensor {
  const { rho = 0, ridge = 0 } = checkedOptions(options, 'aggregateLeastSquares');
  checkClosedShare(rho, 'rho');
  checkNotNegative(ridge, 'ridge');
  const sizes = checkShapes(['features', features, 'n', 'd'], ['bagIndices', bagIndices, 'n'], ['bagResponses', bagResponses, 'm']);
  checkNotEmpty(features, 'features');
  const { n, d, m } = sizes;
  return scopedNoGrad(() => {
    const bags = new Bags(bagIndices, m);
    const x = features.double();
    const means = bags.means(x);
    const weights = bags
      .sizes()
      .double()
      .mul(rho / n)
      .add((1 - rho) / m);
    const a = means
      .t()
      .mm(means)
      .mul((1 - rho) / m)
      .add(x.t().mm(x), { alpha: rho / n })
      .add(eye(d, { dtype: 'float64', device: x.device }), { alpha: ridge });
    const b = means.t().mv(weights.mul(bagResponses.double()));
    // Eigenvalues cannot be had of what is not finite.
    if (!a.isfinite().all().item()) return features.newFull([d], Number.NaN);
    const { eigenvalues, eigenvectors } = linalg.eigh(a);
    const inverse = eigenvalues.reciprocal().maskedFill(eigenvalues.le(eigenvalues.max().mul(DROPPED)), 0);
    return eigenvectors.mv(eigenvectors.t().mv(b).mul(inverse)).to(features.dtype);
  });
}

/**
 * Draws of the standard Laplace distribution, density `exp(-|x|) / 2`, from uniform ones: `-sign(u - 1/2) log(1 - 2 |u - 1/2|)`. Where u is
 * exactly 0 (or 1) it stands for what lies between it and the next number of a generator, so that no draw is infinite.
 *
 * Shapes: uniforms in [0, 1), any; elementwise.
 *
 * @throws for uniforms outside [0, 1], and for what are no floating-point numbers
 *
 * Javanmard et al., ICLR 2024, arXiv 2401.11081
 */
export function laplaceNoise(uniforms: Tensor): Tensor {
  checkRange(uniforms, 0, 1, 'uniforms');
  if (!uniforms.isFloatingPoint()) throw expected('a tensor of floating-point numbers', 'uniforms', uniforms);
  return scopedNoGrad(() => {
    const upper = uniforms.gt(0.5);
    // Twice the probability of going further out on its side; no digits are lost near 0 or near 1/2.
    const tail = uniforms.neg().add(1).where(upper, uniforms).mul(2);
    const log = tail.maskedFill(tail.eq(0), STEP[uniforms.dtype] ?? 2 ** -24).log();
    return log.neg().where(upper, log);
  });
}

/** Between two neighbours of uniform numbers that a generator gives. */
const STEP: Readonly<Partial<Record<Tensor['dtype'], number>>> = { float64: 2 ** -53, bfloat16: 2 ** -8, float16: 2 ** -11 };

export interface PrivatizeOptions {
  /** How much a single response may show, above 0: the less, the more private. Default 1. */
  epsilon?: number;
  /** Responses are held in [-bound, bound] first; above 0. Default 1. */
  bound?: number;
}

/**
 * Mean responses from which no single response can be told: `mean of clip(y_i, -bound, bound) + 2 bound / (n_a epsilon) noise_a`, n_a the size
 * of bag a. One response moves one mean by at most `2 bound / n_a`, so that with Laplace noise the whole is epsilon-label-private, whatever
 * is learned from it; features and bags are public. Drawn once: new noise for the same responses spends privacy again. No gradient flows.
 *
 * Shapes: responses [n], bagIndices int64 [n], noise of `laplaceNoise` [m]; [m]. Defaults: epsilon 1, bound 1.
 *
 * @throws for no samples, lengths that differ, a bag outside [0, m) or without samples, an epsilon or bound that is not above 0
 *
 * Javanmard et al., ICLR 2024, arXiv 2401.11081
 */
export function privatizeBagResponses(responses: Tensor, bagIndices: Tensor, noise: Tensor, options?: PrivatizeOptions): Tensor {
  const { epsilon = 1, bound = 1 } = checkedOptions(options, 'privatizeBagResponses');
  checkPositive(epsilon, 'epsilon');
  checkPositive(bound, 'bound');
  checkResponses(responses, bagIndices);
  const { m } = checkShapes(['noise', noise, 'm']);
  return scopedNoGrad(() => {
    const bags = new Bags(bagIndices, m);
    const numbers = floating(responses);
    const means = bags.means(widened(numbers).clamp(-bound, bound));
    return means.add(noise.div(bags.sizes()), { alpha: (2 * bound) / epsilon }).to(numbers.dtype);
  });
}

function checkResponses(responses: Tensor, bagIndices: Tensor): void {
  checkShapes(['responses', responses, 'n'], ['bagIndices', bagIndices, 'n']);
  checkNotEmpty(responses, 'responses');
}

function floating(responses: Tensor): Tensor {
  return responses.isFloatingPoint() ? responses : responses.float();
}
