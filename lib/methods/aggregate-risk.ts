/** What learning from mean responses costs a linear model, in numbers. */

import { checkedOptions } from '../tensor/checked';
import { tensor } from '../tensor/creation';
import { expected } from '../tensor/expected';
import { checkClosedShare, checkCount, checkNotNegative, checkPositive } from '../tensor/numbers';
import type { Tensor } from '../tensor/tensor';

export interface AggregateProblem {
  /** Number of samples n. Default 1000. */
  samples?: number;
  /** Number of features d. Default 100. */
  dimension?: number;
  /** Length of the true theta, from 0. Default 1. */
  signal?: number;
  /** Standard deviation of the responses' noise, from 0. Default 1. */
  noise?: number;
  /** Privacy of the mean responses, above 0; null: they are given as they are. Default null. */
  epsilon?: number | null;
  /** What private responses are held in, above 0. Default 1. */
  bound?: number;
}

export interface OptimalInterpolationOptions extends AggregateProblem {
  /** Samples in each bag k, from 1. Default 2. */
  bagSize?: number;
}

export interface AggregateRiskOptions extends OptimalInterpolationOptions {
  /** Weight of the instance level, in [0, 1]. Default 0, the bag level. */
  rho?: number;
}

export interface AggregateRisk {
  /** Their sum, the expected squared distance of theta from the true one: what predictions err beyond the noise. */
  readonly risk: number;
  readonly bias: number;
  readonly variance: number;
}

/**
 * The risk `E |theta_hat - theta|^2` of `methods.aggregateLeastSquares` when features are N(0, I_d), responses `x . theta + N(0, noise^2)` and
 * bags random, in the limit of many samples and features. With `m = n / k` bags and `s2 = noise^2 + 8 bound^2 / (k epsilon^2)` (the second term
 * for private means, of which clipping is ignored):
 *
 * - rho = 0: for m > d variance `s2 d / (m - d)` without bias; for m < d variance `s2 m / (d - m)` and bias `signal^2 (1 - m/d)`; infinite at m = d;
 * - above: s the positive root of `rho (n - d) s^2 + (m + (n - m) rho - d (1 + rho)) s = d`, `a = 1 - m s / (d (1 + s))`, `g1 = m / (1 + s)^2`,
 *   `g2 = (n - m) rho^2 / (1 + rho s)^2`, `q = s^2 / d / (1 - s^2 (g1 + g2) / d)`; bias `signal^2 (a^2 + q (g1 a^2 + g2 (1 - a)^2))`, variance `s2 q g1`.
 *
 * Numbers only. Defaults: 1000 samples, 100 features, bags of 2, rho 0, signal 1, noise 1, no privacy, bound 1.
 *
 * @throws for options outside their range, and for a rho above 0 without more samples than features
 *
 * Own derivation (leave one out) for the setting of Javanmard, Chen, Mirrokni, Badanidiyuru, Fu: Learning from Aggregate responses: Instance
 * Level versus Bag Level Loss Functions. ICLR 2024, arXiv 2401.11081
 */
export function aggregateRisk(options?: AggregateRiskOptions): AggregateRisk {
  const { rho = 0, ...rest } = checkedOptions(options, 'aggregateRisk');
  checkClosedShare(rho, 'rho');
  return riskOf(checkedProblem(rest), rho);
}

export interface OptimalInterpolation {
  readonly rho: number;
  readonly risk: number;
}

/**
 * The rho with the least `methods.aggregateRisk`: the best of 201 from 0 to 1, refined between its neighbours. For bags of one sample rho has no
 * effect, and 0 is given.
 *
 * Numbers only. Defaults as for `aggregateRisk`.
 *
 * @throws for options outside their range, and without more samples than features where bags have more than one sample
 *
 * Javanmard et al., ICLR 2024, arXiv 2401.11081
 */
export function optimalInterpolation(options?: OptimalInterpolationOptions): OptimalInterpolation {
  return bestOf(checkedProblem(checkedOptions(options, 'optimalInterpolation')));
}

export interface OptimalBagSizeOptions extends AggregateProblem {
  /** Bag sizes to choose from, each from 1. Default 1, 2, 4, 5 and 10. */
  candidates?: readonly number[];
  /** Weight of the instance level, in [0, 1]; null: the best one for each bag size. Default null. */
  rho?: number | null;
}

export interface OptimalBagSize extends OptimalInterpolation {
  readonly bagSize: number;
  /** The risk of each candidate, float64. */
  readonly risks: Tensor;
}

/**
 * The bag size with the least `methods.aggregateRisk`, the first of equal ones: where responses have to be private, larger bags need less
 * noise.
 *
 * Numbers, and the risks as a tensor. Defaults as for `aggregateRisk`; candidates 1, 2, 4, 5, 10, each with its best rho.
 *
 * @throws for no candidates, options outside their range, and as `aggregateRisk` and `optimalInterpolation`
 *
 * Javanmard et al., ICLR 2024, arXiv 2401.11081
 */
export function optimalBagSize(options?: OptimalBagSizeOptions): OptimalBagSize {
  const { candidates = [1, 2, 4, 5, 10], rho = null, ...rest } = checkedOptions(options, 'optimalBagSize');
  if (!Array.isArray(candidates) || candidates.length === 0) throw expected('one or more bag sizes', 'candidates', candidates);
  for (const bagSize of candidates) checkCount(bagSize, 'candidates', 1);
  if (rho !== null) checkClosedShare(rho, 'rho');
  const found = candidates.map((bagSize) => {
    const problem = checkedProblem({ ...rest, bagSize });
    return rho === null ? bestOf(problem) : { rho, risk: riskOf(problem, rho).risk };
  });
  const risks = found.map(({ risk }) => risk);
  const best = risks.indexOf(Math.min(...risks));
  return {
    bagSize: candidates[best] as number,
    ...(found[best] as OptimalInterpolation),
    risks: tensor(risks, { dtype: 'float64' }),
  };
}

interface Problem {
  readonly n: number;
  readonly d: number;
  readonly k: number;
  /** `signal^2` */
  readonly power: number;
  /** The variance that a mean response has, times the bag's size. */
  readonly s2: number;
}

function checkedProblem(options: OptimalInterpolationOptions): Problem {
  const { samples = 1000, dimension = 100, bagSize = 2, signal = 1, noise = 1, epsilon = null, bound = 1 } = options;
  checkCount(samples, 'samples', 1);
  checkCount(dimension, 'dimension', 1);
  checkCount(bagSize, 'bagSize', 1);
  if (bagSize > samples) throw expected(`a number up to the ${samples} samples`, 'bagSize', bagSize);
  checkNotNegative(signal, 'signal');
  checkNotNegative(noise, 'noise');
  if (epsilon !== null) checkPositive(epsilon, 'epsilon');
  checkPositive(bound, 'bound');
  // Standard Laplace noise has the variance 2.
  const added = epsilon === null ? 0 : (2 * (2 * bound) ** 2) / (bagSize * epsilon ** 2);
  return { n: samples, d: dimension, k: bagSize, power: signal ** 2, s2: noise ** 2 + added };
}

function riskOf({ n, d, k, power, s2 }: Problem, rho: number): AggregateRisk {
  const m = n / k;
  if (rho === 0) {
    if (m === d) return { risk: Number.POSITIVE_INFINITY, bias: 0, variance: Number.POSITIVE_INFINITY };
    return m > d ? summed(0, (s2 * d) / (m - d)) : summed(power * (1 - m / d), (s2 * m) / (d - m));
  }
  if (n <= d) throw expected(`more samples than the ${d} features`, 'samples', n);
  const s = positiveRoot(rho * (n - d), m + (n - m) * rho - d * (1 + rho), d);
  const a = 1 - (m * s) / (d * (1 + s));
  const g1 = m / (1 + s) ** 2;
  const g2 = ((n - m) * rho ** 2) / (1 + rho * s) ** 2;
  const q = s ** 2 / d / (1 - (s ** 2 * (g1 + g2)) / d);
  return summed(power * (a ** 2 + q * (g1 * a ** 2 + g2 * (1 - a) ** 2)), s2 * q * g1);
}

function summed(bias: number, variance: number): AggregateRisk {
  return { risk: bias + variance, bias, variance };
}

/** Where `a s^2 + b s = c`, for a and c above 0, without loss of digits. */
function positiveRoot(a: number, b: number, c: number): number {
  const root = Math.sqrt(b ** 2 + 4 * a * c);
  return b > 0 ? (2 * c) / (b + root) : (root - b) / (2 * a);
}

const CELLS = 200;
const GOLDEN = (Math.sqrt(5) - 1) / 2;
/** Sections after which an interval is as short as numbers can tell: `GOLDEN^60` is `3e-13`. */
const SECTIONS = 60;

function bestOf(problem: Problem): OptimalInterpolation {
  const at = (rho: number): OptimalInterpolation => ({ rho, risk: riskOf(problem, rho).risk });
  const better = (one: OptimalInterpolation, other: OptimalInterpolation) => (other.risk < one.risk ? other : one);
  if (problem.k === 1) return at(0);
  const grid = Array.from({ length: CELLS + 1 }, (_, j) => at(j / CELLS));
  const best = grid.reduce(better);
  let [low, high] = [Math.max(0, best.rho - 1 / CELLS), Math.min(1, best.rho + 1 / CELLS)];
  let [left, right] = [at(high - GOLDEN * (high - low)), at(low + GOLDEN * (high - low))];
  for (let section = 0; section < SECTIONS; section++) {
    if (left.risk <= right.risk) {
      [high, right] = [right.rho, left];
      left = at(high - GOLDEN * (high - low));
    } else {
      [low, left] = [left.rho, right];
      right = at(low + GOLDEN * (high - low));
    }
  }
  return [left, right].reduce(better, best);
}
