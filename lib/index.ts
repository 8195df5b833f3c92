/** torchwright: libtorch for TypeScript. */

import './tensor/callbacks';

export * from './tensor/generated/root';
export { fft, linalg, nested, sparse, special } from './tensor/operators';
export { Tensor, type BackwardOptions, type HookHandle, type ToOptions } from './tensor/tensor';
export { Slice, slice, type IndexItem } from './tensor/indexing';
export {
  defaultDtype as getDefaultDtype,
  type FromDataOptions,
  type FromTypedArrayOptions,
  fromBlob,
  fromTypedArray,
  setDefaultDtype,
  tensor,
  type TensorData,
} from './tensor/creation';
export type { NestedArray, TypedArray } from './tensor/read';
export type { Complex, DeviceLike, DeviceType, DType, Int, Layout, MemoryFormat, Scalar, TensorOptions } from './tensor/types';
export { defaultGenerator, Generator, getRngState, initialSeed, manualSeed, setRngState } from './tensor/generator';
export { Scope, scope } from './tensor/scope';
export { type DeviceMemory, memory, type MemoryReport } from './tensor/memory';
export { type PrintOptions, setPrintOptions } from './tensor/print';
export { receive, revoke, share, type SharedTensor } from './tensor/share';
export { backwardAsync, itemAsync, runAsync, runAsync as async, toTypedArrayAsync } from './tensor/tasks';
export {
  areDeterministicAlgorithmsEnabled,
  backends,
  getFloat32MatmulPrecision,
  getNumInteropThreads,
  getNumThreads,
  type MatmulPrecision,
  parallelInfo,
  setFloat32MatmulPrecision,
  setFlushDenormal,
  setNumThreads,
  showConfig,
  useDeterministicAlgorithms,
} from './tensor/settings';
export { ops, type OperatorNamespace, type OperatorOverload, type OperatorPacket } from './tensor/ops';
export {
  detectAnomaly,
  enableGrad,
  inferenceMode,
  isGradEnabled,
  isInferenceModeEnabled,
  type ModeGuard,
  noGrad,
  setDetectAnomaly,
  setGradEnabled,
} from './autograd/modes';
