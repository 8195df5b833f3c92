/** Operators in a lower precision where that is safe. */

import { type ModeGuard, runInContext } from '../autograd/modes';
import { addon } from '../native';
import { checkedOptions } from '../tensor/checked';
import { type Autocast, currentContext } from '../tensor/context';
import { dtypeCode, dtypeName, parseDevice } from '../tensor/dtype';
import { expected } from '../tensor/expected';
import { checkedFlag } from '../tensor/settings';
import type { DType } from '../tensor/types';

/** What has an autocast. */
export type AutocastDevice = 'cpu' | 'cuda';

export interface AutocastOptions {
  /** What matrix products, convolutions and the like run in. Default: bfloat16 on the CPU, float16 on CUDA. */
  dtype?: 'bfloat16' | 'float16';
  /** False turns autocast off within another. Default true. */
  enabled?: boolean;
  /** Remember casts of parameters, so that each is made once. Default true. */
  cacheEnabled?: boolean;
}

const DEVICES: readonly AutocastDevice[] = ['cpu', 'cuda'];
const OFF = -1;

/** What libtorch uses when nothing is said, by device: it remembers what it was told last, so it is asked once, at first. */
const defaults = new Map<number, number>();

function defaultDtype(type: number): number {
  let dtype = defaults.get(type);
  if (dtype === undefined) {
    dtype = addon.autocastDtype(type);
    defaults.set(type, dtype);
  }
  return dtype;
}

/**
 * Runs `fn` with automatic mixed precision: operators that gain from it get their inputs in `dtype`, those that need the range
 * of float32 get float32, all others what comes (the lists are libtorch's). Parameters stay in float32; gradients have their
 * dtype. Only the forward pass and the loss belong in it.
 *
 * ```ts
 * const loss = torch.autocast('cpu', { dtype: 'bfloat16' }, () => criterion(model.forward(x), y));
 * loss.backward();
 * ```
 *
 * As other modes it survives exceptions and follows `await`; without `fn` it lasts until the end of the block that it is `using`.
 *
 * @throws for devices without autocast and dtypes other than the two
 */
export function autocast(device: AutocastDevice, options?: AutocastOptions): ModeGuard;
export function autocast<R>(device: AutocastDevice, fn: () => R): R;
export function autocast<R>(device: AutocastDevice, options: AutocastOptions, fn: () => R): R;
export function autocast<R>(device: AutocastDevice, first?: AutocastOptions | (() => R), second?: () => R): R | ModeGuard {
  const [options, fn] = typeof first === 'function' ? [{}, first] : [checkedOptions(first, 'autocast'), second];
  return runInContext({ autocast: next(device, options) }, fn, 'autocast');
}

function next(device: AutocastDevice, { dtype, enabled = true, cacheEnabled }: AutocastOptions): Autocast {
  const type = typeOf(device);
  if (dtype !== undefined && dtype !== 'bfloat16' && dtype !== 'float16') throw expected("'bfloat16' or 'float16'", 'dtype', dtype);
  const before = currentContext().autocast;
  const usual = defaultDtype(type);
  const code = dtype === undefined ? usual : dtypeCode(dtype);
  return {
    dtypes: new Map([...(before?.dtypes ?? []), [type, checkedFlag('enabled', enabled) ? code : OFF]]),
    cache: checkedFlag('cacheEnabled', cacheEnabled ?? before?.cache ?? true),
  };
}

/** Whether operators of a device are autocast here. */
export function isAutocastEnabled(device: AutocastDevice): boolean {
  return (currentContext().autocast?.dtypes.get(typeOf(device)) ?? OFF) !== OFF;
}

/** What autocast on a device uses here, or would use. */
export function getAutocastDtype(device: AutocastDevice): DType {
  const type = typeOf(device);
  const here = currentContext().autocast?.dtypes.get(type) ?? OFF;
  return dtypeName(here === OFF ? defaultDtype(type) : here);
}

function typeOf(device: AutocastDevice): number {
  if (!DEVICES.includes(device)) throw expected("'cpu' or 'cuda'", 'the device of autocast', device);
  return parseDevice(device).type;
}
