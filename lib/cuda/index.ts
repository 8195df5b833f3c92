/** `torch.cuda`: devices, memory, streams and events, through libtorch's device-generic API. */

export { whyNoCuda as whyUnavailable } from '../tensor/accelerator';
export { currentDevice, deviceCount, getDeviceName, isAvailable, setDevice, synchronize } from './devices';
export { CudaEvent as Event } from './event';
export {
  emptyCache,
  type MemoryStats,
  maxMemoryAllocated,
  memGetInfo,
  memoryAllocated,
  memoryReserved,
  memoryStats,
  resetPeakMemoryStats,
} from './memory';
export { manualSeed, manualSeedAll } from './random';
export { CudaStream as Stream, currentStream, stream } from './stream';
