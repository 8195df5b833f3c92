/** The minimum of penalised multinomial logistic regression, by Newton's method. */

import { oneHot, softplus } from '../nn/functional';
import { addmm, cat, ones, zeros, zerosLike } from '../tensor/generated/root';
import { linalg } from '../tensor/operators';
import { scope } from '../tensor/scope';
import type { Tensor } from '../tensor/tensor';

export interface NewtonLimits {
  /** C, of the data against the penalty. */
  readonly weight: number;
  readonly maxIterations: number;
  readonly tolerance: number;
}

interface Problem {
  /** [N, d + 1], the last feature 1. */
  readonly x: Tensor;
  /** [N, 1] */
  readonly labels: Tensor;
  /** [N, K] */
  readonly members: Tensor;
  readonly weight: number;
  /** [d + 1]: 1 for each feature, 0 for the last. */
  readonly penalty: Tensor;
}

/** The objective at some theta [K, d + 1]. */
interface Point {
  readonly theta: Tensor;
  readonly loss: number;
  /** Probabilities minus one-hot labels, [N, K]. */
  readonly residuals: Tensor;
  readonly gradient: Tensor;
  /** The largest element of the gradient. */
  readonly largest: number;
}

/** Steps of which less is left of the loss are judged by the gradient: the loss does not show them for rounding. */
const HIDDEN = 1e-12;
/** Below this share of a Newton step nothing is to be gained. */
const LEAST_SHARE = 1e-8;
/** Elements that the preconditioner's factors may have, and what they are computed from at a time. */
const MOST_FACTORS = 2 ** 25;
const CHUNK = 2 ** 21;
/** Conjugate gradients end here; the direction is one of descent wherever they end. */
const MOST_INNER = 1000;

/**
 * `C sum of cross-entropy(W x + b) + 1/2 |W|^2` for x [N, d] float64 and labels [N] of which each class has one. Newton's system is solved
 * by conjugate gradients, first with the Hessian's diagonal as preconditioner, and with its blocks, a class each, once that takes long.
 */
export function multinomialNewton(x: Tensor, labels: Tensor, classes: number, limits: NewtonLimits): { weight: Tensor; bias: Tensor } {
  const [samples, width] = x.shape as [number, number];
  const place = { dtype: 'float64', device: x.device } as const;
  const penalty = ones(width + 1, place);
  penalty.select(0, width).zero_();
  const problem: Problem = {
    x: cat([x, ones(samples, 1, place)], 1),
    labels: labels.unsqueeze(1),
    members: oneHot(labels, { numClasses: classes }).double(),
    weight: limits.weight,
    penalty,
  };
  let point = evaluated(problem, zeros([classes, width + 1], place));
  const first = point.largest;
  // A factorisation takes as long as about so many iterations.
  const patience = Math.max(10, (width + 1) / 4);
  const affordable = classes * (width + 1) ** 2 <= MOST_FACTORS;
  let factors: Tensor | null = null;
  let taken = 0;
  for (let k = 0; k < limits.maxIterations && point.largest > limits.tolerance; k++) {
    const { residuals, gradient, largest } = point;
    if (taken > patience && affordable) {
      factors?.dispose();
      factors = scope(() => blocks(problem, residuals));
    }
    const exactness = Math.min(0.1, Math.sqrt(largest / first));
    const next: Point | null = scope(() => {
      const conditioner = factors ?? diagonal(problem, residuals);
      const solved = newtonDirection(problem, residuals, gradient, conditioner, exactness);
      taken = solved.iterations;
      return lower(problem, point, solved.direction);
    });
    if (next === null) break;
    for (const tensor of [point.theta, residuals, gradient]) tensor.dispose();
    point = next;
  }
  const theta = point.theta.sub(point.theta.mean([0], true));
  return { weight: theta.narrow(1, 0, width), bias: theta.select(1, width) };
}

/**
 * The softmax is taken relative to the label's logit: with `s = logsumexp of the others minus it`, the cross-entropy is `softplus(s)` and
 * the label's residual the sum of the others' probabilities. Both keep their digits where almost nothing is left of them, which decides how
 * far the search can go on separable data.
 */
function evaluated({ x, labels, members: _, weight, penalty }: Problem, theta: Tensor): Point {
  return scope(() => {
    const over = x.matmul(theta.t());
    over.sub_(over.gather(1, labels)).scatter_(1, labels, Number.NEGATIVE_INFINITY);
    const crossEntropies = softplus(over.logsumexp([1], true), { threshold: 50 });
    const residuals = over.sub_(crossEntropies).exp_();
    residuals.scatter_(1, labels, residuals.sum([1], true).neg_());
    const penalised = theta.mul(penalty);
    const loss = Number(crossEntropies.sum().mul(weight).add(penalised.square().sum(), { alpha: 0.5 }).item());
    const gradient = addmm(penalised, residuals.t(), x, { alpha: weight });
    return { theta, loss, residuals, gradient, largest: Number(gradient.abs().max().item()) };
  });
}

/** The next point along a direction: a whole step, or half as far as often as it takes. Null where no progress can be seen. */
function lower(problem: Problem, { theta, loss, gradient, largest }: Point, direction: Tensor): Point | null {
  const slope = Number(gradient.mul(direction).sum().item());
  const hidden = -slope <= HIDDEN * loss;
  for (let share = 1; share >= LEAST_SHARE; share /= 2) {
    const next = evaluated(problem, theta.add(direction, { alpha: share }));
    if (hidden) return next.largest <= largest / 2 ? next : null;
    if (next.loss <= loss + 1e-4 * share * slope) return next;
  }
  return null;
}

/** `H direction = -gradient` to a share of the residual, by preconditioned conjugate gradients. */
function newtonDirection(
  { x, members, weight, penalty }: Problem,
  residuals: Tensor,
  gradient: Tensor,
  conditioner: Tensor,
  exactness: number,
): { direction: Tensor; iterations: number } {
  const probabilities = residuals.add(members);
  const direction = zerosLike(gradient);
  const rest = gradient.neg();
  const conjugate = conditioned(conditioner, rest);
  let before = rest.mul(conjugate).sum();
  const enough = exactness ** 2 * Number(before.item());
  for (let k = 1; ; k++) {
    const { now, size } = scope(() => {
      const change = x.matmul(conjugate.t()).mul_(probabilities);
      change.addcmul_(probabilities, change.sum([1], true), { value: -1 });
      const curved = addmm(conjugate.mul(penalty), change.t(), x, { alpha: weight });
      const step = before.div(conjugate.mul(curved).sum());
      direction.addcmul_(conjugate, step);
      rest.addcmul_(curved, step, { value: -1 });
      const steepest = conditioned(conditioner, rest);
      const now = rest.mul(steepest).sum();
      conjugate.mul_(now.div(before)).add_(steepest);
      return { now, size: Number(now.item()) };
    });
    before.dispose();
    before = now;
    if (!(size > enough) || k === MOST_INNER) return { direction, iterations: k };
  }
}

/** What the preconditioner makes of a gradient whose classes sum to 0; so does the result. */
function conditioned(conditioner: Tensor, gradient: Tensor): Tensor {
  const solved = conditioner.dim() === 2 ? gradient.div(conditioner) : gradient.unsqueeze(2).choleskySolve(conditioner).squeeze(2);
  return solved.sub_(solved.mean([0], true));
}

/** `p (1 - p)`, [N, K]: the residuals are p, or p - 1. */
function spreads(residuals: Tensor, weight: number): Tensor {
  const size = residuals.abs();
  return size.addcmul(size, size, { value: -1 }).mul_(weight);
}

/** The Hessian's diagonal, [K, d + 1]. */
function diagonal({ x, weight, penalty }: Problem, residuals: Tensor): Tensor {
  return spreads(residuals, weight).t().matmul(x.square()).add_(penalty);
}

/** Cholesky factors of the Hessian's blocks, [K, d + 1, d + 1], or null where rounding left one without. */
function blocks({ x, weight, penalty }: Problem, residuals: Tensor): Tensor | null {
  const [samples, width] = x.shape as [number, number];
  const classes = residuals.size(1);
  const sums = zeros([classes * width, width], { dtype: x.dtype, device: x.device });
  const scaled = spreads(residuals, weight).unsqueeze(2);
  const count = Math.max(1, Math.floor(CHUNK / (classes * width)));
  for (let start = 0; start < samples; start += count) {
    scope(() => {
      const part = x.narrow(0, start, Math.min(count, samples - start));
      const weighted = scaled.narrow(0, start, part.size(0)).mul(part.unsqueeze(1)).flatten(1);
      sums.addmm_(weighted.t(), part);
    });
  }
  const hessians = sums.view([classes, width, width]);
  hessians
    .diagonal({ dim1: 1, dim2: 2 })
    .add_(penalty)
    .mul_(1 + 1e-10);
  const { L, info } = linalg.choleskyEx(hessians);
  return info.any().item() ? null : L;
}
