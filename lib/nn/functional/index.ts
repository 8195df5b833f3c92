/**
 * `torch.nn.functional` in PyTorch's calling convention: what PyTorch requires is positional, the rest one options object.
 * Operators of libtorch that are so by their schema are passed on as they are.
 */

import * as root from '../../tensor/generated/root';
import { nnFunctional } from '../../tensor/operators';

export * from './activation';
export * from './layers';
export * from './loss';
export type { Reduction, ReductionOptions } from './reduction';

export const {
  // biome-ignore format: one line per kind
  adaptiveAvgPool1d,
  adaptiveMaxPool1d,
  avgPool1d,
  maxPool1d,
  maxPool2d,
  maxPool3d,
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
  threshold,
} = root;

export const {
  // biome-ignore format: one line per kind
  adaptiveAvgPool2d,
  adaptiveAvgPool3d,
  adaptiveMaxPool2d,
  adaptiveMaxPool3d,
  avgPool2d,
  avgPool3d,
  maxUnpool2d,
  maxUnpool3d,
  // biome-ignore format: one line per kind
  gelu,
  glu,
  linear,
  scaledDotProductAttention,
  softplus,
  softshrink,
} = nnFunctional;
