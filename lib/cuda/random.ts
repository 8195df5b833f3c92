/** Seeds of CUDA's generators. */

import { defaultGenerator } from '../tensor/generator';
import { currentDevice, deviceCount } from './devices';

/** Seeds the generator of the current device. Without CUDA nothing happens, as in PyTorch. */
export function manualSeed(seed: number | bigint): void {
  if (deviceCount() > 0) defaultGenerator(`cuda:${currentDevice()}`).manualSeed(seed);
}

/** Seeds the generators of all devices. */
export function manualSeedAll(seed: number | bigint): void {
  for (let i = 0; i < deviceCount(); i++) defaultGenerator(`cuda:${i}`).manualSeed(seed);
}
