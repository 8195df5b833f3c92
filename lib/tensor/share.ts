/** Tensors between worker threads: no copy, the memory is shared. */

import { addon } from '../native';
import { prepare } from './context';
import { expected } from './expected';
import { cellAt, putTensor, takeCell } from './runtime';
import { Tensor } from './tensor';

/** What travels through `postMessage`: `torch.receive` on the other side makes a tensor of it, once. */
export interface SharedTensor {
  readonly torchwrightTensor: number;
}

/**
 * A message that brings a tensor to another worker thread, without a copy: both sides then see one memory. Memory that
 * belongs to a JavaScript typed array is copied. A tensor that was recorded by autograd arrives detached.
 *
 * ```ts
 * worker.postMessage({ weights: torch.share(weights) }); // there: torch.receive(message.weights)
 * ```
 * Each message must be received, or taken back with `revoke`: until then it holds the memory.
 */
export function share(tensor: Tensor): SharedTensor {
  if (!(tensor instanceof Tensor)) throw expected('a tensor', 'share', tensor);
  putTensor(cellAt(0), tensor);
  return { torchwrightTensor: addon.share() };
}

/** The tensor of a message. @throws when it was received or revoked before */
export function receive(message: SharedTensor): Tensor {
  prepare();
  addon.receive(idOf(message));
  return takeCell(0) as Tensor;
}

/** Takes back a message that nobody will receive. Returns false when it was received already. */
export function revoke(message: SharedTensor): boolean {
  return addon.revoke(idOf(message));
}

function idOf(message: SharedTensor): number {
  const id: unknown = (message as SharedTensor | null)?.torchwrightTensor;
  if (typeof id !== 'number') throw expected('a message made by torch.share', 'receive', message);
  return id;
}
