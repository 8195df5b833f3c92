/** What tensors hold. */

import { addon } from '../native';
import { checkedOptions } from './checked';
import { collectAll } from './runtime';
import type { DeviceLike } from './types';

export interface DeviceMemory {
  readonly device: DeviceLike;
  /** Live tensors of this JavaScript thread. */
  readonly tensors: number;
  /** Bytes of their storages, each counted once. */
  readonly bytes: number;
}

export interface MemoryReport {
  readonly tensors: number;
  readonly bytes: number;
  readonly devices: readonly DeviceMemory[];
}

/**
 * Live tensors and bytes, in all and per device. Counted are the handles of this thread; what libtorch holds for itself
 * (gradients, saved tensors of a graph) has no handle until it is asked for.
 * @param options `collect`: collect garbage first. Default false.
 */
export function memory(options?: { collect?: boolean }): MemoryReport {
  if (checkedOptions(options, 'memory').collect === true) collectAll();
  const devices = addon.memory() as DeviceMemory[];
  const sum = (field: 'tensors' | 'bytes') => devices.reduce((total, device) => total + device[field], 0);
  return { tensors: sum('tensors'), bytes: sum('bytes'), devices };
}
