/** Which CUDA devices there are. */

import { addon } from '../native';
import { whyNoCuda } from '../tensor/accelerator';
import { parseDevice } from '../tensor/dtype';
import { expected } from '../tensor/expected';
import type { DeviceLike } from '../tensor/types';

/** Whether tensors can be put on a CUDA device. */
export function isAvailable(): boolean {
  return whyNoCuda() === null;
}

/** Number of CUDA devices; 0 without CUDA. */
export function deviceCount(): number {
  return isAvailable() ? addon.deviceCount() : 0;
}

/** @throws with the reason when there is no CUDA */
export function requireCuda(where: string): void {
  const why = whyNoCuda();
  if (why !== null) throw new Error(`cuda.${where}: CUDA is not available: ${why}`);
}

/** The number of a device given as a number or as `'cuda:1'`; -1 is the current one. */
export function deviceIndex(device: number | DeviceLike | undefined, where: string): number {
  requireCuda(where);
  if (device === undefined) return -1;
  if (typeof device === 'number') {
    if (!Number.isInteger(device) || device < 0 || device >= addon.deviceCount()) {
      throw expected(`a device from 0 to ${addon.deviceCount() - 1}`, where, device);
    }
    return device;
  }
  return parseDevice(device, where).index;
}

/** Number of the device that `'cuda'` means. */
export function currentDevice(): number {
  requireCuda('currentDevice');
  return addon.currentDevice();
}

/** Makes a device the one that `'cuda'` means. */
export function setDevice(device: number | DeviceLike): void {
  addon.setDevice(deviceIndex(device, 'setDevice'));
}

/** Waits until all work given to a device is done. */
export function synchronize(device?: number | DeviceLike): void {
  addon.synchronize(deviceIndex(device, 'synchronize'));
}

/** Name of a device, such as `'NVIDIA H100'`. */
export function getDeviceName(device?: number | DeviceLike): string {
  return addon.deviceName(deviceIndex(device, 'getDeviceName'));
}
