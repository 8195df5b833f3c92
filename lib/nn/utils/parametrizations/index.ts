/** `torch.nn.utils.parametrizations`: weights of given norm, and orthogonal ones. */

export { type OrthogonalMap, type OrthogonalOptions, orthogonal } from './orthogonal';
export { type SpectralNormOptions, spectralNorm } from './spectral-norm';
export { type WeightNormOptions, weightNorm } from './weight-norm';
