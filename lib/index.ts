/** torchwright: libtorch for TypeScript. */

import './tensor/callbacks';

export * as amp from './amp';
export { type AutocastDevice, type AutocastOptions, autocast, getAutocastDtype, isAutocastEnabled } from './amp/autocast';
export * as autograd from './autograd';
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
export * as cuda from './cuda';
export * as data from './data';
export * as inductor from './inductor';
export * as io from './io';
export * as jit from './jit';
export * as losses from './losses';
export * as methods from './methods';
export * as metrics from './metrics';
export * as models from './models';
export * as nn from './nn';
export * as optim from './optim';
export * as samplers from './samplers';
export {
  defaultDtype as getDefaultDtype,
  type FromDataOptions,
  type FromTypedArrayOptions,
  fromBlob,
  fromTypedArray,
  setDefaultDtype,
  type TensorData,
  tensor,
} from './tensor/creation';
export * from './tensor/generated/root';
export { defaultGenerator, Generator, getRngState, initialSeed, manualSeed, setRngState } from './tensor/generator';
export { type IndexItem, Slice, slice } from './tensor/indexing';
export { type DeviceMemory, type MemoryReport, memory } from './tensor/memory';
export { fft, linalg, nested, sparse, special } from './tensor/operators';
export { type OperatorNamespace, type OperatorOverload, type OperatorPacket, ops } from './tensor/ops';
export { type PrintOptions, setPrintOptions } from './tensor/print';
export type { NestedArray, TypedArray } from './tensor/read';
export { Scope, scope } from './tensor/scope';
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
export { receive, revoke, type SharedTensor, share } from './tensor/share';
export { backwardAsync, itemAsync, runAsync, runAsync as async, toTypedArrayAsync } from './tensor/tasks';
export { type BackwardOptions, type HookHandle, Tensor, type ToOptions } from './tensor/tensor';
export type { Complex, DeviceLike, DeviceType, DType, Int, Layout, MemoryFormat, Scalar, TensorOptions } from './tensor/types';
export * as train from './train';
