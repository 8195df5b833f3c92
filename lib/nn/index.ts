/** Modules, layers and their functions. */

import { nnFunctional } from '../tensor/operators';
import * as facade from './functional';

export * from './activation';
export { type AdaptiveLogSoftmaxOptions, type AdaptiveLogSoftmaxOutput, AdaptiveLogSoftmaxWithLoss } from './adaptive-log-softmax';
export {
  AdaptiveAvgPool1d,
  AdaptiveAvgPool2d,
  AdaptiveAvgPool3d,
  AdaptiveMaxPool1d,
  AdaptiveMaxPool2d,
  AdaptiveMaxPool3d,
  type AdaptiveMaxPoolOptions,
  type AdaptivePair,
  type AdaptiveTriple,
} from './adaptive-pool';
export { MultiheadAttention, type MultiheadAttentionOptions } from './attention';
export { AuxiliaryHead, type AuxiliaryHeadOptions } from './auxiliary-head';
export { AvgPool1d, AvgPool2d, AvgPool3d, type AvgPoolDivisorOptions, type AvgPoolOptions } from './avg-pool';
export { BatchNorm1d, BatchNorm2d, BatchNorm3d, type BatchNormOptions } from './batch-norm';
export { Bilinear } from './bilinear';
export { Conv1d, Conv2d, Conv3d, type ConvOptions, type PaddingMode } from './conv';
export {
  ConvTranspose1d,
  ConvTranspose2d,
  ConvTranspose3d,
  type ConvTransposeForwardOptions,
  type ConvTransposeOptions,
} from './conv-transpose';
export { CosineSimilarity, type CosineSimilarityOptions, PairwiseDistance, type PairwiseDistanceOptions } from './distance';
export { AlphaDropout, Dropout, Dropout1d, Dropout2d, Dropout3d, type DropoutOptions, FeatureAlphaDropout } from './dropout';
export { Embedding, type EmbeddingLayerOptions, type LookUpOptions, type PretrainedOptions } from './embedding';
export { EmbeddingBag, type EmbeddingBagInputOptions, type EmbeddingBagLayerOptions } from './embedding-bag';
export { FactoredOutputLayer, type FactoredOutputLayerOptions, type FactoredOutputLayerStep } from './factored-output-layer';
export { FeatureNormalization } from './feature-normalization';
export { Flatten, type FlattenOptions } from './flatten';
export { Fold, type FoldOptions, Unfold } from './fold';
export { FractionalMaxPool2d, FractionalMaxPool3d, type FractionalMaxPoolOptions } from './fractional-max-pool';
export type { AttentionOptions, MultiHeadAttentionForwardOptions } from './functional';
export { GroupNorm, type GroupNormOptions } from './group-norm';
export type { BackwardHook, ForwardHook, ForwardHookOptions, ForwardPreHook } from './hooks';
export { HyperbolicMlr, type HyperbolicMlrOptions } from './hyperbolic-mlr';
export { Identity } from './identity';
export * as init from './init';
export { InstanceNorm1d, InstanceNorm2d, InstanceNorm3d, type InstanceNormOptions } from './instance-norm';
export { LayerNorm, type LayerNormOptions } from './layer-norm';
export { type FactoryOptions, Linear, type LinearOptions } from './linear';
export { LocalResponseNorm } from './local-response-norm';
export * from './loss';
export { LPPool1d, LPPool2d, LPPool3d, type LPPoolOptions } from './lp-pool';
export { MaxPool1d, MaxPool2d, MaxPool3d, type MaxPoolOptions, type Pooled } from './max-pool';
export { MaxUnpool1d, MaxUnpool2d, MaxUnpool3d, type MaxUnpoolForwardOptions, type MaxUnpoolOptions } from './max-unpool';
export {
  AdaFaceHead,
  type AdaFaceHeadOptions,
  ArcFaceHead,
  ConstrainedSoftmaxHead,
  CosFaceHead,
  NormalizedSoftmaxHead,
  ProxyAnchorHead,
  type SampledHeadOptions,
  SFaceHead,
} from './metric-heads';
export { type LoadStateDictOptions, type LoadStateDictResult, Module, type ModuleToOptions, type StateDict } from './module';
export { ModuleDict } from './module-dict';
export { ModuleList } from './module-list';
export * from './padding';
export { Buffer, type BufferOptions, Parameter, type ParameterOptions } from './parameter';
export { ParameterDict } from './parameter-dict';
export { ParameterList } from './parameter-list';
export { PReLU, type PReLUOptions } from './prelu';
export * from './recurrent';
export { RMSNorm, type RMSNormOptions } from './rms-norm';
export { Sequential } from './sequential';
export { ChannelShuffle, PixelShuffle, PixelUnshuffle } from './shuffle';
export type { Pair, Single, Triple } from './sizes';
export { LogSoftmax, Softmax, Softmax2d, type SoftmaxDimOptions, Softmin } from './softmax';
export type { ModuleSummary, SummaryOptions, SummaryRow } from './summary';
export {
  TemperatureCalibrator,
  type TemperatureCalibratorLayerOptions,
  type TemperatureCalibratorOptions,
  temperatureCalibrator,
} from './temperature-calibrator';
export { ToPoincare, type ToPoincareLayerOptions, type ToPoincareOptions } from './to-poincare';
export * from './transformer';
export { Unflatten } from './unflatten';
export { Upsample, type UpsampleOptions, type UpsampleSizeOptions, UpsamplingBilinear2d, UpsamplingNearest2d } from './upsample';
export * as utils from './utils';

/** `torch.nn.functional`: PyTorch's functions, and libtorch's lower-level operators of that module under their own names. */
export const functional: Omit<typeof nnFunctional, keyof typeof facade> & typeof facade = { ...nnFunctional, ...facade };
