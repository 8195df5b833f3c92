import { checkedOptions } from '../tensor/checked';
import type { Tensor } from '../tensor/tensor';
import { cosineSimilarity, pairwiseDistance } from './functional';
import { Module } from './module';

export interface CosineSimilarityOptions {
  /** The dimension of the vectors. Default 1. */
  dim?: number;
  /** Norms below it count as it. Default 1e-8. */
  eps?: number;
}

/**
 * The cosine of the angle between vectors: `x1 x2 / (max(|x1|, eps) max(|x2|, eps))`.
 *
 * Shapes: inputs of one shape, or that broadcast; the output is without `dim`.
 */
export class CosineSimilarity extends Module {
  readonly dim: number;
  readonly eps: number;

  constructor(options?: CosineSimilarityOptions) {
    super();
    const { dim = 1, eps = 1e-8 } = checkedOptions(options, 'CosineSimilarity');
    this.dim = dim;
    this.eps = eps;
  }

  override forward(x1: Tensor, x2: Tensor): Tensor {
    return cosineSimilarity(x1, x2, this.dim, this.eps);
  }
}

export interface PairwiseDistanceOptions {
  /** Degree of the norm. Default 2. */
  p?: number;
  /** Added to the differences. Default 1e-6. */
  eps?: number;
  /** Keep the last dimension, with size 1. Default false. */
  keepdim?: boolean;
}

/**
 * The distance between vectors row by row: `|x1 - x2 + eps|_p`.
 *
 * Shapes: inputs [N, D] or [D], output [N], or [N, 1] with `keepdim`.
 */
export class PairwiseDistance extends Module {
  readonly norm: number;
  readonly eps: number;
  readonly keepdim: boolean;

  constructor(options?: PairwiseDistanceOptions) {
    super();
    const { p = 2, eps = 1e-6, keepdim = false } = checkedOptions(options, 'PairwiseDistance');
    this.norm = p;
    this.eps = eps;
    this.keepdim = keepdim;
  }

  override forward(x1: Tensor, x2: Tensor): Tensor {
    return pairwiseDistance(x1, x2, this.norm, this.eps, this.keepdim);
  }
}
