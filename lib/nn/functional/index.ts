/**
 * `torch.nn.functional` in PyTorch's calling convention: what PyTorch requires is positional, the rest one options object.
 * Operators of libtorch that are so by their schema are passed on as they are.
 */

import * as root from '../../tensor/generated/root';
import { nnFunctional } from '../../tensor/operators';

export * from './activation';
export * from './attention';
export * from './avg-pooling';
export * from './dropout';
export * from './embedding-bag';
export * from './grid';
export * from './interpolate';
export * from './layers';
export * from './loss';
export * from './max-pooling';
export * from './normalisation';
export * from './padding';
export type { Reduction, ReductionOptions } from './reduction';
export type { Sizes } from './sizes';
export * from './windows';

export const {
  // biome-ignore format: one line per kind
  conv1d,
  conv2d,
  conv3d,
  convTranspose1d,
  convTranspose2d,
  convTranspose3d,
  convTbc,
  // biome-ignore format: one line per kind
  bilinear,
  cosineSimilarity,
  hardshrink,
  pairwiseDistance,
  pdist,
  pixelShuffle,
  pixelUnshuffle,
  channelShuffle,
  prelu,
  rmsNorm,
} = root;

export const {
  // biome-ignore format: one line per kind
  gelu,
  glu,
  linear,
  scaledDotProductAttention,
  softplus,
  softshrink,
} = nnFunctional;
