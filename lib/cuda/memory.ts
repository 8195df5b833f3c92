/** Memory of CUDA devices, as libtorch's caching allocator counts it. Bytes. */

import { addon } from '../native';
import type { DeviceLike } from '../tensor/types';
import { deviceIndex, requireCuda } from './devices';

type Device = number | DeviceLike;

export type MemoryStats = ReturnType<typeof addon.memoryStats>;

/** All counters of a device. */
export function memoryStats(device?: Device): MemoryStats {
  return addon.memoryStats(deviceIndex(device, 'memoryStats'));
}

/** Bytes that tensors hold now. */
export function memoryAllocated(device?: Device): number {
  return addon.memoryStats(deviceIndex(device, 'memoryAllocated')).allocatedBytes.current;
}

/** The most that tensors held since the last reset. */
export function maxMemoryAllocated(device?: Device): number {
  return addon.memoryStats(deviceIndex(device, 'maxMemoryAllocated')).allocatedBytes.peak;
}

/** Bytes that the allocator holds, used or kept for later. */
export function memoryReserved(device?: Device): number {
  return addon.memoryStats(deviceIndex(device, 'memoryReserved')).reservedBytes.current;
}

/** Starts the peaks anew. */
export function resetPeakMemoryStats(device?: Device): void {
  addon.resetPeakStats(deviceIndex(device, 'resetPeakMemoryStats'));
}

/** Free and total bytes of a device, as the driver counts them. */
export function memGetInfo(device?: Device): { free: number; total: number } {
  return addon.memoryInfo(deviceIndex(device, 'memGetInfo'));
}

/** Gives unused memory of the allocator back to the driver. */
export function emptyCache(): void {
  requireCuda('emptyCache');
  addon.emptyCache();
}
