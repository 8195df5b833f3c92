/** What the transforms do, with given parameters: torchvision's functions. */

export { type GaussianBlurOptions, gaussianBlur, type Sigma } from './blur';
export {
  adjustBrightness,
  adjustContrast,
  adjustHue,
  adjustSaturation,
  adjustSharpness,
  autocontrast,
  equalize,
  invert,
  posterize,
  rgbToGrayscale,
  solarize,
} from './color';
export { normalize, type PerChannel, toDtype } from './dtype';
export { erase } from './erase';
export {
  centerCrop,
  crop,
  horizontalFlip,
  type Padding,
  type PaddingMode,
  type PadOptions,
  pad,
  type Size,
  verticalFlip,
} from './geometry';
export type { Fill, PerImage } from './image';
export { type Interpolation, type ResizedCropOptions, type ResizeOptions, resize, resizedCrop } from './resize';
export {
  type AffineOptions,
  affine,
  type Corners,
  type PerImagePair,
  perspective,
  type RotateOptions,
  rotate,
  type WarpInterpolation,
  type WarpOptions,
} from './warp';
