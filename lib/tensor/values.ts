/** Values inside tensors, for functions that have to look at them: they wait for the device, which a loss does not. */

import { checkedTensor } from './checked';
import { expected } from './expected';
import type { Tensor } from './tensor';

export interface RangeOptions {
  /** Refuse NaN too. Default false: it goes through a calculation and shows in the result. */
  refuseNaN?: boolean;
}

/**
 * Refuses numbers below `low` or above `high`.
 *
 * @throws `Expected beta in [0, 1] but received 1.2 at index 3`
 */
export function checkRange(tensor: Tensor, low: number, high: number, name: string, options: RangeOptions = {}): void {
  const values = checkedTensor(tensor, name).detach().flatten();
  if (values.numel() === 0) return;
  if (values.isComplex()) throw expected('a tensor of real numbers', name, tensor);
  const outside = options.refuseNaN ? values.ge(low).logicalAnd(values.le(high)).logicalNot() : values.lt(low).logicalOr(values.gt(high));
  const place = Number(outside.to('uint8').argmax().item());
  if (!outside.select(0, place).item()) return;
  throw new RangeError(`Expected ${name} in [${low}, ${high}] but received ${values.select(0, place).item()} at index ${place}`);
}

/**
 * Refuses numbers from `low` down; NaN goes through. Tensors on other devices than the CPU are not looked into: it is for losses, and to read
 * there would wait for the device.
 *
 * @throws `Expected temperatures above 0 but received -1 at index 3`
 */
export function checkAbove(tensor: Tensor, low: number, name: string): void {
  if (checkedTensor(tensor, name).device !== 'cpu' || tensor.numel() === 0) return;
  const values = tensor.detach();
  const least = values.min().item();
  if (typeof least !== 'number' && typeof least !== 'bigint') throw expected('a tensor of real numbers', name, tensor);
  if (least <= low)
    throw new RangeError(`Expected ${name} above ${low} but received ${least} at index ${values.flatten().argmin().item()}`);
}

/**
 * Refuses numbers below `low` or above `high`, as `checkRange`; but tensors on other devices than the CPU are not looked into: it is for
 * losses, and to read there would wait for the device.
 *
 * @throws `Expected bagResponses in [0, 1] but received 1.2 at index 3`
 */
export function checkWithin(tensor: Tensor, low: number, high: number, name: string): void {
  if (checkedTensor(tensor, name).device !== 'cpu' || tensor.numel() === 0 || tensor.isComplex()) return;
  const { min, max } = tensor.detach().aminmax();
  if (!(Number(min.item()) >= low && Number(max.item()) <= high)) checkRange(tensor, low, high, name);
}
