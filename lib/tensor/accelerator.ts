/** Whether CUDA can be used, and if not, why. */

import { addon, libtorch } from '../native';

const CUDA = addon.deviceTypes().cuda;
let usable = false;

/** Why there is no CUDA, in a sentence; null when there is. */
export function whyNoCuda(): string | null {
  if (usable) return null;
  if (libtorch.cudaProblem !== null) return libtorch.cudaProblem;
  if (libtorch.cuda === null) {
    return `the libtorch in ${libtorch.lib} is a CPU build; \`npx torchwright libtorch install --cuda\` brings one for CUDA`;
  }
  if (addon.acceleratorName() !== 'cuda' || addon.deviceCount() === 0) {
    return `libtorch ${libtorch.version} for CUDA ${libtorch.cuda} finds no NVIDIA GPU, or no driver for it`;
  }
  usable = true;
  return null;
}

/** @throws when the device is a CUDA one and there is none; libtorch's own message is a page long */
export function requireDeviceType(type: number, device: string): void {
  if (type !== CUDA || usable) return;
  const why = whyNoCuda();
  if (why !== null) throw new Error(`Expected a device that is there but received '${device}': CUDA is not available, ${why}`);
}
