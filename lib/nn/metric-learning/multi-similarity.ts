/** The two halves of the multi-similarity loss: which pairs of a batch say something, and what they add up to for each anchor. */

import { arange, zerosLike } from '../../tensor/generated/root';
import type { Tensor } from '../../tensor/tensor';
import { crossEntropy } from '../functional';
import { LOW } from './log-sums';
import { type PairMasks, pairMasks, sameLabel } from './pairs';

/** Of all places [B, B] those that are none, or none that counts, for positive and for negative pairs; those of the diagonal may be either. */
export interface OutsidePairs {
  readonly positive: Tensor;
  readonly negative: Tensor;
}

/** All pairs count. */
export function outsideAll(labels: Tensor): OutsidePairs {
  const same = sameLabel(labels);
  return { positive: same.logicalNot(), negative: same };
}

/**
 * Of each anchor only pairs count that another kind comes near: a negative that is more similar than the least similar positive less `epsilon`, a
 * positive that is less similar than the most similar negative plus `epsilon`. Of an anchor without one kind nothing does. A similarity that is NaN
 * counts, so that it shows.
 */
export function outsideMined(similarity: Tensor, labels: Tensor, epsilon: number): OutsidePairs {
  const { positive, negative } = outsideAll(labels);
  if (similarity.numel() === 0) return { positive, negative };
  const far = Number.POSITIVE_INFINITY;
  const positives = similarity.maskedFill(positive, far).fillDiagonal_(far);
  const negatives = similarity.maskedFill(negative, -far);
  const [least, most] = [positives.amin([1], true), negatives.amax([1], true)];
  return { positive: positives.ge(most.add(epsilon)), negative: negatives.le(least.sub(epsilon)) };
}

/** The pairs that count. */
export function minedPairs(similarity: Tensor, labels: Tensor, epsilon: number): PairMasks {
  const outside = outsideMined(similarity, labels, epsilon);
  const { positive, negative } = pairMasks(labels);
  return { positive: positive.logicalAnd_(outside.positive.logicalNot()), negative: negative.logicalAnd_(outside.negative.logicalNot()) };
}

/** How steep the multi-similarity loss is on each side of `base`. */
export interface Steepness {
  readonly alpha: number;
  readonly beta: number;
  readonly base: number;
}

/**
 * `1/alpha log(1 + sum of positives of exp(-alpha (s - base))) + 1/beta log(1 + sum of negatives of exp(beta (s - base)))`, [B].
 *
 * @param similarity [B, B], which is changed: its diagonal becomes 0
 */
export function multiSimilarityTerms(similarity: Tensor, outside: OutsidePairs, { alpha, beta, base }: Steepness): Tensor {
  const s = similarity.fillDiagonal_(0);
  const own = arange(s.size(0), { device: s.device });
  // The diagonal stands for the 1 beside the sum: the cross-entropy of the exponents with it is the logarithm.
  const part = (steepness: number, places: Tensor): Tensor => {
    const low = zerosLike(s)
      .maskedFill_(places, LOW)
      .fillDiagonal_(steepness * base);
    return crossEntropy(low.add(s, { alpha: steepness }), own, { reduction: 'none' });
  };
  return part(-alpha, outside.positive)
    .div(alpha)
    .add(part(beta, outside.negative), { alpha: 1 / beta });
}

/** The derivatives of these terms' sum with respect to each similarity, without their sign, [B, B]. Does not learn. */
export function multiSimilarityWeights(similarity: Tensor, outside: OutsidePairs, { alpha, beta, base }: Steepness): Tensor {
  const share = (steepness: number, places: Tensor): Tensor =>
    similarity
      .mul(steepness)
      .maskedFill_(places, LOW)
      .fillDiagonal_(steepness * base)
      .softmax(1);
  return share(-alpha, outside.positive).add_(share(beta, outside.negative)).fillDiagonal_(0);
}
