/** Vectors: their norm, one-hot ones, and those looked up in a table. */

import { noGrad } from '../../autograd/modes';
import { checkedOptions, checkedTensor } from '../../tensor/checked';
import { expected } from '../../tensor/expected';
import * as root from '../../tensor/generated/root';
import { nnFunctional } from '../../tensor/operators';
import type { Tensor } from '../../tensor/tensor';

export interface NormalizeOptions {
  /** Degree of the norm. Default 2. */
  p?: number;
  /** Default 1. */
  dim?: number;
  /** Norms below it count as it. Default 1e-12. */
  eps?: number;
}

/** `x / max(|x|_p, eps)` along `dim`. */
export function normalize(input: Tensor, options?: NormalizeOptions): Tensor {
  checkedTensor(input, 'input');
  const { p = 2, dim = 1, eps = 1e-12 } = checkedOptions(options, 'normalize');
  return input.div(input.norm(p, dim, { keepdim: true }).clampMin(eps).expandAs(input));
}

/** One-hot vectors, int64[*, numClasses], of class numbers. Default number of classes: the largest number plus one. */
export function oneHot(input: Tensor, options?: { numClasses?: number }): Tensor {
  const { numClasses = -1 } = checkedOptions(options, 'oneHot');
  return nnFunctional.oneHot(input, numClasses);
}

export interface EmbeddingOptions {
  /** Position that gets no gradient. Default: none. */
  paddingIdx?: number | null;
  /** Vectors that are looked up and have a larger norm are scaled down, in place. Default: none. */
  maxNorm?: number | null;
  /** Degree of that norm. Default 2. */
  normType?: number;
  /** Divide gradients by how often a vector is looked up. Default false. */
  scaleGradByFreq?: boolean;
  /** Give the weight a sparse gradient. Default false. */
  sparse?: boolean;
}

/** The rows of `weight` [V, D] at the positions in `input` [*]: [*, D]. */
export function embedding(input: Tensor, weight: Tensor, options?: EmbeddingOptions): Tensor {
  checkedTensor(input, 'input');
  const { paddingIdx = null, maxNorm = null, normType = 2, scaleGradByFreq = false, sparse = false } = checkedOptions(options, 'embedding');
  const vectors = checkedTensor(weight, 'weight').size(0);
  if (paddingIdx !== null && (!Number.isSafeInteger(paddingIdx) || paddingIdx < -vectors || paddingIdx >= vectors))
    throw expected(`a position from ${-vectors} to ${vectors - 1}`, 'paddingIdx', paddingIdx);
  const padding = paddingIdx === null ? -1 : paddingIdx < 0 ? vectors + paddingIdx : paddingIdx;
  if (maxNorm !== null) noGrad(() => root.embeddingRenorm_(weight.detach(), input.contiguous(), maxNorm, normType));
  return root.embedding(weight, input, padding, scaleGradByFreq, { sparse });
}
