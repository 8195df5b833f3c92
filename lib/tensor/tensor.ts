/** The tensor: an integer handle of the native core with libtorch's methods on it. */

import { type InspectOptions, inspect } from 'node:util';
import { addon } from '../native';
import { checkedOptions } from './checked';
import { callingBack, inNativeModes, prepare } from './context';
import { deviceName, dtypeName, isDevice, isDType, layoutName, memoryFormatCode, parseDevice } from './dtype';
import { expected } from './expected';
import type { TensorOperators } from './generated/methods';
import { type IndexItem, indexGet, indexPut } from './indexing';
import { Overload } from './overload';
import { formatTensor } from './print';
import { FIRST_CELL, Header } from './protocol';
import { type NestedArray, readItem, readTypedArray, type TypedArray, toNestedArray } from './read';
import {
  beginSide,
  cellAt,
  collectGarbage,
  doubles,
  putBool,
  putNone,
  putTensor,
  putTensors,
  setAdopt,
  takeCell,
  takeNumbers,
  words,
} from './runtime';
import { moveTo } from './scope';
import type { DeviceLike, DType, Layout, MemoryFormat, Scalar } from './types';

/** The fields that the core reports about a tensor, in its order (native/tensor.cc). */
enum Meta {
  dtype,
  deviceType,
  deviceIndex,
  layout,
  dim,
  numel,
  requiresGrad,
  isLeaf,
  storageOffset,
  itemsize,
  version,
  retainsGrad,
}

/** What `to` accepts beside a dtype and a device. */
export interface ToOptions {
  dtype?: DType | null;
  device?: DeviceLike | null;
  /** Return before a copy between pinned memory and a GPU has ended. Default false. */
  nonBlocking?: boolean;
  /** Copy even when nothing changes. Default false. */
  copy?: boolean;
  /** Default `'preserve'`. */
  memoryFormat?: MemoryFormat;
}

/** Takes away what `registerHook` added. */
export interface HookHandle {
  remove(): void;
}

/** What `backward` accepts. */
export interface BackwardOptions {
  /** Gradient of some scalar with respect to this tensor; may be left out for a tensor of one element. */
  gradient?: Tensor | null;
  /** Keep the graph for another backward. Default: `createGraph`. */
  retainGraph?: boolean;
  /** Make the gradients differentiable in turn. Default false. */
  createGraph?: boolean;
  /** Accumulate into these leaves only. Default: all that the graph reaches. */
  inputs?: readonly Tensor[];
}

/**
 * A multi-dimensional array of one element type on one device, with libtorch's operators as methods.
 *
 * Make one with `torch.tensor`, `torch.zeros` and the like. The memory behind it is freed when the scope it was made in ends,
 * or by garbage collection when it was made outside of any (`torch.scope`).
 */
export interface Tensor extends TensorOperators {}

// biome-ignore lint/suspicious/noUnsafeDeclarationMerging: operators.ts puts the generated methods on the prototype
export class Tensor {
  /** @internal */
  readonly _slot: number;
  /** @internal */
  readonly _generation: number;

  /** @internal Use `torch.tensor`. */
  constructor(slot: number, generation: number) {
    this._slot = slot;
    this._generation = generation;
  }

  // --- what it is

  /** Size of each dimension. */
  get shape(): number[] {
    putTensor(FIRST_CELL, this);
    addon.sizes();
    return takeNumbers();
  }

  /** All sizes, or the size of one dimension (negative counts from the end). */
  size(): number[];
  size(dim: number): number;
  size(dim?: number): number | number[] {
    const { shape } = this;
    return dim === undefined ? shape : (shape[checkedDim(dim, shape.length)] as number);
  }

  /** Elements between neighbours along each dimension, or along one. */
  stride(): number[];
  stride(dim: number): number;
  stride(dim?: number): number | number[] {
    putTensor(FIRST_CELL, this);
    addon.strides();
    const strides = takeNumbers();
    return dim === undefined ? strides : (strides[checkedDim(dim, strides.length)] as number);
  }

  /** Number of dimensions. */
  dim(): number {
    return this.#meta(Meta.dim);
  }

  get ndim(): number {
    return this.#meta(Meta.dim);
  }

  /** Number of elements. */
  numel(): number {
    return this.#meta(Meta.numel);
  }

  /** Type of the elements, such as `'float32'`. */
  get dtype(): DType {
    return dtypeName(this.#meta(Meta.dtype));
  }

  /** Where it lies, such as `'cpu'` or `'cuda:0'`. */
  get device(): DeviceLike {
    const type = this.#meta(Meta.deviceType);
    return deviceName({ type, index: doubles[(FIRST_CELL >> 1) + Meta.deviceIndex] as number });
  }

  get layout(): Layout {
    return layoutName(this.#meta(Meta.layout));
  }

  get isCuda(): boolean {
    return this.device.startsWith('cuda');
  }

  /** First element's position in the storage. */
  storageOffset(): number {
    return this.#meta(Meta.storageOffset);
  }

  /** Bytes of one element. */
  get itemsize(): number {
    return this.#meta(Meta.itemsize);
  }

  /** Bytes of all elements. */
  get nbytes(): number {
    return this.numel() * this.itemsize;
  }

  /** Whether the elements lie in order without gaps, in the given memory format. Default `'contiguous'`. */
  isContiguous(options?: { memoryFormat?: MemoryFormat }): boolean {
    const code = memoryFormatCode(checkedOptions(options, 'isContiguous').memoryFormat ?? 'contiguous');
    putTensor(FIRST_CELL, this);
    return addon.isContiguous(code);
  }

  /** Whether it lies in page-locked memory. */
  isPinned(): boolean {
    putTensor(FIRST_CELL, this);
    return addon.isPinned();
  }

  /** Address of the first element, for foreign libraries. */
  dataPtr(): bigint {
    putTensor(FIRST_CELL, this);
    return addon.dataPtr();
  }

  /** Counts the in-place changes; autograd uses it to find that a saved tensor was changed. */
  get _version(): number {
    return this.#meta(Meta.version);
  }

  #meta(field: Meta): number {
    putTensor(FIRST_CELL, this);
    addon.meta();
    return doubles[(FIRST_CELL >> 1) + field] as number;
  }

  // --- transposes

  /** The dimensions in reverse order. */
  get T(): Tensor {
    const axes = Array.from({ length: this.dim() }, (_, i) => i).reverse();
    return this.permute(axes);
  }

  /** The last two dimensions exchanged. */
  get mT(): Tensor {
    return this.transpose(-2, -1);
  }

  /** Conjugate transpose of a matrix. */
  get H(): Tensor {
    return this.dim() < 2 ? this.conj() : this.transpose(0, 1).conj();
  }

  /** Conjugate transpose of the last two dimensions. */
  get mH(): Tensor {
    return this.transpose(-2, -1).conj();
  }

  // --- values

  /**
   * The value of a tensor of one element. Integers beyond 2^53 come as `bigint`, complex values as `{re, im}`.
   * @throws when there is not exactly one element
   */
  item(): number | bigint | boolean | { re: number; im: number } {
    return readItem(this);
  }

  /**
   * The elements as nested arrays; a plain value for a tensor without dimensions. Integers of 64 bits come as numbers
   * where all of them are exact (up to 2^53), else all as `bigint`.
   */
  toArray(): NestedArray {
    return toNestedArray(this);
  }

  /**
   * The elements in a typed array, row by row: without a copy where they lie in order on the CPU, so that writing to it
   * changes the tensor. float16 comes as `Uint16Array` of bits and bfloat16 too, bool as `Uint8Array`, int64 as
   * `BigInt64Array`, complex numbers as pairs.
   * @param options `copy`: always a copy. Default false.
   */
  toTypedArray(options?: { copy?: boolean }): TypedArray {
    return readTypedArray(this, checkedOptions(options, 'toTypedArray').copy ?? false);
  }

  /** A part of the tensor: integers, `slice(...)`, `null` (a new axis), `'...'`, masks, index tensors and arrays. */
  index(...items: readonly IndexItem[]): Tensor {
    return indexGet(this, items);
  }

  /**
   * Writes to a part of the tensor, which `items` name as in `index`.
   * @param value broadcast to the part's shape
   * @param options `accumulate`: add instead of replace; repeated indices then all count. Default false.
   */
  indexPut_(items: readonly IndexItem[], value: Tensor | Scalar, options?: { accumulate?: boolean } | boolean): this {
    const accumulate = typeof options === 'boolean' ? options : (checkedOptions(options, 'indexPut_').accumulate ?? false);
    indexPut(this, items, value, accumulate);
    return this;
  }

  /** Iterates over the first dimension. */
  *[Symbol.iterator](): IterableIterator<Tensor> {
    if (this.dim() === 0) throw new TypeError('Expected a tensor with a dimension to iterate over but received one without');
    yield* this.unbind(0);
  }

  /** As PyTorch prints it. */
  toString(): string {
    return formatTensor(this);
  }

  [inspect.custom](_depth: number, _options: InspectOptions): string {
    return formatTensor(this);
  }

  // --- copies on other devices and of other types

  /**
   * The tensor with another dtype or on another device; itself when nothing changes.
   *
   * ```ts
   * x.to('float64'); x.to('cuda'); x.to('cuda', 'float16'); x.to(other); x.to({ dtype: 'int64', copy: true });
   * ```
   */
  to(dtype: DType, options?: ToOptions): Tensor;
  to(device: DeviceLike, options?: ToOptions): Tensor;
  to(device: DeviceLike, dtype: DType, options?: ToOptions): Tensor;
  to(other: Tensor, options?: ToOptions): Tensor;
  to(options: ToOptions): Tensor;
  to(...args: readonly (DType | DeviceLike | Tensor | ToOptions | undefined)[]): Tensor {
    let dtype: unknown;
    let device: unknown;
    let options: ToOptions = {};
    for (const arg of args) {
      if (arg === undefined) continue;
      if (arg instanceof Tensor) {
        dtype = arg.dtype;
        device = arg.device;
      } else if (isDType(arg)) dtype = arg;
      else if (isDevice(arg)) device = arg;
      else if (typeof arg === 'object' && arg !== null) options = arg;
      else throw expected("a dtype such as 'float32', a device such as 'cuda:0', a tensor or options", 'to', arg);
    }
    dtype = options.dtype ?? dtype;
    device = options.device ?? device;
    if (typeof device === 'string') parseDevice(device, 'to');
    const { nonBlocking = false, copy = false, memoryFormat } = options;
    return one(convert(), [this, dtype, undefined, device, undefined, nonBlocking, copy, memoryFormat]);
  }

  cpu(): Tensor {
    return this.to('cpu');
  }
  cuda(index?: number): Tensor {
    return this.to(index === undefined ? 'cuda' : `cuda:${index}`);
  }
  half(): Tensor {
    return this.to('float16');
  }
  bfloat16(): Tensor {
    return this.to('bfloat16');
  }
  float(): Tensor {
    return this.to('float32');
  }
  double(): Tensor {
    return this.to('float64');
  }
  int(): Tensor {
    return this.to('int32');
  }
  long(): Tensor {
    return this.to('int64');
  }
  bool(): Tensor {
    return this.to('bool');
  }

  /** The dtype. With an argument, `to(dtype)`. */
  type(): DType;
  type(dtype: DType): Tensor;
  type(dtype?: DType): DType | Tensor {
    return dtype === undefined ? this.dtype : this.to(dtype);
  }

  // --- autograd

  /** Whether operations on it are recorded for `backward`. */
  get requiresGrad(): boolean {
    return this.#meta(Meta.requiresGrad) !== 0;
  }
  set requiresGrad(on: boolean) {
    this.requiresGrad_(on);
  }

  /** Starts or stops recording operations on it. */
  requiresGrad_(on = true): this {
    if (typeof on !== 'boolean') throw expected('a boolean', 'requiresGrad', on);
    putTensor(FIRST_CELL, this);
    addon.setRequiresGrad(on);
    return this;
  }

  /** Whether it was not made by a recorded operation. */
  get isLeaf(): boolean {
    return this.#meta(Meta.isLeaf) !== 0;
  }

  /** The accumulated gradient, null before the first `backward`. */
  get grad(): Tensor | null {
    prepare();
    putTensor(FIRST_CELL, this);
    addon.getGrad();
    return takeCell(0) as Tensor | null;
  }
  set grad(gradient: Tensor | null) {
    putTensor(FIRST_CELL, this);
    if (gradient === null) putNone(cellAt(1));
    else if (gradient instanceof Tensor) putTensor(cellAt(1), gradient);
    else throw expected('a tensor or null', 'grad', gradient);
    addon.setGrad();
  }

  /** Name of the operation that made it, such as `'AddBackward0'`; null for a leaf. */
  get gradFn(): string | null {
    putTensor(FIRST_CELL, this);
    return addon.gradFnName();
  }

  /** Keeps the gradient of a tensor that is not a leaf. */
  retainGrad(): this {
    putTensor(FIRST_CELL, this);
    addon.retainGrad();
    return this;
  }

  get retainsGrad(): boolean {
    return this.#meta(Meta.retainsGrad) !== 0;
  }

  /**
   * Adds to `grad` of every leaf the gradient of this tensor with respect to it.
   * @throws when it has more than one element and no `gradient` is given, or when it does not require gradients
   */
  backward(gradient?: Tensor | null | BackwardOptions, options?: BackwardOptions): void {
    const given =
      gradient === null || gradient === undefined || gradient instanceof Tensor
        ? { ...checkedOptions(options, 'backward'), gradient }
        : gradient;
    if (typeof given !== 'object') throw expected('a tensor or options', 'backward', gradient);
    runBackward([this], given.gradient === null || given.gradient === undefined ? null : [given.gradient], given);
  }

  /**
   * Calls `hook` with the gradient of this tensor each time it is computed; a tensor that it returns replaces it.
   *
   * The tensor keeps the hook, so a hook that refers to its own tensor keeps both alive: outside of scopes until `remove()` or `dispose()`.
   */
  registerHook(hook: (gradient: Tensor) => Tensor | undefined): HookHandle {
    if (typeof hook !== 'function') throw expected('a function', 'registerHook', hook);
    putTensor(FIRST_CELL, this);
    const position = addon.registerHook((gradient) => {
      const answer: unknown = inNativeModes(() => hook(gradient as Tensor));
      if (answer instanceof Tensor) putTensor(FIRST_CELL, answer);
      else putNone(FIRST_CELL);
    });
    return {
      remove: () => {
        if (this.isReleased) return;
        putTensor(FIRST_CELL, this);
        addon.removeHook(position);
      },
    };
  }

  /** Calls `hook` after a gradient was added to the `grad` of this leaf. Several are called in the order they came. */
  registerPostAccumulateGradHook(hook: (tensor: Tensor) => void): HookHandle {
    if (typeof hook !== 'function') throw expected('a function', 'registerPostAccumulateGradHook', hook);
    // libtorch keeps one for each tensor, which calls ours.
    const hooks = postAccumulateHooks.get(this) ?? new Set();
    if (hooks.size === 0) {
      putTensor(FIRST_CELL, this);
      addon.setPostAccumulateHook((tensor) => {
        for (const { call } of [...hooks]) inNativeModes(() => call(tensor as Tensor));
        putNone(FIRST_CELL);
      });
      postAccumulateHooks.set(this, hooks);
    }
    const entry = { call: hook };
    hooks.add(entry);
    return {
      remove: () => {
        if (!hooks.delete(entry) || hooks.size > 0 || this.isReleased) return;
        putTensor(FIRST_CELL, this);
        addon.setPostAccumulateHook(null);
      },
    };
  }

  /** The same values outside the graph; the memory is shared. */
  get data(): Tensor {
    return this.detach();
  }

  /** Puts another tensor's values under this one, which keeps its identity: how a parameter moves to a device. */
  set data(other: Tensor) {
    if (!(other instanceof Tensor)) throw expected('a tensor', 'data', other);
    setDataOf().call([this, other]);
  }

  // --- memory

  /** Whether its memory was let go of. */
  get isReleased(): boolean {
    putTensor(FIRST_CELL, this);
    return addon.isReleased();
  }

  /** Lets go of the memory now; using the tensor afterwards is an error. A second call does nothing. */
  dispose(): void {
    putTensor(FIRST_CELL, this);
    addon.release();
  }

  [Symbol.dispose](): void {
    this.dispose();
  }

  /** Takes the tensor out of every scope: garbage collection frees it. Returns the tensor. */
  keep(): this {
    moveTo(0, this);
    return this;
  }
}

const postAccumulateHooks = new WeakMap<Tensor, Set<{ readonly call: (tensor: Tensor) => void }>>();

function checkedDim(dim: number, ndim: number): number {
  if (!Number.isInteger(dim) || dim < -ndim || dim >= ndim) throw expected(`a dimension from ${-ndim} to ${ndim - 1}`, 'dim', dim);
  return dim < 0 ? dim + ndim : dim;
}

/** The first result of an operator as a tensor. */
function one(overload: Overload, args: readonly unknown[]): Tensor {
  return overload.call(args)[0] as Tensor;
}

let convertOverload: Overload | null = null;
function convert(): Overload {
  convertOverload ??= Overload.find('aten::to', 'dtype_layout');
  return convertOverload as Overload;
}

let setDataOverload: Overload | null = null;
function setDataOf(): Overload {
  setDataOverload ??= Overload.find('aten::set_data', '');
  return setDataOverload as Overload;
}

/** Writes what `backward` takes to the cells and runs it. */
export function runBackward(outputs: readonly Tensor[], gradients: readonly (Tensor | null)[] | null, options: BackwardOptions): void {
  prepare();
  putBackward(outputs, gradients, options);
  callingBack(addon.backward);
}

/** Writes what `backward` takes to the cells. */
export function putBackward(outputs: readonly Tensor[], gradients: readonly (Tensor | null)[] | null, options: BackwardOptions): void {
  const { retainGraph, createGraph = false, inputs } = options;
  for (const gradient of gradients ?? []) {
    if (gradient !== null && !(gradient instanceof Tensor)) throw expected('a tensor', 'gradient', gradient);
  }
  if (inputs !== undefined && !(Array.isArray(inputs) && Array.from(inputs).every((input) => input instanceof Tensor)))
    throw expected('an array of tensors', 'inputs', inputs);
  beginSide();
  putTensors(FIRST_CELL, outputs);
  if (gradients === null) putNone(cellAt(1));
  else putTensors(cellAt(1), gradients);
  if (retainGraph === undefined) putNone(cellAt(2));
  else putBool(cellAt(2), retainGraph);
  putBool(cellAt(3), createGraph);
  if (inputs === undefined) putNone(cellAt(4));
  else putTensors(cellAt(4), inputs);
}

/** The object of a new handle; one outside every scope is watched by garbage collection. */
export function adopt(slot: number, generation: number): Tensor {
  const tensor = new Tensor(slot, generation);
  if (words[Header.scope] === 0) {
    putTensor(FIRST_CELL, tensor);
    addon.watch(tensor);
    if (words[Header.pressure] !== 0) collectGarbage();
  }
  return tensor;
}
setAdopt(adopt);
