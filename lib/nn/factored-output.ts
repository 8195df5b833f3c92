/**
 * An output layer with weights `W = V U + 1 omega^T` that are never formed: gradient steps of spherical losses, exact, at a cost that
 * does not depend on the number of classes D. `Q = W^T W` and `wBar = W^T 1` are kept beside the factors.
 *
 * Vincent, de Brébisson, Bouthillier: Efficient Exact Gradient Update for training Deep Networks with Very Large Sparse Targets. NIPS 2015,
 * arXiv 1412.7091
 */

import { grad } from '../autograd/grad';
import { enableGrad } from '../autograd/modes';
import { isFloatingDType } from '../tensor/dtype';
import { expected } from '../tensor/expected';
import { eye, stack } from '../tensor/generated/root';
import { checkPositive } from '../tensor/numbers';
import { linalg } from '../tensor/operators';
import { checkShapes } from '../tensor/shapes';
import type { Tensor } from '../tensor/tensor';
import { type Reduction, reduced } from './functional/reduction';
import { type SphericalMember, sphericalTerms } from './spherical-family';

/** The layer's state. V may be of another floating-point dtype than the rest, which is of one dtype. */
export interface FactoredState {
  /** V [D, d]. */
  readonly v: Tensor;
  /** U [d, d]. */
  readonly u: Tensor;
  /** The transpose of U's inverse, [d, d]. */
  readonly uInverseTransposed: Tensor;
  /** Q = W^T W, [d, d]. */
  readonly qMatrix: Tensor;
  /** omega [d], which every row of W has in it. */
  readonly omega: Tensor;
  /** wBar = W^T 1, [d]. */
  readonly wBar: Tensor;
}

/** What the spherical losses need of the scores `W h` of each sample. */
export interface FactoredScores {
  /** The scores of the K classes asked for, [m, K]. */
  readonly activations: Tensor;
  /** The sum of the squares of all scores, [m]. */
  readonly squares: Tensor;
  /** The sum of all scores, [m]. */
  readonly sums: Tensor;
}

/** Scores, and what an update takes up again. */
export interface FactoredForward extends FactoredScores {
  /** The rows of V that were asked for, [m, K, d]. */
  readonly rows: Tensor;
  /** H U^T, [m, d]. */
  readonly inner: Tensor;
  /** H Q, [m, d]. */
  readonly hq: Tensor;
}

/** Derivatives of a loss, summed over the batch, with respect to what `FactoredScores` holds. */
export interface FactoredGradients {
  readonly activations: Tensor;
  readonly squares: Tensor;
  readonly sums: Tensor;
}

/** @throws for shapes that disagree, no class or feature, a state of another dtype than float32 and float64, or of several besides V's */
export function checkState({ v, u, uInverseTransposed, qMatrix, omega, wBar }: FactoredState): void {
  checkShapes(
    ['v', v, 'D', 'd'],
    ['u', u, 'd', 'd'],
    ['uInverseTransposed', uInverseTransposed, 'd', 'd'],
    ['qMatrix', qMatrix, 'd', 'd'],
    ['omega', omega, 'd'],
    ['wBar', wBar, 'd'],
  );
  if (v.numel() === 0) throw expected('at least one class and one feature', 'v', v);
  if (!isFloatingDType(v.dtype)) throw expected('floating-point numbers', 'v', v);
  if (u.dtype !== 'float64' && u.dtype !== 'float32') throw expected('float64 or float32', 'u', u);
  for (const [name, tensor] of Object.entries({ uInverseTransposed, qMatrix, omega, wBar }))
    if (tensor.dtype !== u.dtype) throw expected(`${u.dtype}, as u is,`, name, tensor);
}

/** `h` is of the state's dtype, `indices` int64 [m, K]. Differentiable with respect to `h`. */
export function factoredForward({ v, u, qMatrix, omega, wBar }: FactoredState, h: Tensor, indices: Tensor): FactoredForward {
  const rows = v
    .indexSelect(0, indices.flatten())
    .to(u.dtype)
    .view([...indices.shape, -1]);
  const inner = h.mm(u.t());
  const hq = h.mm(qMatrix);
  return {
    activations: rows.bmm(inner.unsqueeze(2)).squeeze(2).add(h.mv(omega).unsqueeze(1)),
    squares: h.mul(hq).sum(1),
    sums: h.mv(wBar),
    rows,
    inner,
    hq,
  };
}

/** The loss of scores, K = 1, and its derivatives. `'mean'` divides both by the number of samples. */
export function factoredLoss(
  { activations, squares, sums }: FactoredScores,
  member: SphericalMember & { readonly numClasses: number },
  reduction: Reduction,
): { loss: Tensor; gradients: FactoredGradients } {
  return enableGrad(() => {
    const leaves = [activations, squares, sums].map((scores) => scores.detach().requiresGrad_()) as [Tensor, Tensor, Tensor];
    const [target, q, s] = leaves;
    const loss = reduced(sphericalTerms(target.squeeze(1), s, q, member), reduction);
    const [ga, gq, gs] = grad(loss, leaves, { materializeGrads: true }) as [Tensor, Tensor, Tensor];
    return { loss: loss.detach(), gradients: { activations: ga, squares: gq, sums: gs } };
  });
}

/**
 * Makes the state that of `W - learningRate * dL/dW`, in place and exactly, and gives the gradient with respect to `h`, [m, d]. Call
 * without recording of gradients.
 *
 * @throws before anything has changed when the step would make U singular
 */
export function factoredUpdate(
  { v, u, uInverseTransposed, qMatrix, omega, wBar }: FactoredState,
  h: Tensor,
  indices: Tensor,
  { rows, inner, hq }: FactoredForward,
  { activations: ga, squares: gq, sums: gs }: FactoredGradients,
  learningRate: number,
): Tensor {
  const [classes, samples, size] = [v.size(0), h.size(0), h.size(1)];
  const twice = gq.mul(2).unsqueeze(1);
  const scaled = h.mul(twice); // S
  const targets = ga.sum(1);

  // U' = U (I - learningRate H^T S). Of few samples its inverse is the old one and a correction, else it is inverted anew.
  const few = samples <= size;
  const change = few
    ? eye(samples, { dtype: h.dtype, device: h.device }).addmm_(scaled, h.t(), { alpha: -learningRate })
    : eye(size, { dtype: h.dtype, device: h.device }).addmm_(h.t(), scaled, { alpha: -learningRate });
  const factors = linalg.luFactorEx(change);
  checkRegular(factors.LU, learningRate);

  const means = stack([targets, gs], 1); // [m, 2]
  const zh = ga
    .unsqueeze(1)
    .bmm(rows)
    .squeeze(1)
    .mm(u)
    .addmm_(means, stack([omega, wBar]));
  const gradHidden = hq.mul(twice).add_(zh);

  // M = G^T G of the gradients G with respect to all scores, [m, m].
  const same = indices
    .reshape([-1, 1])
    .eq(indices.reshape([1, -1]))
    .to(h.dtype);
  const shared = ga
    .reshape([-1, 1])
    .mul(ga.reshape([1, -1]))
    .mul_(same)
    .view([samples, ga.size(1), samples, ga.size(1)])
    .sum([1, 3]);
  const moments = shared
    .addmm_(gradHidden, scaled.t())
    .addmm_(scaled, zh.t())
    .addmm_(stack([gs.mul(classes).add(targets), gs], 1), means.flip(1).t());

  // Q' = Q - (A^T H + H^T A), A = learningRate gradHidden - learningRate^2 / 2 M H
  const half = gradHidden.mul(learningRate).addmm_(moments, h, { alpha: -(learningRate ** 2) / 2 });
  const moved = h.t().mm(half);
  qMatrix.sub_(moved).sub_(moved.t());
  const weight = gq.mul(2);
  omega.addmv_(h.t(), weight.mul(h.mv(omega)).add_(gs), { alpha: -learningRate });
  wBar.addmv_(h.t(), weight.mul(h.mv(wBar)).add_(gs, { alpha: classes }).add_(targets), { alpha: -learningRate });

  u.addmm_(inner.t(), scaled, { alpha: -learningRate });
  if (few) {
    const back = linalg.luSolve(factors.LU, factors.pivots, h, { adjoint: true }); // C^-T H
    uInverseTransposed.addmm_(uInverseTransposed.mm(scaled.t()), back, { alpha: learningRate });
  } else uInverseTransposed.copy_(linalg.inv(u).t());

  // With the new inverse; a class that several samples have gets all of their changes.
  const changes = ga.unsqueeze(2).mul(h.mm(uInverseTransposed.t()).unsqueeze(1)).reshape([-1, size]);
  v.indexAdd_(0, indices.flatten(), changes.to(v.dtype), { alpha: -learningRate });
  return gradHidden;
}

/** Refuses a change of U without an inverse: its LU factors have a pivot that is nothing but rounding. NaN goes through. */
function checkRegular(lu: Tensor, learningRate: number): void {
  if (lu.numel() === 0) return;
  const pivots = lu.diagonal().abs();
  const tiny = lu.size(0) * (lu.dtype === 'float64' ? 2 ** -52 : 2 ** -23);
  if (pivots.min().le(pivots.max().clampMin(1).mul(tiny)).item())
    throw new RangeError(`Expected a step that leaves U invertible but learningRate ${learningRate} makes it singular: take another one`);
}

/** W itself, [D, d], in the dtype of V. */
export function factoredWeights({ v, u, omega }: Pick<FactoredState, 'v' | 'u' | 'omega'>): Tensor {
  return v.mm(u.to(v.dtype)).add(omega.to(v.dtype));
}

export interface FactoredBoundsOptions {
  /** The singular value that others are set to, above 0. Default 1. */
  target?: number;
  /** Values below so many targets are corrected; in (0, 1]. Default 0.5. */
  lower?: number;
  /** Values above so many targets are corrected; from 1. Default 2. */
  upper?: number;
}

/** The singular values of U that are left alone: those in [lower, upper] times `target`. */
export type FactoredBounds = Readonly<Required<FactoredBoundsOptions>>;

/** @throws for a `target` or `lower` that is not above 0, bounds that do not have 1 between them */
export function checkBounds({ target = 1, lower = 0.5, upper = 2 }: FactoredBoundsOptions): FactoredBounds {
  checkPositive(target, 'target');
  if (!(lower > 0 && lower <= 1)) throw expected('a number in (0, 1]', 'lower', lower);
  if (!(upper >= 1)) throw expected('a number from 1', 'upper', upper);
  return { target, lower, upper };
}

/** Whether all singular values of U are in bounds, from two Cholesky factorisations of U^T U less a bound: cheaper than the values. */
export function inBounds(u: Tensor, { target, lower, upper }: FactoredBounds): boolean {
  const gram = u.t().mm(u);
  const identity = eye(u.size(0), { dtype: u.dtype, device: u.device });
  const [above, below] = [gram.sub(identity, { alpha: (lower * target) ** 2 }), identity.mul((upper * target) ** 2).sub_(gram)];
  const { info } = linalg.choleskyEx(stack([above, below]));
  return info.eq(0).all().item() as boolean;
}

/** What brings the singular values of U back, with W unchanged. */
export interface FactoredCorrection {
  /** U and the transpose of its inverse with corrected values. */
  readonly u: Tensor;
  readonly uInverseTransposed: Tensor;
  /** V becomes `V + (V directions) changes`: the k corrected directions [d, k], and [k, d]. */
  readonly directions: Tensor;
  readonly changes: Tensor;
}

export function correction(u: Tensor, { target, lower, upper }: FactoredBounds): FactoredCorrection {
  const { U: left, S: values, Vh: right } = linalg.svd(u);
  const outside = values.lt(lower * target).logicalOr(values.gt(upper * target));
  const kept = values.maskedFill(outside, target);
  const which = outside.nonzero().squeeze(1);
  const directions = left.indexSelect(1, which);
  return {
    u: left.mul(kept).mm(right),
    uInverseTransposed: left.div(kept).mm(right),
    directions,
    changes: directions.t().mul(values.indexSelect(0, which).div(target).sub(1).unsqueeze(1)),
  };
}

/** Rows that are taken at a time where all of V is gone through, so that copies in another dtype stay small. */
const ROWS = 16_384;

/** Replaces V block by block, calculated in the state's dtype: what is rounded is rounded once. */
export function mapRows(v: Tensor, dtype: Tensor['dtype'], map: (block: Tensor) => Tensor): void {
  for (let begin = 0; begin < v.size(0); begin += ROWS) {
    const block = v.narrow(0, begin, Math.min(ROWS, v.size(0) - begin));
    block.copy_(map(block.to(dtype)));
  }
}

/** Makes Q and wBar those of the weights that V, U and omega stand for: a pass over all classes. */
export function refresh({ v, u, omega, qMatrix, wBar }: FactoredState): void {
  qMatrix.zero_();
  wBar.zero_();
  for (let begin = 0; begin < v.size(0); begin += ROWS) {
    const rows = v.narrow(0, begin, Math.min(ROWS, v.size(0) - begin)).to(u.dtype);
    const weights = rows.mm(u).add_(omega);
    qMatrix.addmm_(weights.t(), weights);
    wBar.add_(weights.sum(0));
  }
}
