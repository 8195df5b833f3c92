/** Distances of all rows of one tensor from all rows of another. */

import { CustomFunction, type FunctionContext } from '../../autograd/function';
import { checkedOptions } from '../../tensor/checked';
import { cdist, threshold_ } from '../../tensor/generated/root';
import { checkChoice, checkNotNegative } from '../../tensor/numbers';
import { checkShapes } from '../../tensor/shapes';
import type { Tensor } from '../../tensor/tensor';
import { widened } from '../../tensor/widened';
import { EPS, unitRows } from './rows';

/** How rows are compared. */
export type Metric = 'euclidean' | 'squaredEuclidean' | 'cosine';

export const METRICS: readonly Metric[] = ['euclidean', 'squaredEuclidean', 'cosine'];

export interface PairwiseDistancesOptions {
  /** `'cosine'` is 1 - cos. Default `'euclidean'`. */
  metric?: Metric;
  /** Euclidean distances whose square is not above it are 0, with gradient 0; from 0. Default 1e-12. */
  eps?: number;
}

/**
 * The distance of every row of `x` from every row of `y`, or of `x` itself when `y` is null.
 *
 * Euclidean distances of a few rows are sums of squared differences, of many they are calculated from scalar products: then rows that
 * are almost the same have a distance of about a thousandth of their norm in float32, 1e-8 of it in float64. A row's distance from itself
 * is 0 in any case, with gradient 0. Half-precision rows are compared in float32.
 *
 * Shapes: x [N, D], y [M, D] or null; [N, M]. Twice differentiable.
 *
 * @throws for another shape, an unknown metric, a negative `eps`
 */
export function pairwiseDistances(x: Tensor, y: Tensor | null = null, options?: PairwiseDistancesOptions): Tensor {
  const { metric = 'euclidean', eps = EPS } = checkedOptions(options, 'pairwiseDistances');
  checkChoice(metric, 'metric', METRICS);
  checkNotNegative(eps, 'eps');
  const { D } = checkShapes(['x', x, 'N', 'D']);
  if (y !== null) checkShapes(['y', y, 'M', D]);
  return distances(x, y, metric, eps);
}

/** `pairwiseDistances` of what was looked at. */
export function distances(x: Tensor, y: Tensor | null, metric: Metric, eps = EPS): Tensor {
  switch (metric) {
    case 'euclidean':
      return y === null
        ? SelfDistances.apply(widened(x), Math.sqrt(eps))
        : EuclideanDistances.apply(widened(x), widened(y), Math.sqrt(eps));
    case 'squaredEuclidean':
      return squaredDistances(widened(x), y === null ? null : widened(y));
    case 'cosine':
      return cosines(x, y).neg().add(1);
  }
}

/** The cosine of every row of `x` with every row of `y`, or of `x` itself. */
export function cosines(x: Tensor, y: Tensor | null): Tensor {
  const [a, b] = [unitRows(x), y === null ? null : unitRows(y)];
  return a.mm((b ?? a).t());
}

function squaredDistances(x: Tensor, y: Tensor | null): Tensor {
  const own = x.square().sum(1);
  const others = y === null ? own : y.square().sum(1);
  const products = others.addmm(x, (y ?? x).t(), { alpha: -2 });
  const result = products.add(own.unsqueeze(1)).clampMin(0);
  return y === null ? result.fillDiagonal_(0) : result;
}

/** Up to so many differences they are taken one by one. */
const FEW = 2 ** 17;

/** Ways of `cdist`. */
const [BY_PRODUCTS, BY_DIFFERENCES] = [1, 2];

function euclidean(x: Tensor, y: Tensor, nearest: number): Tensor {
  const few = x.size(0) * y.numel() <= FEW;
  return threshold_(cdist(x, y, 2, few ? BY_DIFFERENCES : BY_PRODUCTS), nearest, 0);
}

/** Weights of the differences `x_i - y_j` in the gradient, [N, M]. */
function pulls(gradient: Tensor, distances: Tensor): Tensor {
  return gradient.div(distances.maskedFill(distances.eq(0), Number.POSITIVE_INFINITY));
}

/** `sum over j of w_ij (x_i - y_j)`, [N, D]. */
function pulled(weights: Tensor, x: Tensor, y: Tensor): Tensor {
  return x.mul(weights.sum(1, true)).addmm(weights, y, { alpha: -1 });
}

/**
 * `sqrt(|x_i - y_j|^2 + eps)`, [N, M], of all rows of `x` with all of `y` or of `x` itself: smooth also where rows are equal. They are compared as
 * by `pairwiseDistances`.
 */
export function smoothDistances(x: Tensor, y: Tensor | null, eps: number): Tensor {
  const rows = widened(x);
  const others = y === null ? null : widened(y);
  if (x.size(0) * (y ?? x).numel() > LEAST) return SmoothDistances.apply(rows, others, eps);
  return rows
    .unsqueeze(1)
    .sub(others ?? rows)
    .square()
    .sum(2)
    .add(eps)
    .sqrt();
}

/** Up to so many differences a backward in TypeScript takes longer than it saves. */
const LEAST = 2 ** 13;

class SmoothDistances extends CustomFunction {
  static forward(ctx: FunctionContext, x: Tensor, y: Tensor | null, eps: number): Tensor {
    const others = y ?? x;
    const result = euclidean(x, others, 0).square_().add_(eps).sqrt_();
    ctx.saveForBackward(x, others, result);
    ctx.self = y === null;
    return result;
  }

  static backward(ctx: FunctionContext, gradient: Tensor): (Tensor | null)[] {
    const [x, y, result] = ctx.savedTensors as [Tensor, Tensor, Tensor];
    const weights = gradient.div(result);
    if (ctx.self) return [pulled(weights.add(weights.t()), x, x), null, null];
    return [ctx.needsInputGrad[0] ? pulled(weights, x, y) : null, ctx.needsInputGrad[1] ? pulled(weights.t(), y, x) : null, null];
  }
}

class EuclideanDistances extends CustomFunction {
  static forward(ctx: FunctionContext, x: Tensor, y: Tensor, nearest: number): Tensor {
    const result = euclidean(x, y, nearest);
    ctx.saveForBackward(x, y, result);
    return result;
  }

  static backward(ctx: FunctionContext, gradient: Tensor): (Tensor | null)[] {
    const [x, y, result] = ctx.savedTensors as [Tensor, Tensor, Tensor];
    const weights = pulls(gradient, result);
    return [ctx.needsInputGrad[0] ? pulled(weights, x, y) : null, ctx.needsInputGrad[1] ? pulled(weights.t(), y, x) : null, null];
  }
}

class SelfDistances extends CustomFunction {
  static forward(ctx: FunctionContext, x: Tensor, nearest: number): Tensor {
    const result = euclidean(x, x, nearest).fillDiagonal_(0);
    ctx.saveForBackward(x, result);
    return result;
  }

  static backward(ctx: FunctionContext, gradient: Tensor): (Tensor | null)[] {
    const [x, result] = ctx.savedTensors as [Tensor, Tensor];
    const weights = pulls(gradient, result);
    return [pulled(weights.add(weights.t()), x, x), null];
  }
}
