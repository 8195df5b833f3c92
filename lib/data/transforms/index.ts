/** Changes of images, one [C, H, W] or a batch [N, C, H, W]: torchvision's. */

export { Compose } from './compose';
export { CenterCrop, ConvertDtype, Grayscale, Normalize, Pad, Resize } from './fixed';
export * as functional from './functional';
export { GaussianBlur, type RandomBlurOptions } from './gaussian-blur';
export { CutMix, type MixOptions, MixUp } from './mix';
export { RandAugment, type RandAugmentOptions } from './rand-augment';
export { ColorJitter, type ColorJitterOptions, RandomGrayscale, type Strength } from './random-color';
export { RandomCrop, type RandomCropOptions } from './random-crop';
export { RandomErasing, type RandomErasingOptions } from './random-erasing';
export { type RandomFlipOptions, RandomHorizontalFlip, RandomVerticalFlip } from './random-flip';
export { RandomResizedCrop, type RandomResizedCropOptions } from './random-resized-crop';
export {
  RandomAffine,
  type RandomAffineOptions,
  RandomPerspective,
  type RandomPerspectiveOptions,
  RandomRotation,
  type RandomRotationOptions,
} from './random-warp';
export { RandomTransform, type Range, type Transform } from './transform';
export type { RandomOptions } from './with-generator';
