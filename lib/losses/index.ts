/** `torch.losses`: the differentiable objectives of the papers. */

export { type AdaFaceOptions, type AdaFaceResult, adaFaceLoss } from '../nn/metric-learning/adaface';
export {
  arcFaceLoss,
  type ConstrainedSoftmaxOptions,
  constrainedSoftmaxLoss,
  cosFaceLoss,
  type MarginHead,
  type MarginSoftmaxOptions,
  type NormalizedSoftmaxOptions,
  normalizedSoftmaxLoss,
} from '../nn/metric-learning/margin-softmax';
export type { MetrixMode } from '../nn/metric-learning/mixed-tuples';
export type { PairReduction, PairReductionOptions } from '../nn/metric-learning/pairs';
export { type ProxyAnchorOptions, proxyAnchorLoss } from '../nn/metric-learning/proxy-anchor';
export { type SFaceOptions, sfaceLoss } from '../nn/metric-learning/sface';
export type { SoftPairKind, SoftPairOptions } from '../nn/metric-learning/soft-pairs';
export {
  type AggregateLossOptions,
  bagLevelLoss,
  type InterpolatedAggregateOptions,
  instanceLevelLoss,
  interpolatedAggregateLoss,
  type ResponseLoss,
  type WithinBagSpreadOptions,
  withinBagSpread,
} from './aggregate-responses';
export { type AldrKlOptions, type AldrKlResult, aldrKlLoss } from './aldr';
export {
  type AnyLossFBetaOptions,
  type AnyLossOptions,
  anyLoss,
  anyLossAccuracy,
  anyLossBalancedAccuracy,
  anyLossFBeta,
  anyLossGMean,
} from './any-loss';
export {
  type BatchAllTripletOptions,
  type BatchHardTripletOptions,
  batchAllTripletLoss,
  batchHardTripletLoss,
} from './batch-triplet';
export { type CompSumOptions, compSumLoss, type MarginCompSumOptions, marginCompSumLoss } from './comp-sum';
export { type ContrastiveOptions, contrastiveLoss } from './contrastive';
export { type CorrectnessAwareOptions, correctnessAwareLoss } from './correctness-aware';
export {
  type DistillationKlOptions,
  distillationKlLoss,
  type FeatureDistillationOptions,
  featureDistillationLoss,
  type KnowledgeDistillationOptions,
  knowledgeDistillationLoss,
} from './distillation';
export {
  type BinaryKlOptions,
  binaryKlLoss,
  binaryKlNormLoss,
  type DualHeadDistillationOptions,
  type DualHeadDistillationResult,
  dualHeadDistillationLoss,
} from './dual-head-distillation';
export { type BinaryMarginKind, type BinaryMarginOptions, binaryMarginLoss, type EnsLossOptions, ensLoss } from './ens-loss';
export { type GeneralPairWeightingOptions, generalPairWeightingLoss } from './general-pair-weighting';
export { type GeneralizedCrossEntropyOptions, generalizedCrossEntropyLoss, softmaxMaeLoss } from './generalized-cross-entropy';
export {
  type ArcOptions,
  type HypCrossEntropyOptions,
  type HypOcOptions,
  type HypOcResult,
  type HypPairwiseConfusionOptions,
  hypCrossEntropyLoss,
  hypOcLoss,
  hypPairwiseConfusionLoss,
} from './hyp-oc';
export { type LdrKlOptions, type LdrNormalization, type LdrTopKKlOptions, ldrKlLoss, ldrTopKKlLoss } from './ldr';
export { type LiftedStructureOptions, liftedStructureLoss } from './lifted-structure';
export { logisticRegressionLoss } from './logistic-regression';
export { type MetrixOptions, type MetrixResult, metrixLoss } from './metrix';
export { type MixedPairOptions, mixedPairLoss } from './mixed-pair';
export { type MultiSimilarityOptions, multiSimilarityLoss } from './multi-similarity';
export { crammerSingerLoss, type MulticlassHingeOptions, type WestonWatkinsOptions, westonWatkinsLoss } from './multiclass-hinge';
export { type NPairOptions, nPairLoss } from './n-pair';
export {
  type AsymmetricOptions,
  asymmetricGeneralizedCrossEntropyLoss,
  asymmetricUnhingedLoss,
  type JensenShannonOptions,
  jensenShannonLoss,
  normalizedCrossEntropyLoss,
  type ReverseCrossEntropyOptions,
  reverseCrossEntropyLoss,
  type SymmetricCrossEntropyOptions,
  symmetricCrossEntropyLoss,
} from './noise-robust';
export { type PrototypicalLossOptions, prototypicalLoss } from './prototypical';
export { type SmoothAdversarialCompSumOptions, smoothAdversarialCompSumLoss } from './smooth-adversarial-comp-sum';
export { type SoftPairLossOptions, softPairLoss } from './soft-pair';
export {
  type SphericalFamilyOptions,
  type SphericalSoftmaxOptions,
  sphericalFamilyLoss,
  sphericalMseLoss,
  sphericalSoftmaxLoss,
  taylorSoftmaxLoss,
  type ZLossOptions,
  zLoss,
} from './spherical-family';
export {
  type IcnnLossOptions,
  icnnLoss,
  type ProtoTripletOptions,
  protoTripletLoss,
  type SusanaEpisodeOptions,
  type SusanaEpisodeResult,
  susanaEpisodeLoss,
} from './susana';
export {
  type SymFaceOptions,
  type SymFaceResult,
  type SymmetryLossOptions,
  symFaceLoss,
  symmetryLoss,
} from './sym-face';
export { type TripletHingeOptions, type TripletOptions, tripletLoss } from './triplet';
export { type MetricUnpgOptions, metricUnpgLoss, type UnifiedPairOptions, type UnpgOptions, unifiedPairLoss, unpgLoss } from './unpg';
