/** Values with tensors in them, as messages. The memory of tensors on the CPU is shared; others are copied there first. */

import { receive, revoke, type SharedTensor, share } from '../../tensor/share';
import { isPlain, mapTensors } from '../structure';

export function pack(value: unknown): unknown {
  return mapTensors(value, (tensor) => share(tensor.device === 'cpu' ? tensor : tensor.cpu()));
}

/** The value of a message, once. */
export function unpack(message: unknown): unknown {
  return mapShared(message, receive);
}

/** Gives up a message that nobody will unpack. */
export function discard(message: unknown): void {
  mapShared(message, revoke);
}

function mapShared(value: unknown, replace: (shared: SharedTensor) => unknown): unknown {
  if (Array.isArray(value)) return value.map((part) => mapShared(part, replace));
  if (!isPlain(value)) return value;
  if ('torchwrightTensor' in value) return replace(value as unknown as SharedTensor);
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, mapShared(part, replace)]));
}
