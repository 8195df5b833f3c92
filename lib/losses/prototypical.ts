import { crossEntropy } from '../nn/functional';
import type { ReductionOptions } from '../nn/functional/reduction';
import { type PrototypicalOptions, prototypes, prototypicalLogits } from '../nn/metric-learning/prototypes';
import { checkedOptions } from '../tensor/checked';
import { checkLabels } from '../tensor/labels';
import { checkNotEmpty, checkShapes } from '../tensor/shapes';
import type { Tensor } from '../tensor/tensor';

export interface PrototypicalLossOptions extends PrototypicalOptions, ReductionOptions {
  /** Number of classes, from 1. Default null: one more than the largest label of the support, for which the labels are read. */
  numClasses?: number | null;
}

/**
 * The loss of prototypical networks: cross-entropy of queries over the prototypes of a support set, by distance. Gradients flow to both.
 *
 * Shapes: support [S, D], supportLabels int64 [S], query [Q, D], queryLabels int64 [Q]; a scalar, or [Q] without reduction.
 *
 * @throws for an empty support or query, labels outside [0, numClasses), a class without support, another shape, an unknown metric, a scale
 * that is not above 0
 *
 * Snell, Swersky, Zemel: Prototypical Networks for Few-shot Learning. NIPS 2017, arXiv 1703.05175
 */
export function prototypicalLoss(
  support: Tensor,
  supportLabels: Tensor,
  query: Tensor,
  queryLabels: Tensor,
  options?: PrototypicalLossOptions,
): Tensor {
  const { numClasses = null, metric, scale, reduction = 'mean' } = checkedOptions(options, 'prototypicalLoss');
  const centres = prototypes(support, supportLabels, numClasses, 'support', 'supportLabels');
  checkShapes(['query', query, 'Q', support.size(1)], ['queryLabels', queryLabels, 'Q']);
  checkNotEmpty(query, 'query');
  checkLabels(queryLabels, centres.size(0), 'queryLabels');
  return crossEntropy(prototypicalLogits(query, centres, { metric, scale }), queryLabels.long(), { reduction });
}
