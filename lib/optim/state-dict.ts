/** An optimizer's state in PyTorch's form. */

import { stateKey } from '../nn/state-key';
import { expected } from '../tensor/expected';
import { emptyLike } from '../tensor/generated/root';
import { camelCase } from '../tensor/names';
import { Tensor } from '../tensor/tensor';
import type { DeviceLike } from '../tensor/types';

/** What is remembered about a parameter: mostly tensors; L-BFGS also has numbers and lists. */
export type StateValue = Tensor | number | null | readonly (Tensor | null)[];

/** An optimizer's state in PyTorch's form: by the parameter's number, and the groups' settings. */
export interface OptimizerStateDict {
  state: Record<string, Record<string, StateValue>>;
  param_groups: Record<string, unknown>[];
}

/** A parameter's state under PyTorch's names; the tensors share their memory. */
export function savedState(values: object): Record<string, StateValue> {
  const entries = Object.entries(values as Record<string, StateValue | undefined>);
  return Object.fromEntries(entries.flatMap(([name, value]) => (value === undefined ? [] : [[savedName(name), detached(value)]])));
}

function detached(value: StateValue): StateValue {
  if (value instanceof Tensor) return value.detach();
  return isList(value) ? value.map((entry) => entry?.detach() ?? null) : value;
}

function isList(value: StateValue): value is readonly (Tensor | null)[] {
  return Array.isArray(value);
}

/** PyTorch's spelling; the scale of L-BFGS's first Hessian has a capital letter there. */
function savedName(name: string): string {
  return name === 'hDiag' ? 'H_diag' : stateKey(name);
}

function ownName(key: string): string {
  return key === 'H_diag' ? 'hDiag' : camelCase(key);
}

/** How an optimizer's state is laid out. */
export interface StateLayout {
  /** States that are one number, under our names: they keep their dtype. */
  readonly scalars: readonly string[];
  /** Where those lie. */
  readonly scalarDevice: DeviceLike;
  /** Whether there are numbers, lists, and tensors of other shapes than the parameter's. */
  readonly free: boolean;
}

/**
 * A parameter's state from PyTorch's form: copies on the parameter's device, and of its dtype but for scalars. What is none in
 * PyTorch is not there.
 *
 * @throws for what is no tensor, and for tensors that do not fit the parameter
 */
export function loadedState(
  values: Record<string, StateValue>,
  param: Tensor,
  number: number,
  { scalars, scalarDevice, free }: StateLayout,
): Record<string, StateValue> {
  const shape = param.shape.join(', ');
  const copy = (key: string, value: Tensor): Tensor => {
    const isScalar = scalars.includes(ownName(key));
    if (isScalar && value.numel() !== 1) throw expected('a single number', `${key} of parameter ${number}`, value);
    if (!isScalar && !free && value.shape.join(', ') !== shape)
      throw expected(`a tensor of the parameter's shape [${shape}]`, `${key} of parameter ${number}`, value);
    const scalarType = key === 'step' ? 'float32' : value.dtype;
    if (!isScalar && !free) return emptyLike(param).copy_(value).keep(); // in the parameter's order of memory, as steps walk them
    const place = isScalar ? { device: scalarDevice, dtype: scalarType } : { device: param.device, dtype: param.dtype };
    return value
      .to({ ...place, copy: true })
      .detach()
      .keep();
  };
  const load = (key: string, value: StateValue): StateValue => {
    if (value instanceof Tensor) return copy(key, value);
    if (free && typeof value === 'number') return value;
    if (free && isList(value)) return value.map((entry) => (entry === null ? null : copy(key, entry)));
    throw expected('a tensor', `${key} of parameter ${number}`, value);
  };
  return Object.fromEntries(Object.entries(values).flatMap(([key, value]) => (value === null ? [] : [[ownName(key), load(key, value)]])));
}
