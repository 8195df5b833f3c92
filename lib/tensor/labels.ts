/** Class numbers, bag numbers and other places in a list, refused at the door when they lie outside it. */

import { addon } from '../native';
import { checkedTensor } from './checked';
import { isFloatingDType } from './dtype';
import { expected } from './expected';
import { FIRST_CELL } from './protocol';
import { putTensor } from './runtime';
import { checkNotEmpty, checkShapes } from './shapes';
import type { Tensor } from './tensor';

/**
 * Refuses what is no tensor of whole numbers from `low` to below `high`. Tensors on other devices than the CPU are not looked into: to read
 * them here would wait for the device. What indexes with them complains there.
 *
 * @throws `Expected integer labels in [0, 10) but received 12 at index 3`
 */
export function checkLabels(labels: Tensor, high: number, name = 'labels', low = 0): void {
  checkWhole(labels, name);
  putTensor(FIRST_CELL, labels);
  const place = addon.firstOutside(low, high - 1);
  if (place < 0) return;
  const value = labels.detach().flatten().select(0, place).item();
  throw new RangeError(`Expected integer ${name} in [${low}, ${high}) but received ${value} at index ${place}`);
}

/** Refuses what is no tensor of whole numbers, of whatever size. */
export function checkWhole(labels: Tensor, name = 'labels'): void {
  const { dtype } = checkedTensor(labels, name);
  if (dtype === 'bool' || isFloatingDType(dtype) || dtype.startsWith('complex')) throw expected('a tensor of whole numbers', name, labels);
}

/** Refuses what is no [N] of one or more scores, and labels that are not as many zeros and ones. */
export function checkBinary(scores: Tensor, labels: Tensor, name = 'probabilities'): void {
  checkShapes([name, scores, 'N'], ['labels', labels, 'N']);
  checkNotEmpty(scores, name);
  checkLabels(labels, 2);
}
