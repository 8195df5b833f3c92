/** Batches and samples are tensors in arrays and plain objects. */

import { Tensor } from '../tensor/tensor';

/** The same structure with every tensor replaced. Anything else stays what it is. */
export function mapTensors(value: unknown, replace: (tensor: Tensor) => unknown): unknown {
  if (value instanceof Tensor) return replace(value);
  if (Array.isArray(value)) return value.map((part) => mapTensors(part, replace));
  if (!isPlain(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, mapTensors(part, replace)]));
}

/** An object made by `{...}`, in any realm. */
export function isPlain(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}
