/** Datasets, loaders and progress. */

export { type Collated, collate } from './collate';
export type { BatchedDataset, Dataset } from './dataset';
export { type Idx, type IdxArray, parseIdx, readIdx } from './idx';
export { type BatchOf, DataLoader, type DataLoaderOptions, type SampleOf } from './loader';
export { digits, fashionMnist, type ImageDatasets, type LabelledImages, type MnistOptions, mnist } from './mnist';
export { Progress, type ProgressOptions, type ProgressStatus, progress } from './progress';
export { steps } from './steps';
export { TensorDataset } from './tensor-dataset';
export { type Zippable, zip } from './zip';
