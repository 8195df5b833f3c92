/** The Poincaré ball of curvature -c: the points x with `c |x|^2 < 1`, and what moves and measures them. Points outside are the caller's error. */

import { checkedOptions, checkedTensor } from '../tensor/checked';
import { expected } from '../tensor/expected';
import { cdist } from '../tensor/generated/root';
import { checkPositive } from '../tensor/numbers';
import { linalg } from '../tensor/operators';
import { checkShapes } from '../tensor/shapes';
import type { Tensor } from '../tensor/tensor';

export interface CurvatureOptions {
  /** The ball's curvature is -c; above 0. Default 0.1, the authors'. */
  c?: number;
}

export interface PoincareProjectOptions extends CurvatureOptions {
  /** How far from the boundary points are kept, as a share of the radius; in (0, 1). Default 1e-3: what float32 needs. */
  ballEps?: number;
}

export interface ClipFeaturesOptions {
  /** The largest norm, above 0. Default 2. */
  radius?: number;
}

/** Norms count at least as much: a division by them gives no NaN. */
const LEAST_NORM = 1e-15;
/** From there on tanh is 1 in float64. */
const LARGEST_ANGLE = 15;
/** The ball's boundary for what cannot be inverted there: artanh(1) is infinite. */
const LARGEST_SHARE = 1 - 1e-7;
/** The largest number below 1 where that one would be rounded to it. */
const LARGEST_BELOW_ONE: Readonly<Record<string, number>> = { bfloat16: 1 - 2 ** -8, float16: 1 - 2 ** -11 };

/** c, refused when it is not above 0. */
export function checkedCurvature(options: CurvatureOptions | undefined, where: string): number {
  const { c = 0.1 } = checkedOptions(options, where);
  checkPositive(c, 'c');
  return c;
}

/** Refuses what are no vectors, [..., D], of one length. */
function checkVectors(...all: readonly (readonly [name: string, tensor: Tensor])[]): void {
  let length: number | undefined;
  for (const [name, tensor] of all) {
    const size = checkedTensor(tensor, name).shape.at(-1);
    length ??= size;
    if (size === undefined || size !== length)
      throw expected(`shape [..., D]${length === undefined ? '' : ` with D = ${length}`}`, name, tensor);
  }
}

/** `sum of x_k^2`, [..., 1]. */
export function squaredNorm(x: Tensor): Tensor {
  return x.square().sum(-1, true);
}

/** `max(|x|, 1e-15)`, [..., 1]; at 0 its gradient is 0. */
function norm(x: Tensor): Tensor {
  return linalg.vectorNorm(x, 2, -1, true).clampMin(LEAST_NORM);
}

/** artanh that stays finite up to 1. */
function arTanh(share: Tensor): Tensor {
  return share.clampMax(LARGEST_BELOW_ONE[share.dtype] ?? LARGEST_SHARE).atanh();
}

/** `tanh(angle) / t` of a capped angle. */
function tanhOver(angle: Tensor, t: Tensor): Tensor {
  return angle.clampMax(LARGEST_ANGLE).tanh().div(t);
}

/** `1 - c |x|^2`: 2 over the conformal factor of the ball at x, [..., 1]. */
export function depth(x: Tensor, c: number): Tensor {
  return squaredNorm(x).mul(-c).add(1);
}

/** x (+) y without checks. */
function added(x: Tensor, y: Tensor, c: number): Tensor {
  const inner = x
    .mul(y)
    .sum(-1, true)
    .mul(2 * c)
    .add(1);
  const [x2, y2] = [squaredNorm(x), squaredNorm(y)];
  const sum = x.mul(inner.add(y2, { alpha: c })).add(y.mul(x2.mul(-c).add(1)));
  return sum.div(inner.add(x2.mul(y2), { alpha: c * c }));
}

/** exp_0(u) without checks. */
export function expMap0(u: Tensor, c: number): Tensor {
  const t = norm(u).mul(Math.sqrt(c));
  return u.mul(tanhOver(t, t));
}

/** exp_x(u) without checks. */
export function expMap(x: Tensor, u: Tensor, c: number): Tensor {
  const t = norm(u).mul(Math.sqrt(c));
  return added(x, u.mul(tanhOver(t.div(depth(x, c)), t)), c);
}

/** Vectors of at most a norm, `x min(1, largest / (|x| + eps))`, without checks. */
export function shortened(x: Tensor, largest: number, eps: number): Tensor {
  return x.mul(norm(x).add(eps).reciprocal().mul(largest).clampMax(1));
}

/** `(2 / sqrt c) arc(sqrt c |(-x) (+) y|)` of the vectors in pairs, from `|x - y|`, [...], which is exact where they are close. */
function measured(gap: Tensor, depths: Tensor, c: number, arc: (share: Tensor) => Tensor): Tensor {
  const share = gap.mul(Math.sqrt(c)).mul(depths.add(gap.square(), { alpha: c }).rsqrt());
  return arc(share).mul(2 / Math.sqrt(c));
}

/** The distance of points in pairs without checks, or with another function in artanh's place. */
export function distance(x: Tensor, y: Tensor, c: number, arc: (share: Tensor) => Tensor = arTanh): Tensor {
  const gap = linalg.vectorNorm(x.sub(y), 2, -1);
  return measured(gap, depth(x, c).mul(depth(y, c)).squeeze(-1), c, arc);
}

/**
 * Vectors cut to a norm: `x min(1, radius / (|x| + 1e-5))`; 1e-5 is the authors'.
 *
 * Shapes: x [..., D]; the same.
 *
 * @throws for a radius that is not above 0, and for a tensor without dimensions
 *
 * Guo, Wang, Chen, Yu: Clipped Hyperbolic Classifiers Are Super-Hyperbolic Classifiers. CVPR 2022, arXiv 2107.11472
 */
export function clipFeatures(x: Tensor, options?: ClipFeaturesOptions): Tensor {
  const { radius = 2 } = checkedOptions(options, 'clipFeatures');
  checkPositive(radius, 'radius');
  checkVectors(['x', x]);
  return shortened(x, radius, 1e-5);
}

/**
 * Points brought back into the ball: of norm `(1 - ballEps) / sqrt c` those that lie further out.
 *
 * Shapes: x [..., D]; the same.
 *
 * @throws for c that is not above 0, `ballEps` outside (0, 1), and a tensor without dimensions
 */
export function poincareProject(x: Tensor, options?: PoincareProjectOptions): Tensor {
  const c = checkedCurvature(options, 'poincareProject');
  const { ballEps = 1e-3 } = options ?? {};
  checkBallEps(ballEps);
  checkVectors(['x', x]);
  return projected(x, c, ballEps);
}

export function checkBallEps(ballEps: number): void {
  if (typeof ballEps !== 'number' || !(ballEps > 0 && ballEps < 1)) throw expected('a number in (0, 1)', 'ballEps', ballEps);
}

/** The same without checks. */
export function projected(x: Tensor, c: number, ballEps: number): Tensor {
  return shortened(x, (1 - ballEps) / Math.sqrt(c), 0);
}

/**
 * Möbius addition, the ball's translation: `x (+) y = ((1 + 2c<x, y> + c|y|^2) x + (1 - c|x|^2) y) / (1 + 2c<x, y> + c^2 |x|^2 |y|^2)`. It is
 * neither commutative nor associative; `(-x) (+) (x (+) y) = y`.
 *
 * Shapes: x and y [..., D], which broadcast; the same.
 *
 * @throws for c that is not above 0, and lengths of vectors that differ
 *
 * Ganea, Bécigneul, Hofmann: Hyperbolic Neural Networks. NeurIPS 2018, arXiv 1805.09112
 */
export function mobiusAdd(x: Tensor, y: Tensor, options?: CurvatureOptions): Tensor {
  const c = checkedCurvature(options, 'mobiusAdd');
  checkVectors(['x', x], ['y', y]);
  return added(x, y, c);
}

/**
 * The exponential map at the origin: the point that one reaches from there with direction and speed u, `tanh(sqrt c |u|) u / (sqrt c |u|)`;
 * 0 for 0. In float32 long u reach the boundary itself: `poincareProject` brings them back.
 *
 * Shapes: u [..., D]; the same.
 *
 * @throws for c that is not above 0, and a tensor without dimensions
 *
 * Ganea et al., NeurIPS 2018, arXiv 1805.09112
 */
export function poincareExpMap0(u: Tensor, options?: CurvatureOptions): Tensor {
  const c = checkedCurvature(options, 'poincareExpMap0');
  checkVectors(['u', u]);
  return expMap0(u, c);
}

/**
 * The exponential map at x: `x (+) tanh(sqrt c lambda_x |u| / 2) u / (sqrt c |u|)` with `lambda_x = 2 / (1 - c|x|^2)`.
 *
 * Shapes: x and u [..., D], which broadcast; the same.
 *
 * @throws for c that is not above 0, and lengths of vectors that differ
 *
 * Ganea et al., NeurIPS 2018, arXiv 1805.09112
 */
export function poincareExpMap(x: Tensor, u: Tensor, options?: CurvatureOptions): Tensor {
  const c = checkedCurvature(options, 'poincareExpMap');
  checkVectors(['x', x], ['u', u]);
  return expMap(x, u, c);
}

/**
 * The inverse of `poincareExpMap0`: `artanh(sqrt c |y|) y / (sqrt c |y|)`, with artanh's argument at most 1 - 1e-7.
 *
 * Shapes: y [..., D]; the same.
 *
 * @throws for c that is not above 0, and a tensor without dimensions
 *
 * Ganea et al., NeurIPS 2018, arXiv 1805.09112
 */
export function poincareLogMap0(y: Tensor, options?: CurvatureOptions): Tensor {
  const c = checkedCurvature(options, 'poincareLogMap0');
  checkVectors(['y', y]);
  const t = norm(y).mul(Math.sqrt(c));
  return y.mul(arTanh(t).div(t));
}

/**
 * The inverse of `poincareExpMap` in u: direction and speed that lead from x to y,
 * `2 / (sqrt c lambda_x) artanh(sqrt c |d|) d / |d|` with `d = (-x) (+) y`.
 *
 * Shapes: x and y [..., D], which broadcast; the same.
 *
 * @throws for c that is not above 0, and lengths of vectors that differ
 *
 * Ganea et al., NeurIPS 2018, arXiv 1805.09112
 */
export function poincareLogMap(x: Tensor, y: Tensor, options?: CurvatureOptions): Tensor {
  const c = checkedCurvature(options, 'poincareLogMap');
  checkVectors(['x', x], ['y', y]);
  const d = added(x.neg(), y, c);
  const t = norm(d).mul(Math.sqrt(c));
  return d.mul(depth(x, c)).mul(arTanh(t).div(t));
}

/**
 * The distance of points in pairs: `(2 / sqrt c) artanh(sqrt c |(-x) (+) y|)`, twice the Euclidean one for small c. Of equal points it is 0,
 * with gradient 0.
 *
 * Shapes: x and y [..., D], which broadcast; [...].
 *
 * @throws for c that is not above 0, and lengths of vectors that differ
 *
 * Ganea et al., NeurIPS 2018, arXiv 1805.09112
 */
export function poincareDistance(x: Tensor, y: Tensor, options?: CurvatureOptions): Tensor {
  const c = checkedCurvature(options, 'poincareDistance');
  checkVectors(['x', x], ['y', y]);
  return distance(x, y, c);
}

/**
 * The distances of all points to all others, without an [N, M, D] in memory. Can be differentiated once.
 *
 * Shapes: x [N, D], y [M, D]; [N, M].
 *
 * @throws for c that is not above 0, and other shapes
 *
 * Ganea et al., NeurIPS 2018, arXiv 1805.09112
 */
export function poincareDistanceMatrix(x: Tensor, y: Tensor, options?: CurvatureOptions): Tensor {
  const c = checkedCurvature(options, 'poincareDistanceMatrix');
  checkShapes(['x', x, 'N', 'D'], ['y', y, 'M', 'D']);
  // By differences and not by products: near the boundary, where `1 - c|x|^2` is small, those would lose what the distance is made of.
  const gap = cdist(x, y, { computeMode: BY_DIFFERENCES });
  return measured(gap, depth(x, c).matmul(depth(y, c).t()), c, arTanh);
}

/** torch.cdist's `donot_use_mm_for_euclid_dist`. */
const BY_DIFFERENCES = 2;
