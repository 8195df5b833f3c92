/** `torch.samplers`: selection and mixing of pairs, batches and labels, and draws from given uniform numbers. */

export { classDependentLabelNoise, type LabelNoiseOptions, uniformLabelNoise } from './label-noise';
