/** Classes that are told apart by the direction of a few of their samples, without further training. */

import { cosines } from '../nn/metric-learning/distances';
import { checkedClasses, summedRows } from '../nn/metric-learning/prototypes';
import { unitRows } from '../nn/metric-learning/rows';
import { checkedOptions } from '../tensor/checked';
import { expected } from '../tensor/expected';
import { cat, where } from '../tensor/generated/root';
import { checkPositive } from '../tensor/numbers';
import { checkShapes } from '../tensor/shapes';
import type { Tensor } from '../tensor/tensor';
import { widened } from '../tensor/widened';

export interface NovelClassWeightsOptions {
  /** Number of classes, from 1. Default null: one more than the largest label, for which the labels are read. */
  numClasses?: number | null;
  /** Give each sample length 1 before they are added, so that long ones do not dominate. Default true. */
  normalizeSamples?: boolean;
}

/**
 * Weights of classes that training has not seen, from a few samples of each: the direction of `sum of t_i x_i / |x_i|`. Of all directions it has
 * the largest mean cosine with the samples; of one sample it is its own.
 *
 * Shapes: embeddings [N, D], labels int64 [N], sampleWeights t [N] or null for 1; [C, D] with rows of length 1, 0 where the samples of a class
 * cancel out. Differentiable. The counts are looked at on the CPU only; elsewhere a class without samples has a row of zeros.
 *
 * @throws for an empty batch, labels outside [0, numClasses), a class without samples, another shape
 *
 * Pereira, Joly, Valduriez, Porto: Hyperspherical embedding for novel class classification. 2021, arXiv 2102.03243
 */
export function novelClassWeights(
  embeddings: Tensor,
  labels: Tensor,
  sampleWeights: Tensor | null = null,
  options?: NovelClassWeightsOptions,
): Tensor {
  const { numClasses = null, normalizeSamples = true } = checkedOptions(options, 'novelClassWeights');
  const classes = checkedClasses(embeddings, labels, numClasses);
  const x = normalizeSamples ? unitRows(embeddings) : widened(embeddings);
  if (sampleWeights === null) return unitRows(summedRows(x, classes));
  checkShapes(['sampleWeights', sampleWeights, x.size(0)]);
  return unitRows(summedRows(x.mul(sampleWeights.to(x.dtype).unsqueeze(1)), classes));
}

/**
 * Known and novel classes together, all with rows of length 1: the novel ones are numbered on from the last known one.
 *
 * Shapes: known [K, D], novel [C, D]; [K + C, D]. Differentiable.
 *
 * @throws for another shape
 *
 * Pereira, Joly, Valduriez, Porto, 2021, arXiv 2102.03243
 */
export function extendClassWeights(known: Tensor, novel: Tensor, options?: Record<never, never>): Tensor {
  checkedOptions(options, 'extendClassWeights');
  checkShapes(['known', known, 'K', 'D'], ['novel', novel, 'C', 'D']);
  return cat([unitRows(known), unitRows(novel)]);
}

export interface HypersphericalPredictOptions {
  /** What cosines are multiplied by for the probabilities, above 0. Default 10. */
  scale?: number;
  /** A cosine: what is less similar to all classes is unknown. Cosines of two encoders do not compare. Default null: nothing is unknown. */
  threshold?: number | null;
}

export interface HypersphericalPrediction {
  /** int64 [B], the first of the most similar classes; -1 for unknown. */
  readonly labels: Tensor;
  /** The cosine with that class, [B]. */
  readonly similarity: Tensor;
  /** `softmax(scale cos)`, [B, C]. */
  readonly probabilities: Tensor;
}

/**
 * The class whose weights have the largest cosine with the embedding, and -1 where that is below the threshold.
 *
 * Shapes: embeddings [B, D], weights [C, D] of any length. Similarity and probabilities are differentiable.
 *
 * @throws for no class, another shape, a scale that is not above 0, a threshold outside [-1, 1]
 *
 * Pereira, Joly, Valduriez, Porto, 2021, arXiv 2102.03243
 */
export function hypersphericalPredict(
  embeddings: Tensor,
  weights: Tensor,
  options?: HypersphericalPredictOptions,
): HypersphericalPrediction {
  const { scale = 10, threshold = null } = checkedOptions(options, 'hypersphericalPredict');
  checkPositive(scale, 'scale');
  if (threshold !== null && (typeof threshold !== 'number' || !(threshold >= -1 && threshold <= 1)))
    throw expected('a number in [-1, 1] or null', 'threshold', threshold);
  const { C } = checkShapes(['embeddings', embeddings, 'B', 'D'], ['weights', weights, 'C', 'D']);
  if (C === 0) throw expected('at least one class', 'weights', weights);
  const cos = cosines(embeddings, weights);
  const { values: similarity, indices } = cos.max(1);
  const labels = threshold === null ? indices : where(similarity.ge(threshold), indices, -1);
  return { labels, similarity, probabilities: cos.mul(scale).softmax(1) };
}
