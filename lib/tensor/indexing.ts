/** Indexing and assignment, with everything that PyTorch's brackets take. */

import { tensor as makeTensor, type TensorData } from './creation';
import { expected } from './expected';
import { Overload } from './overload';
import { Tensor } from './tensor';
import type { Scalar } from './types';

/** A range along a dimension, made by `slice`. */
export class Slice {
  readonly start: number | null;
  readonly stop: number | null;
  readonly step: number;

  constructor(start: number | null, stop: number | null, step: number) {
    this.start = start;
    this.stop = stop;
    this.step = step;
  }

  toString(): string {
    return `slice(${this.start}, ${this.stop}, ${this.step})`;
  }
}

/**
 * A range for `index`, as `start:stop:step` in Python: `slice(stop)`, `slice(start, stop)`, `slice(start, stop, step)`.
 * `null` is the end of the dimension; negative positions count from the end; the step is positive.
 */
export function slice(stop?: number | null): Slice;
export function slice(start: number | null, stop: number | null, step?: number | null): Slice;
export function slice(...args: (number | null | undefined)[]): Slice {
  const [start, stop] = args.length < 2 ? [null, args[0] ?? null] : [args[0] ?? null, args[1] ?? null];
  const step = args[2] ?? 1;
  for (const [name, value] of [
    ['start', start],
    ['stop', stop],
    ['step', step],
  ] as const) {
    if (value !== null && !Number.isInteger(value)) throw expected('a whole number or null', name, value);
  }
  if (step < 1) throw expected('a positive number', 'step', step);
  return new Slice(start, stop, step);
}

/** What stands between PyTorch's brackets. Arrays count as index tensors (of numbers) or masks (of booleans). */
export type IndexItem = number | bigint | boolean | null | '...' | Slice | Tensor | readonly TensorData[];

/** The view that the plain items leave, and the index tensors for its dimensions. */
interface Applied {
  view: Tensor;
  indices: (Tensor | null)[];
}

function apply(self: Tensor, items: readonly IndexItem[]): Applied {
  const converted = items.map((item, i) =>
    Array.isArray(item) ? indexTensor(self, item, i) : (item as Exclude<IndexItem, readonly TensorData[]>),
  );
  const given = converted.reduce<number>((sum, item) => sum + dimensionsOf(item), 0);
  const ndim = self.dim();
  if (given > ndim) throw new RangeError(`Expected at most ${ndim} indices for a tensor of ${ndim} dimensions but received ${given}`);
  if (converted.filter((item) => item === '...').length > 1) throw new RangeError("Expected at most one '...' among the indices");

  let view = self;
  let dim = 0;
  const indices: (Tensor | null)[] = [];
  const record = (index: Tensor): void => {
    while (indices.length < dim) indices.push(null);
    indices[dim++] = index;
  };
  for (const [i, item] of converted.entries()) {
    if (item === null) view = view.unsqueeze(dim++);
    else if (item === '...') dim += ndim - given;
    else if (typeof item === 'number' || typeof item === 'bigint') view = select(view, dim, item, i);
    else if (item instanceof Slice) {
      if (item.start !== null || item.stop !== null || item.step !== 1) view = view.slice(dim, item.start, item.stop, item.step);
      dim++;
    } else if (typeof item === 'boolean') {
      view = view.unsqueeze(dim);
      record(makeTensor([item ? 0 : 1], { dtype: 'int64', device: self.device }).narrow(0, 0, item ? 1 : 0));
    } else if (item instanceof Tensor) {
      const onDevice = item.device === self.device || item.device === 'cpu' ? item : item.to(self.device);
      const { dtype } = onDevice;
      if (dtype === 'bool' || dtype === 'uint8') {
        if (onDevice.dim() === 0) {
          view = view.unsqueeze(dim);
          record(onDevice.to('bool').unsqueeze(0).nonzero().select(1, 0));
        } else {
          checkMask(onDevice, view, dim, i);
          // A mask stands for as many dimensions as it has.
          for (const positions of onDevice.to('bool').nonzero().unbind(1)) record(positions);
        }
      } else if (dtype === 'int64' || dtype === 'int32' || dtype === 'int16' || dtype === 'int8') {
        // As in PyTorch the value is read: the result must be a view, for assignment.
        if (onDevice.dim() === 0) view = select(view, dim, onDevice.item() as number, i);
        else record(onDevice.to('int64'));
      } else throw expected('an index tensor of integers or booleans', `index ${i}`, item);
    } else throw expected("a number, slice, null, '...', boolean, tensor or array", `index ${i}`, item);
  }
  return { view, indices };
}

/** How many dimensions of the tensor an item stands for. */
function dimensionsOf(item: unknown): number {
  if (item === null || item === '...' || typeof item === 'boolean') return 0;
  if (item instanceof Tensor && (item.dtype === 'bool' || item.dtype === 'uint8')) return item.dim();
  return 1;
}

function indexTensor(self: Tensor, item: readonly TensorData[], position: number): Tensor {
  if (item.length === 0) return makeTensor([], { dtype: 'int64', device: self.device });
  const made = makeTensor(item as TensorData, { device: self.device });
  if (made.dtype !== 'bool' && made.dtype !== 'int64') throw expected('whole numbers or booleans', `index ${position}`, item);
  return made;
}

function select(view: Tensor, dim: number, index: number | bigint, position: number): Tensor {
  const size = view.size(dim);
  if (typeof index === 'number' && !Number.isInteger(index)) throw expected('a whole number', `index ${position}`, index);
  if (index < -size || index >= size) {
    throw new RangeError(`Expected an index from ${-size} to ${size - 1} for dimension ${dim} of size ${size} but received ${index}`);
  }
  return view.select(dim, index);
}

function checkMask(mask: Tensor, view: Tensor, dim: number, position: number): void {
  const covered = view.shape.slice(dim, dim + mask.dim());
  if (covered.join() === mask.shape.join()) return;
  throw new RangeError(
    `Expected a mask of shape [${covered.join(', ')}] for index ${position} but received one of shape [${mask.shape.join(', ')}]`,
  );
}

let indexOverload: Overload | null = null;
let indexPutOverload: Overload | null = null;

export function indexGet(self: Tensor, items: readonly IndexItem[]): Tensor {
  const { view, indices } = apply(self, items);
  if (indices.length === 0) return view === self ? self.alias() : view;
  indexOverload ??= Overload.find('aten::index', 'Tensor') as Overload;
  return indexOverload.call([view, indices])[0] as Tensor;
}

export function indexPut(self: Tensor, items: readonly IndexItem[], value: Tensor | Scalar, accumulate: boolean): void {
  if (!Array.isArray(items)) throw expected('an array of indices', 'indexPut_', items);
  const { view, indices } = apply(self, items);
  if (indices.length === 0) {
    assign(view, value, accumulate);
    return;
  }
  indexPutOverload ??= Overload.find('aten::index_put_', '') as Overload;
  const tensor = value instanceof Tensor ? value : makeTensor(value as TensorData, { dtype: self.dtype, device: self.device });
  const fitting = tensor.dtype === self.dtype ? tensor : tensor.to(self.dtype);
  indexPutOverload.call([view, indices, onSameDevice(fitting, self), accumulate]);
}

function assign(view: Tensor, value: Tensor | Scalar, accumulate: boolean): void {
  if (!(value instanceof Tensor)) {
    if (accumulate) view.add_(value);
    else view.fill_(value);
    return;
  }
  // Leading dimensions of one may be dropped: `x[0] = ones(1, 3)`.
  let source = value;
  while (source.dim() > view.dim() && source.size(0) === 1) source = source.squeeze(0);
  if (accumulate) view.add_(source);
  else view.copy_(source);
}

/** A number travels to any device; other tensors must be there already. */
function onSameDevice(value: Tensor, self: Tensor): Tensor {
  return value.dim() === 0 && value.device !== self.device ? value.to(self.device) : value;
}
