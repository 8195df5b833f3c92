/** Arguments of the functions that are written by hand, refused at the door when they are of another kind. */

import { expected } from './expected';
import { Tensor } from './tensor';

const NONE = Object.freeze({});

/**
 * The options of a call, none when nothing was given: `const { beta = 1 } = checkedOptions(options, 'smoothL1Loss')`. Refuses null,
 * and what has no options in it and would be passed over in silence: a word, a number, a tensor that was meant for another place.
 */
export function checkedOptions<T extends object>(options: T | undefined, where: string): T {
  if (options === undefined) return NONE as T;
  if (!isOptions(options)) throw expected('an options object', where, options);
  return options;
}

/** Whether it can have options in it. */
export function isOptions(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !(value instanceof Tensor) && !Array.isArray(value);
}

/** What `stateDict` gave and `loadStateDict` got back. Refuses everything else than an object. */
export function checkedState<T extends object>(state: T, where: string): T {
  if (!isOptions(state)) throw expected('a state dict', `loadStateDict of ${where}`, state);
  return state;
}

/** The tensor, where methods are about to be called on it. */
export function checkedTensor(value: Tensor, where: string): Tensor {
  if (!(value instanceof Tensor)) throw expected('a tensor', where, value);
  return value;
}

/** The bytes: a `Uint8Array` of any realm, or a `Buffer`. */
export function checkedBytes(value: Uint8Array, where: string): Uint8Array {
  if (!ArrayBuffer.isView(value) || Object.prototype.toString.call(value) !== '[object Uint8Array]')
    throw expected('a Uint8Array', where, value);
  return value;
}
