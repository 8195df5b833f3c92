/** The gradients of many tensors in one native call, for optimizers. */

import { addon } from '../native';
import { prepare } from '../tensor/context';
import { expected } from '../tensor/expected';
import { beginSide, cellAt, putTensors, takeTensors } from '../tensor/runtime';
import type { Tensor } from '../tensor/tensor';

/** Gradients of many tensors. */
export interface Grads {
  /** `grad` of each tensor, null where there is none. */
  readonly grads: (Tensor | null)[];
  /** Whether one of them is sparse. */
  readonly sparse: boolean;
}

/** `grad` of each tensor, null where there is none. */
export function getGrads(tensors: readonly Tensor[]): Grads {
  prepare();
  beginSide();
  putTensors(cellAt(0), tensors);
  const sparse = addon.getGrads();
  return { grads: takeTensors(), sparse };
}

/** The same where all have to be dense. `where`: for the refusal. */
export function denseGrads(tensors: readonly Tensor[], where: string): (Tensor | null)[] {
  const { grads, sparse } = getGrads(tensors);
  if (sparse)
    throw expected(
      'dense gradients',
      where,
      grads.find((grad) => grad !== null && grad.layout !== 'strided'),
    );
  return grads;
}

/**
 * Clears the gradients of all tensors.
 * @param setToNone drop them, so that the next backward makes new ones; false: fill them with zeros
 */
export function zeroGrads(tensors: readonly Tensor[], setToNone: boolean): void {
  if (typeof setToNone !== 'boolean') throw expected('a boolean', 'setToNone', setToNone);
  beginSide();
  putTensors(cellAt(0), tensors);
  addon.zeroGrads(setToNone);
}
