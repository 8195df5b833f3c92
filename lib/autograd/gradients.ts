/** The gradients of many tensors in one native call: what optimizers need at every step. */

import { addon } from '../native';
import { prepare } from '../tensor/context';
import { FIRST_CELL } from '../tensor/protocol';
import { beginSide, putTensors, takeTensors } from '../tensor/runtime';
import type { Tensor } from '../tensor/tensor';

/** The accumulated gradient of each tensor, null where there is none. */
export function getGrads(tensors: readonly Tensor[]): (Tensor | null)[] {
  prepare();
  beginSide();
  putTensors(FIRST_CELL, tensors);
  addon.getGrads();
  return takeTensors();
}

/** Forgets the accumulated gradient of each tensor, or fills it with zeros. */
export function zeroGrads(tensors: readonly Tensor[], { setToNone = true }: { setToNone?: boolean } = {}): void {
  prepare();
  beginSide();
  putTensors(FIRST_CELL, tensors);
  addon.zeroGrads(setToNone);
}
