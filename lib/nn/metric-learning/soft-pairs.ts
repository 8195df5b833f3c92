/** Losses of anchors and their candidates, each of which is a positive to some degree and a negative for the rest. */

import { checkChoice, checkFinite, checkPositive } from '../../tensor/numbers';
import { scopedNoGrad } from '../../tensor/scope';
import type { Tensor } from '../../tensor/tensor';
import type { Reduction } from '../functional/reduction';
import { type ExponentialSum, groupsLogSum, logOnePlusExp, rowsLogSum } from './log-sums';
import { ofAnchors } from './pairs';

/** A loss of pairs that knows a candidate by its similarity and by how much of a positive it is. */
export type SoftPairKind = 'contrastive' | 'binomialDeviance' | 'liftedStructure' | 'multiSimilarity' | 'proxyAnchor';

export interface SoftPairOptions {
  /** Which loss. Default `'multiSimilarity'`. */
  kind?: SoftPairKind;
  /** Steepness for positives, above 0. Default null: the kind's, 2, and of lifted structure 1, of proxy-anchor 32. */
  alpha?: number | null;
  /** Steepness for negatives, above 0. Default null: the kind's, 50, and of lifted structure 1, of proxy-anchor 32. */
  beta?: number | null;
  /** Similarity between positives and negatives. Default null: the kind's, 0.5, and of proxy-anchor 0.1. */
  margin?: number | null;
}

export interface SoftPairNumbers {
  readonly alpha: number;
  readonly beta: number;
  readonly margin: number;
}

/** The candidates of all anchors, with sums over those of each anchor, [A]. */
export interface Candidates {
  readonly similarity: Tensor;
  /** How much of a positive each is, and how much of a negative: shares in [0, 1], or whether it is one at all. */
  readonly positive: Tensor;
  readonly negative: Tensor;
  sum(terms: Tensor): Tensor;
  /** About -1e30 for an anchor without candidates. */
  logSum(of: ExponentialSum): Tensor;
  logOnePlusSum(of: ExponentialSum): Tensor;
}

/** Candidates in the row of their anchor. */
export function inRows(similarity: Tensor, positive: Tensor, negative: Tensor): Candidates {
  return {
    similarity,
    positive,
    negative,
    sum: (terms) => terms.sum(1),
    logSum: (of) => rowsLogSum(similarity, of, false),
    logOnePlusSum: (of) => rowsLogSum(similarity, of, true),
  };
}

/** Candidates in a list, with the numbers of their anchors, of which there are `count`. */
export function inGroups(similarity: Tensor, positive: Tensor, negative: Tensor, anchors: Tensor, count: number): Candidates {
  return {
    similarity,
    positive,
    negative,
    sum: (terms) => terms.newZeros([count]).indexAdd(0, anchors, terms),
    logSum: (of) => groupsLogSum(similarity, of, anchors, count, false),
    logOnePlusSum: (of) => groupsLogSum(similarity, of, anchors, count, true),
  };
}

interface Kind {
  readonly defaults: SoftPairNumbers;
  /** What positives and what negatives add, [A] each. */
  drawn(candidates: Candidates, numbers: SoftPairNumbers): Tensor;
  pushed(candidates: Candidates, numbers: SoftPairNumbers): Tensor;
}

const KINDS: Readonly<Record<SoftPairKind, Kind>> = {
  contrastive: {
    defaults: { alpha: 1, beta: 1, margin: 0.5 },
    drawn: ({ similarity, positive, sum }) => sum(similarity.mul(positive)).neg(),
    pushed: ({ similarity, negative, sum }, { margin }) => sum(similarity.sub(margin).clampMin(0).mul(negative)),
  },
  binomialDeviance: {
    defaults: { alpha: 2, beta: 50, margin: 0.5 },
    drawn: ({ similarity, positive, sum }, { alpha, margin }) => sum(logOnePlusExp(similarity.sub(margin).mul(-alpha)).mul(positive)),
    pushed: ({ similarity, negative, sum }, { beta, margin }) => sum(logOnePlusExp(similarity.sub(margin).mul(beta)).mul(negative)),
  },
  liftedStructure: {
    defaults: { alpha: 1, beta: 1, margin: 0.5 },
    drawn: ({ positive: weights, logSum }, { alpha }) => logSum({ weights, scale: -alpha, base: 0 }),
    pushed: ({ negative: weights, logSum }, { beta, margin }) => logSum({ weights, scale: beta, base: -margin }),
  },
  multiSimilarity: {
    defaults: { alpha: 2, beta: 50, margin: 0.5 },
    drawn: ({ positive: weights, logOnePlusSum }, { alpha, margin }) => logOnePlusSum({ weights, scale: -alpha, base: margin }).div(alpha),
    pushed: ({ negative: weights, logOnePlusSum }, { beta, margin }) => logOnePlusSum({ weights, scale: beta, base: margin }).div(beta),
  },
  proxyAnchor: {
    defaults: { alpha: 32, beta: 32, margin: 0.1 },
    drawn: ({ positive: weights, logOnePlusSum }, { alpha, margin }) => logOnePlusSum({ weights, scale: -alpha, base: margin }),
    pushed: ({ negative: weights, logOnePlusSum }, { beta, margin }) => logOnePlusSum({ weights, scale: beta, base: -margin }),
  },
};

export interface SoftPairSettings extends SoftPairNumbers {
  readonly kind: SoftPairKind;
}

/** @throws for an unknown kind, an alpha or beta that is not above 0, a margin that is not finite */
export function softPairSettings({
  kind = 'multiSimilarity',
  alpha = null,
  beta = null,
  margin = null,
}: SoftPairOptions): SoftPairSettings {
  checkChoice(kind, 'kind', Object.keys(KINDS) as SoftPairKind[]);
  if (alpha !== null) checkPositive(alpha, 'alpha');
  if (beta !== null) checkPositive(beta, 'beta');
  if (margin !== null) checkFinite(margin, 'margin');
  const { defaults } = KINDS[kind];
  return { kind, alpha: alpha ?? defaults.alpha, beta: beta ?? defaults.beta, margin: margin ?? defaults.margin };
}

/** The loss of each anchor, reduced; the mean of proxy-anchor takes what draws over the anchors that have some positive only. */
export function softPairs(candidates: Candidates, { kind, ...numbers }: SoftPairSettings, reduction: Reduction): Tensor {
  const { drawn, pushed } = KINDS[kind];
  const [draws, pushes] = [drawn(candidates, numbers), pushed(candidates, numbers)];
  if (kind === 'proxyAnchor' && reduction === 'mean') {
    const some = scopedNoGrad(() =>
      candidates.sum(candidates.positive.to(draws.dtype).expandAs(candidates.similarity)).gt(0).sum().clampMin(1),
    );
    return draws.sum().div(some).add(ofAnchors(pushes, 'mean'));
  }
  const terms = draws.add(pushes);
  return ofAnchors(kind === 'liftedStructure' ? terms.clampMin(0) : terms, reduction);
}
