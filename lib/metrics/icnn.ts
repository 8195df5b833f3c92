/** Scores of inter- and intra-class nearest neighbours. */

import { smoothDistances } from '../nn/metric-learning/distances';
import { type IcnnOptions, type IcnnTerms, icnnTerms, neighbours, SMOOTH } from '../nn/metric-learning/icnn';
import { checkedOptions } from '../tensor/checked';
import { expected } from '../tensor/expected';
import { where } from '../tensor/generated/root';
import { checkWhole } from '../tensor/labels';
import { checkCount, checkPositive } from '../tensor/numbers';
import { checkShapes } from '../tensor/shapes';
import type { Tensor } from '../tensor/tensor';
import { calculated } from './verification';

export interface IcnnScoreOptions extends IcnnOptions {}

export interface IcnnScore extends IcnnTerms {}

/**
 * The score of inter- and intra-class nearest neighbours (ICNN) that `losses.icnnLoss` is the negative logarithm of:
 * `(lambda + gamma) / 2`, with `lambda = (intra + inter) / 2`.
 *
 * For each point the m nearest of the target are taken, by `d(u, v) = sqrt(|u - v|^2 + 1e-6)`. Of the k nearest, `intra` is 1 minus the mean distance
 * of those of the same class, relative to the nearest of another class or to the k-th neighbour, whichever is farther; `inter` is the mean distance of
 * those of other classes, relative to the farthest such pair of all, and 1 where there is none; `gamma` is the share of neighbours of the same class.
 * With k + 2 points or fewer k is the number of points less 2, and gamma is 1.
 *
 * Shapes: embeddings [N, D], labels int64 [N], target [M, D] and targetLabels int64 [M], or null for both: the points are each other's neighbours;
 * scalars. No gradient flows.
 *
 * @throws for no points, fewer than three to search among, another shape, k or neighborhood below 1, an eps that is not above 0
 *
 * Mendez-Ruiz et al.: SuSana Distancia is all you need. 2023, arXiv 2305.09062
 */
export function icnnScore(
  embeddings: Tensor,
  labels: Tensor,
  target: Tensor | null = null,
  targetLabels: Tensor | null = null,
  options?: IcnnScoreOptions,
): IcnnScore {
  const given = checkedOptions(options, 'icnnScore');
  return calculated(() => icnnTerms(embeddings, labels, target, targetLabels, given));
}

export interface IcnnQualityOptions {
  /** Neighbours that are looked at, from 1; 3 where there are not more points than that. Default 5. */
  k?: number;
  /** Root of each point's lambda, above 0. Default 2. */
  p?: number;
  /** Root of omega, above 0. Default 2. */
  q?: number;
  /** Root of each point's gamma, above 0. Default 2. */
  r?: number;
  /** Keeps quotients finite, above 0. Default 1e-6. */
  eps?: number;
}

/** All are scalars. */
export interface IcnnQuality {
  /** `(lambda + gamma) / 2`, what the authors' code gives. */
  readonly score: Tensor;
  /** `(lambda + omega + gamma) / 3`, with all terms. */
  readonly full: Tensor;
  /** How near neighbours of the same class are, and how far those of others. */
  readonly lambda: Tensor;
  /** How little the distances within and between classes vary. */
  readonly omega: Tensor;
  /** How many of the neighbours are of the same class. */
  readonly gamma: Tensor;
}

/**
 * The earlier ICNN score, by which embeddings are judged. The distances of each point's k nearest others are scaled from 0 to 1, `n_ij`; with
 * `l_i = sum of 1 - n_ij over neighbours of the same class + sum of n_ij over the others`:
 * `lambda = mean of (l_i / max l)^(1 / p)`, `omega = (1 - variances of n within and between classes)^(1 / q)`,
 * `gamma = mean of (share of the same class)^(1 / r)`.
 *
 * Shapes: embeddings [N, D], labels int64 [N]; scalars. No gradient flows.
 *
 * @throws for fewer points than k + 1, and than 4 when there are not more than k; another shape, k below 1, a root or eps that is not above 0
 *
 * Mendez-Ruiz et al., 2023, arXiv 2305.09062
 */
export function icnnQuality(embeddings: Tensor, labels: Tensor, options?: IcnnQualityOptions): IcnnQuality {
  const { k = 5, p = 2, q = 2, r = 2, eps = 1e-6 } = checkedOptions(options, 'icnnQuality');
  checkCount(k, 'k', 1);
  for (const [name, value] of Object.entries({ p, q, r, eps })) checkPositive(value, name);
  const { N } = checkShapes(['embeddings', embeddings, 'N', 'D'], ['labels', labels, 'N']);
  checkWhole(labels);
  const nearest = k >= N ? 3 : k;
  if (nearest >= N) throw expected(`at least ${nearest + 1} points`, 'embeddings', embeddings);
  return calculated(() => {
    const d = smoothDistances(embeddings, null, SMOOTH);
    const places = neighbours(d, nearest, true, true);
    const same = labels.take(places).eq(labels.unsqueeze(1));
    const near = d.gather(1, places);
    const least = near.amin([1], true);
    const scaled = near.sub(least).div(near.amax([1], true).sub(least).add(eps));
    const each = where(same, scaled.neg().add(1), scaled).sum(1);
    const lambda = each
      .div(each.amax().add(eps))
      .pow(1 / p)
      .mean();
    const spread = scaled.mul(same).var().add(scaled.mul(same.logicalNot()).var());
    const omega = spread
      .neg()
      .add(1)
      .pow(1 / q);
    const gamma = same
      .to(d.dtype)
      .mean(1)
      .pow(1 / r)
      .mean();
    const sum = lambda.add(gamma);
    return { score: sum.div(2), full: sum.add(omega).div(3), lambda, omega, gamma };
  });
}
