/** Storages of PyTorch's files: runs of bytes that tensors are views of. */

import { dtypeBytes } from '../../tensor/dtype';
import { empty } from '../../tensor/generated/root';
import type { Tensor } from '../../tensor/tensor';
import type { DType } from '../../tensor/types';
import { malformed, type Source } from '../source';
import { stridedOver, typedView } from '../typed-view';

/** Python's classes of storages that know their dtype. Newer dtypes come as UntypedStorage, with the dtype beside it. */
const DTYPE_OF_CLASS = {
  DoubleStorage: 'float64',
  FloatStorage: 'float32',
  HalfStorage: 'float16',
  LongStorage: 'int64',
  IntStorage: 'int32',
  ShortStorage: 'int16',
  CharStorage: 'int8',
  ByteStorage: 'uint8',
  BoolStorage: 'bool',
  BFloat16Storage: 'bfloat16',
  ComplexDoubleStorage: 'complex128',
  ComplexFloatStorage: 'complex64',
} as const satisfies Readonly<Record<string, DType>>;
const CLASS_OF_DTYPE: ReadonlyMap<DType, string> = new Map(Object.entries(DTYPE_OF_CLASS).map(([name, dtype]) => [dtype, name]));

/** A storage class of Python; without a dtype for `UntypedStorage`. */
export class StorageClass {
  readonly dtype: DType | null;

  private constructor(dtype: DType | null) {
    this.dtype = dtype;
  }

  /** The class under a Python name such as `torch.FloatStorage`, undefined when it is none, or one of quantized numbers. */
  static find(name: string): StorageClass | undefined {
    if (name === 'torch.storage.UntypedStorage' || name === 'torch.UntypedStorage') return new StorageClass(null);
    const own = name.startsWith('torch.') ? name.slice('torch.'.length) : '';
    return Object.hasOwn(DTYPE_OF_CLASS, own) ? new StorageClass(DTYPE_OF_CLASS[own as keyof typeof DTYPE_OF_CLASS]) : undefined;
  }

  /** The class of a dtype's storages, null for a dtype that goes untyped. */
  static nameFor(dtype: DType): string | null {
    return CLASS_OF_DTYPE.get(dtype) ?? null;
  }
}

/** Bytes that tensors are views of. */
export interface StorageBytes {
  /** One dimension of uint8, on the device that the tensors go to. */
  readonly raw: Tensor;
}

/** A storage under one of its dtypes: what a persistent id in a pickle stands for. */
export class Storage {
  readonly bytes: StorageBytes;
  readonly dtype: DType | null;

  constructor(bytes: StorageBytes, dtype: DType | null) {
    this.bytes = bytes;
    this.dtype = dtype;
  }
}

/** What a tensor is in its storage. */
export interface View {
  readonly dtype: DType;
  readonly offset: unknown;
  readonly size: unknown;
  readonly stride: unknown;
}

const MOST_DIMENSIONS = 64;

/** The tensor of a view. @throws when it reaches beyond its storage */
export function viewOf(storage: Storage, { dtype, offset, size, stride }: View, source: Source): Tensor {
  const fail = (what: string, received: string): Error => malformed(source, what, received);
  if (!isCount(offset)) throw fail('a whole number as the offset of a tensor', shown(offset));
  if (!isCounts(size) || !isCounts(stride) || size.length !== stride.length || size.length > MOST_DIMENSIONS)
    throw fail(`sizes and strides of up to ${MOST_DIMENSIONS} dimensions for a tensor`, `${shown(size)} and ${shown(stride)}`);
  if (size.includes(0)) return empty(size, { dtype, device: storage.bytes.raw.device });
  const width = dtypeBytes(dtype);
  const available = Math.floor(storage.bytes.raw.numel() / width);
  const needed = size.reduce((last, length, dim) => last + (length - 1) * (stride[dim] as number), offset + 1);
  // Not `needed > available`: numbers too large for a double must not pass.
  if (!(needed <= available)) throw fail(`a ${dtype} tensor within its storage of ${available}`, `one of ${needed}`);
  return stridedOver(typedView(storage.bytes.raw, dtype), size, stride, offset);
}

export function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function isCounts(value: unknown): value is number[] {
  return Array.isArray(value) && value.every(isCount);
}

function shown(value: unknown): string {
  return Array.isArray(value) ? `[${value.slice(0, 8).map(String).join(', ')}]` : String(value);
}
