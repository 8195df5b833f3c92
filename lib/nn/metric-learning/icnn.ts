/** Inter- and intra-class nearest neighbours: how near samples are to those of their class, compared with those of others. */

import { checkedTensor } from '../../tensor/checked';
import { expected } from '../../tensor/expected';
import { checkWhole } from '../../tensor/labels';
import { checkCount, checkPositive } from '../../tensor/numbers';
import { scope, scopedNoGrad } from '../../tensor/scope';
import { checkNotEmpty, checkShapes } from '../../tensor/shapes';
import type { Tensor } from '../../tensor/tensor';
import { smoothDistances } from './distances';

/** Added to squared distances, so that they have a derivative everywhere: equal points are 0.001 apart. */
export const SMOOTH = 1e-6;

export interface IcnnOptions {
  /** Neighbours that are looked at, from 1; of M points at most M - 2. Default 4, of the authors. */
  k?: number;
  /** Neighbours among which the nearest of another class is searched, from 1; at least k and at most as many as there are. Default null: k + 1. */
  neighborhood?: number | null;
  /** Leave out the nearest point. Default null: where the points are their own neighbours. The authors leave it out always: true. */
  dropNearest?: boolean | null;
  /** Keeps quotients finite, above 0. Default 1e-7. */
  eps?: number;
}

/** All are scalars. */
export interface IcnnTerms {
  /** `(lambda + gamma) / 2`, in (0, 1]. */
  readonly score: Tensor;
  /** How near neighbours of the same class are, and how far those of others. */
  readonly lambda: Tensor;
  /** The share of neighbours that are of the same class; no gradient flows through it. */
  readonly gamma: Tensor;
}

/** Refuses what does not fit together, and gives the score with its parts. */
export function icnnTerms(
  embeddings: Tensor,
  labels: Tensor,
  target: Tensor | null,
  targetLabels: Tensor | null,
  { k = 4, neighborhood = null, dropNearest = null, eps = 1e-7 }: IcnnOptions,
): IcnnTerms {
  checkCount(k, 'k', 1);
  if (neighborhood !== null) checkCount(neighborhood, 'neighborhood', 1);
  checkPositive(eps, 'eps');
  if (dropNearest !== null && typeof dropNearest !== 'boolean') throw expected('a boolean or null', 'dropNearest', dropNearest);
  const { D } = checkShapes(['embeddings', embeddings, 'N', 'D'], ['labels', labels, 'N']);
  checkNotEmpty(embeddings, 'embeddings');
  checkWhole(labels);
  if ((target === null) !== (targetLabels === null)) throw expected('both or none', 'target and targetLabels', target ?? targetLabels);
  if (target !== null && targetLabels !== null) {
    checkShapes(['target', target, 'M', D], ['targetLabels', targetLabels, 'M']);
    checkWhole(targetLabels, 'targetLabels');
  }
  const among = target ?? embeddings;
  const M = among.size(0);
  const small = k + 2 >= M;
  const nearest = small ? M - 2 : k;
  if (nearest < 1) throw expected('at least 3 points', target === null ? 'embeddings' : 'target', among);
  const drop = dropNearest ?? target === null;
  const searched = Math.min(Math.max(neighborhood ?? nearest + 1, nearest), drop ? M - 1 : M);
  const d = smoothDistances(embeddings, target, SMOOTH);
  const places = scopedNoGrad(() => neighbours(d, searched, drop, target === null));
  return terms(d.gather(1, places), (targetLabels ?? labels).take(places).eq(labels.unsqueeze(1)), { nearest, small, eps });
}

/** Where the nearest points are, nearest first, int64 [N, count]. */
export function neighbours(d: Tensor, count: number, drop: boolean, own: boolean): Tensor {
  // A point is its own nearest, also where others are equal to it.
  const ranked = own ? d.detach().clone().fillDiagonal_(-1) : d.detach();
  const { indices } = ranked.topk(drop ? count + 1 : count, { largest: false });
  return drop ? indices.narrow(1, 1, count) : indices;
}

/** Of the distances of neighbours, nearest first, and which are of the point's class, both [N, m]. */
function terms(d: Tensor, same: Tensor, { nearest, small, eps }: { nearest: number; small: boolean; eps: number }): IcnnTerms {
  const first = checkedTensor(d, 'distances').narrow(1, 0, nearest);
  const { friends, others, isFriend, none, gamma } = scope(() => weights(same.narrow(1, 0, nearest), d.detach(), eps));
  // Relative to the nearest point of another class, and to the farthest neighbour where that is beyond it.
  const toOther = d.maskedFill(same, Number.POSITIVE_INFINITY).amin([1], true);
  const relative = first.div(toOther.add(eps).maximum(first.narrow(1, nearest - 1, 1)));
  const farthest = first.maskedFill(isFriend, 0).amax();
  const inter = first.mul(others).sum().div(farthest.add(eps)).add(none);
  const lambda = inter.sub(relative.mul(friends).sum()).add(1).div(2);
  const agreement = small ? gamma.newOnes([]) : gamma;
  return { score: lambda.add(agreement).div(2), lambda, gamma: agreement };
}

/** What the distances of neighbours count in the mean over points: those of the same class and of others, [N, k]. */
function weights(
  isFriend: Tensor,
  d: Tensor,
  eps: number,
): { friends: Tensor; others: Tensor; isFriend: Tensor; none: Tensor; gamma: Tensor } {
  const same = isFriend.to(d.dtype);
  const other = same.neg().add(1);
  const share = (of: Tensor): Tensor => {
    const counts = of.sum(1, true);
    return of.div(counts.add(eps).mul(counts.gt(0).sum().to(d.dtype).add(eps)));
  };
  // Without any neighbour of another class all are as far as can be.
  return { friends: share(same), others: share(other), isFriend, none: isFriend.all().to(d.dtype), gamma: same.mean() };
}
