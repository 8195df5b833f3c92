/** Images with a class each, in a part for training and one for testing. */

import type { Tensor } from '../tensor/tensor';
import type { TensorDataset } from './tensor-dataset';

/** Images [n, channels, height, width], of the type that the loader says, and their class numbers, int64[n]. */
export type LabelledImages = TensorDataset<[images: Tensor, labels: Tensor]>;

export interface ImageDatasets {
  readonly train: LabelledImages;
  readonly test: LabelledImages;
  /** The names of the classes, by class number. */
  readonly classes: readonly string[];
  /** Where the files were found, and how they were split when they were. */
  readonly source: string;
}
