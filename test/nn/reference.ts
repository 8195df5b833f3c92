/** What PyTorch's layers, functions and initialisation give, as `reference.py` recorded it. */

import * as torch from '../../lib';
import type { StateDict } from '../../lib/nn';
import reference from './reference.json';

export interface StoredTensor {
  readonly dtype: torch.DType;
  readonly shape: readonly number[];
  readonly data: readonly (number | boolean)[];
}

export type StoredState = Readonly<Record<string, StoredTensor>>;

export interface LayerCase {
  readonly layer: string;
  readonly args: readonly unknown[];
  readonly options: object;
  readonly repr: string;
  readonly state: StoredState;
  readonly first: StoredTensor;
  readonly input: StoredTensor;
  readonly output: StoredTensor;
  readonly gradInput: StoredTensor;
  readonly grads: StoredState;
  readonly stateAfter: StoredState;
  readonly evaluated: StoredTensor;
}

export interface FunctionCase {
  readonly function: string;
  readonly inputs: readonly (StoredTensor | { readonly value: unknown })[];
  readonly options: object;
  readonly tensors: StoredState;
  readonly output: StoredTensor;
  readonly grads: readonly (StoredTensor | null)[];
}

export interface InitialiserCase {
  readonly name: string;
  readonly options: object;
  readonly value: StoredTensor;
}

interface Reference {
  readonly layers: readonly LayerCase[];
  readonly functions: readonly FunctionCase[];
  readonly initial: Readonly<Record<'Linear' | 'Conv2d' | 'Sequential', StoredState>>;
  readonly initialisers: readonly InitialiserCase[];
  readonly dropout: StoredTensor;
}

export const { layers, functions, initial, initialisers, dropout } = reference as unknown as Reference;

export function restore({ dtype, shape, data }: StoredTensor): torch.Tensor {
  return torch.tensor(data, { dtype }).reshape(shape);
}

export function restoreState(state: StoredState): StateDict {
  return Object.fromEntries(Object.entries(state).map(([key, value]) => [key, restore(value)]));
}

/** The numbers that the recorded outputs were weighted with before going backward. */
export function weightsOf(output: torch.Tensor): torch.Tensor {
  return torch.linspace(-1, 1, output.numel(), { dtype: output.dtype }).reshape(output.shape);
}
