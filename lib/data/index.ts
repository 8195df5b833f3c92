/** Datasets, samplers, loaders and progress. */

export { generator } from './batch-random';
export { CharacterText, tinyShakespeare } from './character-text';
export { type Cifar100Options, cifar10, cifar100 } from './cifar';
export { type Collated, collate } from './collate';
export { ConcatDataset } from './concat-dataset';
export {
  type CategoryColumn,
  type CsvColumn,
  type CsvColumnKind,
  type CsvOptions,
  CsvTable,
  csvTable,
  type NumberColumn,
  type TextColumn,
} from './csv-table';
export type { AnyDataset, BatchedDataset, Dataset, IterableDataset, SampleOf } from './dataset';
export { type DiabetesDataset, diabetes } from './diabetes';
export { type EthUcyDatasets, type EthUcyScene, ethUcy } from './eth-ucy';
export type { DatasetOptions } from './find-files';
export { type Idx, type IdxArray, parseIdx, readIdx } from './idx';
export { ImageFolder, type ImageFolderOptions } from './image-folder';
export type { Indices } from './indices';
export type { ImageDatasets, LabelledImages } from './labelled-images';
export { type BatchOf, DataLoader } from './loader';
export type { DataLoaderOptions, WorkerModule } from './loader-options';
export type { DataLoaderState } from './loader-state';
export { digits, fashionMnist, kmnist, mnist } from './mnist';
export { type OmniglotDatasets, type OmniglotOptions, omniglot } from './omniglot';
export { Progress, type ProgressOptions, type ProgressStatus, progress } from './progress';
export { randomSplit } from './random-split';
export type { Randomness } from './randomness';
export { decodeImage, type ReadImageOptions, readImage } from './read-image';
export * from './samplers';
export { steps } from './steps';
export { Subset } from './subset';
export { TensorDataset } from './tensor-dataset';
export { type TokenBlock, TokenBlocks } from './token-blocks';
export { readTrajectories, type TrajectoryBatch, type TrajectoryOptions, TrajectoryWindows } from './trajectories';
export * as transforms from './transforms';
export { type WorkerInfo, workerInfo } from './workers/info';
export { DataWorkerError } from './workers/worker-error';
export { type Zippable, zip } from './zip';
