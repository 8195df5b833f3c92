/** What PyTorch's layers and functions give, as `make.py` recorded it: all tables of this folder together. */

import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import * as torch from '../../../lib';
import type { StateDict } from '../../../lib/nn';

export interface StoredTensor {
  readonly dtype: torch.DType;
  readonly shape: readonly number[];
  readonly data: readonly (number | boolean)[];
}

/** A tensor, or several in one argument. */
export type StoredInput = StoredTensor | readonly StoredInput[];

/** An argument that is no tensor. */
export interface StoredValue {
  readonly value: unknown;
}

export type StoredState = Readonly<Record<string, StoredTensor>>;

/** A layer and how it is made. */
interface Made {
  readonly layer: string;
  readonly args: readonly unknown[];
  readonly options: object;
  readonly state: StoredState;
}

export interface LayerCase extends Made {
  /** The options that are tensors. */
  readonly tensors?: StoredState;
  readonly repr: string;
  readonly first: readonly StoredInput[];
  readonly inputs: readonly StoredInput[];
  /** The options of `forward`. */
  readonly keywords?: Readonly<Record<string, StoredTensor | StoredValue>>;
  readonly outputs: readonly StoredTensor[];
  /** As nested as the inputs. */
  readonly inputGrads: readonly unknown[];
  readonly keywordGrads?: Readonly<Record<string, StoredTensor | null>>;
  readonly grads: StoredState;
  readonly stateAfter: StoredState;
  readonly evaluated: readonly StoredTensor[];
}

export interface FunctionCase {
  readonly function: string;
  readonly inputs: readonly (StoredTensor | StoredValue)[];
  readonly options: object;
  readonly tensors: StoredState;
  readonly outputs: readonly StoredTensor[];
  readonly grads: readonly (StoredTensor | null)[];
}

interface Table {
  readonly layers: readonly LayerCase[];
  readonly functions: readonly FunctionCase[];
  /** What layers start from under seed 3. */
  readonly initial: readonly Made[];
  readonly values: Readonly<Record<string, unknown>>;
}

const names = readdirSync(__dirname).filter((name) => name.endsWith('.json'));
const tables = new Map(names.map((name) => [path.parse(name).name, JSON.parse(readFileSync(path.join(__dirname, name), 'utf8')) as Table]));

export const layers = [...tables.values()].flatMap((table) => table.layers);
export const functions = [...tables.values()].flatMap((table) => table.functions);
export const initial = [...tables.values()].flatMap((table) => table.initial);

/** What a table stores under names of its own. */
export function valuesOf<Values>(table: string): Values {
  return tables.get(table)?.values as Values;
}

export function restore({ dtype, shape, data }: StoredTensor): torch.Tensor {
  return torch.tensor(data, { dtype }).reshape(shape);
}

export function restoreState(state: StoredState): StateDict {
  return Object.fromEntries(Object.entries(state).map(([key, value]) => [key, restore(value)]));
}

/** In another floating-point type; integers and booleans stay what they are. */
export function as(dtype: torch.DType, tensor: torch.Tensor): torch.Tensor {
  return tensor.isFloatingPoint() ? tensor.to(dtype) : tensor;
}

/** The tensors of an output in order: of one, of an array, or of an object of results. */
export function flatOutputs(output: unknown): torch.Tensor[] {
  if (output instanceof torch.Tensor) return [output];
  if (typeof output !== 'object' || output === null) return [];
  return Object.values(output).flatMap(flatOutputs);
}

/** The sum over all outputs, each weighted with the numbers that the recorded ones were weighted with before going backward. */
export function weightedSum(outputs: readonly torch.Tensor[]): torch.Tensor {
  return outputs
    .filter((output) => output.requiresGrad)
    .map((output) => output.mul(torch.linspace(-1, 1, output.numel(), { dtype: output.dtype }).reshape(output.shape)).sum())
    .reduce((sum, term) => sum.add(term));
}
