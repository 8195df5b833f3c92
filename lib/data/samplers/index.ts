export { BatchSampler, type BatchSamplerOptions } from './batch';
export { ClassBalancedBatchSampler, type ClassBalancedOptions } from './class-balanced';
export { PKBatchSampler, type PKOptions } from './p-k';
export { RandomSampler, type RandomSamplerOptions } from './random';
export type { BatchSource, Repeatable, Sampler } from './sampler';
export { SequentialSampler } from './sequential';
export type { Sized } from './sized';
export { SubsetRandomSampler } from './subset-random';
export { WeightedRandomSampler, type WeightedRandomSamplerOptions } from './weighted-random';
