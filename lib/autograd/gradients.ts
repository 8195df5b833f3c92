/** The gradients of many tensors in one native call, for optimizers. */

import { addon } from '../native';
import { prepare } from '../tensor/context';
import { expected } from '../tensor/expected';
import { beginSide, cellAt, putTensors, takeTensors } from '../tensor/runtime';
import type { Tensor } from '../tensor/tensor';

/** `grad` of each tensor, null where there is none. */
export function getGrads(tensors: readonly Tensor[]): (Tensor | null)[] {
  prepare();
  beginSide();
  putTensors(cellAt(0), tensors);
  addon.getGrads();
  return takeTensors();
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
