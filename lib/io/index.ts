/** Files of tensors, images and logs. */

export {
  type CheckpointParts,
  type CheckpointValues,
  type LoadCheckpointOptions,
  loadCheckpoint,
  type SaveCheckpointOptions,
  type Stateful,
  saveCheckpoint,
} from './checkpoint/checkpoint';
export { Checkpoints, type CheckpointsOptions, type KeepCheckpointOptions } from './checkpoint/checkpoints';
export { type MakeGridOptions, makeGrid } from './image/make-grid';
export { type EncodePngOptions, encodePng } from './image/png';
export { type SaveImageOptions, saveImage } from './image/save-image';
export { CsvLog } from './logs/csv-log';
export type { LogEntry, LogOptions } from './logs/entry';
export { JsonlLog } from './logs/jsonl-log';
export { type LoadNpyOptions, loadNpy, loadNpz } from './npy/load';
export { type SaveNpzOptions, saveNpy, saveNpz } from './npy/save';
export { type LoadPtOptions, loadPt } from './pt/load';
export { savePt } from './pt/save';
export * as safetensors from './safetensors';
export type { HistogramBins } from './tensorboard/histogram';
export {
  type AddHistogramOptions,
  type AddImageOptions,
  type AddScalarOptions,
  type EventOptions,
  SummaryWriter,
  type SummaryWriterOptions,
} from './tensorboard/summary-writer';
