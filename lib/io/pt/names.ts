/** The Python names that may stand in PyTorch's files, and what they mean here. Everything else is refused. */

import { isComplexDType, isDType, isFloatingDType } from '../../tensor/dtype';
import { Tensor } from '../../tensor/tensor';
import type { DType } from '../../tensor/types';
import { isPickleFunction, type PickleFunction, type PickleNames } from '../pickle/unpickler';
import { malformed, type Source } from '../source';
import { isCount, Storage, StorageClass, viewOf } from './storage';

/** A dtype in a pickle; as a value it is its name. */
export class NamedDType {
  readonly dtype: DType;
  constructor(dtype: DType) {
    this.dtype = dtype;
  }
}

/** A class that only stands as an argument: `torch.Tensor`. */
class NamedClass {}

type Args = readonly unknown[];

/**
 * @param storageFor the storage of a persistent id: its class, its key in the file, and its number of elements
 */
export function torchNames(source: Source, storageFor: (type: StorageClass, key: string, count: number, id: Args) => Storage): PickleNames {
  const fail = (what: string, received: string): Error => malformed(source, what, received);
  const functions = new Map<string, PickleFunction | NamedClass>();
  const add = (name: string, call: (args: Args) => unknown): void => void functions.set(name, { call });

  add('torch._utils._rebuild_tensor', ([storage, offset, size, stride]) => {
    const from = storageOf(storage, fail);
    return viewOf(from, { dtype: dtypeOf(from, fail), offset, size, stride }, source);
  });
  add('torch._utils._rebuild_tensor_v2', ([storage, offset, size, stride, requiresGrad, , metadata]) => {
    const from = storageOf(storage, fail);
    const tensor = viewOf(from, { dtype: dtypeOf(from, fail), offset, size, stride }, source);
    return recorded(lazily(tensor, metadata), requiresGrad, fail);
  });
  add('torch._utils._rebuild_tensor_v3', ([storage, offset, size, stride, requiresGrad, , dtype, metadata]) => {
    if (!(dtype instanceof NamedDType)) throw fail('the dtype of a tensor', String(dtype));
    const tensor = viewOf(storageOf(storage, fail), { dtype: dtype.dtype, offset, size, stride }, source);
    return recorded(lazily(tensor, metadata), requiresGrad, fail);
  });
  const parameter = ([data, requiresGrad]: Args): Tensor => {
    if (!(data instanceof Tensor)) throw fail('the tensor of a parameter', String(data));
    return recorded(data, requiresGrad, fail);
  };
  add('torch._utils._rebuild_parameter', parameter);
  add('torch._utils._rebuild_parameter_with_state', parameter); // the state is attributes that Python code set
  functions.set('torch.Tensor', new NamedClass());
  functions.set('torch.nn.parameter.Parameter', new NamedClass());
  // A tensor to which Python code set attributes; they are passed over.
  add('torch._tensor._rebuild_from_type_v2', ([rebuild, type, args]) => {
    if (!isPickleFunction(rebuild) || !(type instanceof NamedClass) || !Array.isArray(args))
      throw fail('a tensor with attributes', String(rebuild));
    return rebuild.call(args);
  });

  add('torch.Size', ([sizes]) => listOf(sizes, fail).slice());
  add('torch.device', ([type, index]) => (isCount(index) ? `${String(type)}:${index}` : String(type)));
  add('torch.serialization._get_layout', ([name]) => String(name));
  add('collections.OrderedDict', ([pairs]) => mapOf(pairs, fail));
  add('collections.Counter', ([counts]) => mapOf(counts, fail));
  add('builtins.set', ([items]) => new Set(items === undefined ? [] : listOf(items, fail)));
  add('builtins.frozenset', ([items]) => new Set(items === undefined ? [] : listOf(items, fail)));
  add('builtins.complex', ([re, im]) => {
    if (typeof re !== 'number' || typeof im !== 'number')
      throw fail('the two parts of a complex number', `${String(re)} and ${String(im)}`);
    return { re, im };
  });
  // Bytes, in the protocols that have no instruction for them.
  const bytes = ([text]: Args): Buffer => {
    if (text === undefined) return Buffer.alloc(0);
    if (text instanceof Uint8Array) return Buffer.from(text);
    if (typeof text !== 'string') throw fail('bytes as text', String(text));
    return Buffer.from(text, 'latin1');
  };
  add('_codecs.encode', bytes);
  add('builtins.bytes', bytes);
  add('builtins.bytearray', bytes);

  return {
    find(name) {
      const known = functions.get(name) ?? StorageClass.find(name);
      if (known !== undefined) return known;
      const dtype = name.startsWith('torch.') ? name.slice('torch.'.length) : '';
      if (isDType(dtype)) return new NamedDType(dtype);
      throw fail('only tensors, containers, numbers and texts, such as torch.save(model.state_dict(), path) writes,', `Python's ${name}`);
    },
    persistent(id) {
      const [kind, type, key, , count] = Array.isArray(id) ? (id as unknown[]) : [];
      if (kind !== 'storage' || !(type instanceof StorageClass) || typeof key !== 'string' || !isCount(count))
        throw fail('the storage of a tensor behind a persistent id', String(id).slice(0, 60));
      return storageFor(type, key, count, id as Args);
    },
    malformed: fail,
  };
}

type Fail = (what: string, received: string) => Error;

function storageOf(value: unknown, fail: Fail): Storage {
  if (!(value instanceof Storage)) throw fail('the storage of a tensor', String(value));
  return value;
}

function dtypeOf({ dtype }: Storage, fail: Fail): DType {
  if (dtype === null) throw fail('a storage with a dtype', 'one without');
  return dtype;
}

/** The conjugate and the negative of a storage's numbers, which are only marked. */
function lazily(tensor: Tensor, metadata: unknown): Tensor {
  if (!(metadata instanceof Map)) return tensor;
  const conjugate = metadata.get('conj') === true && isComplexDType(tensor.dtype) ? tensor.conj() : tensor;
  return metadata.get('neg') === true ? conjugate._negView() : conjugate;
}

function recorded(tensor: Tensor, requiresGrad: unknown, fail: Fail): Tensor {
  if (requiresGrad !== true) return tensor;
  if (!isFloatingDType(tensor.dtype) && !isComplexDType(tensor.dtype))
    throw fail('no gradients of whole numbers', `a ${tensor.dtype} tensor that requires them`);
  return tensor.requiresGrad_();
}

function listOf(value: unknown, fail: Fail): unknown[] {
  if (!Array.isArray(value)) throw fail('a list', String(value));
  return value;
}

function mapOf(value: unknown, fail: Fail): Map<unknown, unknown> {
  if (value === undefined) return new Map();
  if (value instanceof Map) return new Map(value);
  return new Map(
    listOf(value, fail).map((pair): [unknown, unknown] => {
      const [key, item] = listOf(pair, fail);
      return [key, item];
    }),
  );
}
