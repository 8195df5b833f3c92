/** `torch.samplers`: selection and mixing of pairs, batches and labels, and draws from given uniform numbers. */

export type { MetrixMode, MetrixTuples } from '../nn/metric-learning/mixed-tuples';
export {
  type BoxAndWhiskerFilterOptions,
  boxAndWhiskerFilter,
  type PairSimilarities,
  type PairSimilaritiesOptions,
  pairSimilarities,
} from '../nn/metric-learning/pair-similarities';
export type { PairMasks } from '../nn/metric-learning/pairs';
export { type SampledClasses, type SampledClassesOptions, sampledClasses } from '../nn/metric-learning/sampled-classes';
export { type GaussianPseudoNegativesOptions, gaussianPseudoNegatives } from './gaussian-pseudo-negatives';
export { classDependentLabelNoise, type LabelNoiseOptions, uniformLabelNoise } from './label-noise';
export { type MetrixTuplesOptions, metrixTuples } from './metrix-tuples';
export { mixup } from './mixup';
export { type MultiSimilarityPairsOptions, multiSimilarityPairs } from './multi-similarity-pairs';
