/** Losses for episodes of few samples: queries against prototypes, and points against their neighbours. */

import { crossEntropy } from '../nn/functional';
import { type Reduction, type ReductionOptions, reduced } from '../nn/functional/reduction';
import { smoothDistances } from '../nn/metric-learning/distances';
import { type IcnnOptions, icnnTerms, SMOOTH } from '../nn/metric-learning/icnn';
import { prototypes as classMeans } from '../nn/metric-learning/prototypes';
import { checkedOptions } from '../tensor/checked';
import { expected } from '../tensor/expected';
import { cat } from '../tensor/generated/root';
import { checkLabels } from '../tensor/labels';
import { checkNotNegative } from '../tensor/numbers';
import { checkNotEmpty, checkShapes } from '../tensor/shapes';
import type { Tensor } from '../tensor/tensor';

export interface ProtoTripletOptions extends ReductionOptions {
  /** By how much the nearest other prototype should be farther than the own one, from 0. Default 0.5, of the authors. */
  margin?: number;
}

/**
 * The proto-triplet loss of a query with the prototype of its class and the nearest of the others,
 * `[d(q_i, p_y) - min over c != y of d(q_i, p_c) + margin]_+`, with `d(u, v) = sqrt(|u - v|^2 + 1e-6)`. The gradient reaches the prototypes, and
 * through them the support set.
 *
 * Shapes: query [Q, D], queryLabels int64 [Q], prototypes [C, D] with a row for each class; a scalar, or [Q] without reduction.
 *
 * @throws for no query, fewer than two classes, labels outside [0, C), another shape, a negative margin
 *
 * Mendez-Ruiz et al.: SuSana Distancia is all you need. 2023, arXiv 2305.09062
 */
export function protoTripletLoss(query: Tensor, queryLabels: Tensor, prototypes: Tensor, options?: ProtoTripletOptions): Tensor {
  const { margin = 0.5, reduction = 'mean' } = checkedOptions(options, 'protoTripletLoss');
  checkNotNegative(margin, 'margin');
  const { C } = checkShapes(['query', query, 'Q', 'D'], ['queryLabels', queryLabels, 'Q'], ['prototypes', prototypes, 'C', 'D']);
  checkNotEmpty(query, 'query');
  if (C < 2) throw expected('at least two classes', 'prototypes', prototypes);
  checkLabels(queryLabels, C, 'queryLabels');
  return protoTriplet(smoothDistances(query, prototypes, SMOOTH), queryLabels.long(), margin, reduction);
}

/** Of distances of queries from prototypes, [Q, C]. */
function protoTriplet(d: Tensor, labels: Tensor, margin: number, reduction: Reduction): Tensor {
  const place = labels.unsqueeze(1);
  const nearest = d.scatter(1, place, Number.POSITIVE_INFINITY).min(1, true).values;
  const terms = d.gather(1, place).sub(nearest).add(margin).clampMin(0);
  return reduced(reduction === 'none' ? terms.squeeze(1) : terms, reduction);
}

export interface IcnnLossOptions extends IcnnOptions {}

/**
 * The ICNN loss, `-log` of the score of inter- and intra-class nearest neighbours, `metrics.icnnScore`: neighbours of the same class should be near and
 * many, those of other classes far. Which points are neighbours has no gradient; how far they are has one.
 *
 * Shapes: embeddings [N, D], labels int64 [N], target [M, D] and targetLabels int64 [M], or null for both: the points are each other's neighbours; a
 * scalar, 0 for a single class.
 *
 * @throws for no points, fewer than three to search among, another shape, k or neighborhood below 1, an eps that is not above 0
 *
 * Mendez-Ruiz et al., 2023, arXiv 2305.09062
 */
export function icnnLoss(
  embeddings: Tensor,
  labels: Tensor,
  target: Tensor | null = null,
  targetLabels: Tensor | null = null,
  options?: IcnnLossOptions,
): Tensor {
  return icnnTerms(embeddings, labels, target, targetLabels, checkedOptions(options, 'icnnLoss')).score.log().neg();
}

export interface SusanaEpisodeOptions {
  /** Number of classes, from 2. Default null: one more than the largest label of the support, for which the labels are read. */
  numClasses?: number | null;
  /** Weight of the cross-entropy, from 0. Default 1. */
  crossEntropyWeight?: number;
  /** Weight of the proto-triplet loss, from 0. Default 1. */
  protoTripletWeight?: number;
  /** Weight of the ICNN loss, from 0. Default 1. */
  icnnWeight?: number;
  /** Of the proto-triplet loss, from 0. Default 0.5. */
  margin?: number;
  /** Neighbours of the ICNN loss, from 1. Default 4. */
  k?: number;
}

/** The loss, [], and what it is made of, without weights. */
export interface SusanaEpisodeResult {
  readonly loss: Tensor;
  readonly crossEntropy: Tensor;
  readonly protoTriplet: Tensor;
  readonly icnn: Tensor;
}

/**
 * The loss of an episode: cross-entropy of queries over prototypes by squared distance, as `prototypicalLoss`; `protoTripletLoss` of the same; and
 * `icnnLoss` of support and query together, which searches among as many neighbours as there are samples of a class. Where a weight is 0 its term
 * is computed and does not count.
 *
 * Shapes: support [S, D], supportLabels int64 [S], query [Q, D], queryLabels int64 [Q]; all four results are scalars.
 *
 * @throws for an empty support or query, fewer than two classes, labels outside [0, numClasses), a class without support, another shape, a negative
 * weight or margin, k below 1
 *
 * Mendez-Ruiz et al., 2023, arXiv 2305.09062
 */
export function susanaEpisodeLoss(
  support: Tensor,
  supportLabels: Tensor,
  query: Tensor,
  queryLabels: Tensor,
  options?: SusanaEpisodeOptions,
): SusanaEpisodeResult {
  const {
    numClasses = null,
    crossEntropyWeight = 1,
    protoTripletWeight = 1,
    icnnWeight = 1,
    margin = 0.5,
    k = 4,
  } = checkedOptions(options, 'susanaEpisodeLoss');
  for (const [name, value] of Object.entries({ crossEntropyWeight, protoTripletWeight, icnnWeight, margin })) checkNotNegative(value, name);
  const centres = classMeans(support, supportLabels, numClasses, 'support', 'supportLabels');
  const [S, C] = [support.size(0), centres.size(0)];
  if (C < 2) throw expected('labels of at least two classes', 'supportLabels', supportLabels);
  const { Q } = checkShapes(['query', query, 'Q', support.size(1)], ['queryLabels', queryLabels, 'Q']);
  checkNotEmpty(query, 'query');
  checkLabels(queryLabels, C, 'queryLabels');
  const labels = queryLabels.long();
  const d = smoothDistances(query, centres, SMOOTH);
  // Softmax does not see that all squares are larger by the same.
  const entropy = crossEntropy(d.square().neg(), labels);
  const triplet = protoTriplet(d, labels, margin, 'mean');
  const neighborhood = Math.max(1, Math.floor((S + Q) / C));
  const icnn = icnnLoss(cat([support, query]), cat([supportLabels.long(), labels]), null, null, { k, neighborhood });
  const loss = entropy.mul(crossEntropyWeight).add(triplet, { alpha: protoTripletWeight }).add(icnn, { alpha: icnnWeight });
  return { loss, crossEntropy: entropy, protoTriplet: triplet, icnn };
}
