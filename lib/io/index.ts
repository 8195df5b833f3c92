/** Files of tensors. */

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
export { type LoadNpyOptions, loadNpy, loadNpz } from './npy/load';
export { type SaveNpzOptions, saveNpy, saveNpz } from './npy/save';
export { type LoadPtOptions, loadPt } from './pt/load';
export { savePt } from './pt/save';
export * as safetensors from './safetensors';
