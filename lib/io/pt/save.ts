import { Parameter } from '../../nn/parameter';
import { expected } from '../../tensor/expected';
import { isComplex } from '../../tensor/overload';
import { scope } from '../../tensor/scope';
import { Tensor } from '../../tensor/tensor';
import { writeAtomically } from '../atomic';
import { Op } from '../pickle/opcodes';
import { Pickler } from '../pickle/pickler';
import { eachPiece } from '../tensor-bytes';
import { ZipWriter } from '../zip/writer';
import { isOptimizerState } from './plain';
import { Runs } from './runs';
import { StorageClass } from './storage';

const MOST_LEVELS = 500;

/**
 * Writes what Python's `torch.load(path, weights_only=True)` reads: tensors, and arrays and objects of them, of numbers and of
 * texts, such as state dicts of models and optimizers. The file appears under its name only when it is whole.
 *
 * ```ts
 * io.savePt({ model: model.stateDict(), optimizer: optimizer.stateDict(), epoch }, 'checkpoint.pt');
 * ```
 *
 * Tensors that share memory share it in the file, of which only the part that they cover is written. Whole numbers become Python's
 * integers, other numbers floats; arrays become lists, objects and maps dictionaries; fields that are undefined are left out. The
 * keys of an optimizer's `state` become integers, as Python has them.
 *
 * @throws for anything else, such as functions and instances of classes, for tensors that are not dense or are quantized, and when
 * the file cannot be written
 */
export function savePt(value: unknown, path: string): void {
  if (typeof path !== 'string') throw expected('a path', 'savePt', path);
  scope(() => {
    const runs = new Runs();
    gather(value, runs, '', 0);
    const pickler = new Pickler();
    encode(value, runs, pickler);
    const pickle = pickler.end();
    writeAtomically(path, (file) => {
      const zip = new ZipWriter(file);
      const add = (name: string, bytes: Uint8Array): void => zip.add(`archive/${name}`, bytes.length, (put) => put(bytes));
      add('data.pkl', pickle);
      add('.format_version', Buffer.from('1'));
      add('.storage_alignment', Buffer.from('64'));
      add('byteorder', Buffer.from('little'));
      for (const { key, tensor, begin, end } of runs) {
        const covered = tensor.asStrided([end - begin], [1], begin);
        zip.add(`archive/data/${key}`, covered.nbytes, (put) => eachPiece(covered, put));
      }
      add('version', Buffer.from('3\n'));
      zip.end();
    });
  });
}

/** Finds the tensors and refuses what the file cannot hold, before anything is written. */
function gather(value: unknown, runs: Runs, place: string, level: number): void {
  const where = place === '' ? 'savePt' : place;
  if (level > MOST_LEVELS)
    throw new TypeError(`Expected at most ${MOST_LEVELS} levels for savePt but received more at ${place.slice(0, 60)}`);
  if (value instanceof Tensor) return runs.add(value, where);
  if (isLeaf(value)) return;
  const children = childrenOf(value);
  if (children === null) throw expected('a tensor, a number, a text, or arrays and plain objects of these', where, value);
  for (const [key, child] of children) {
    if (!isKey(key)) throw expected('texts and numbers as keys', where, key);
    gather(child, runs, place === '' ? String(key) : `${place}.${String(key)}`, level + 1);
  }
}

function isKey(key: unknown): boolean {
  return ['string', 'number', 'bigint', 'boolean'].includes(typeof key);
}

function isLeaf(value: unknown): boolean {
  return (
    value === null || ['boolean', 'number', 'bigint', 'string'].includes(typeof value) || value instanceof Uint8Array || isComplex(value)
  );
}

/** What a container holds, with the keys that the file has; null when it is none. */
function childrenOf(value: unknown): [key: unknown, child: unknown][] | null {
  if (Array.isArray(value)) return [...value.entries()];
  if (value instanceof Map) return [...value];
  if (value instanceof Set) return [...value].map((item, k) => [k, item]);
  return isPlainObject(value) ? Object.entries(value).filter(([, child]) => child !== undefined) : null;
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  // Object.prototype of another realm counts too.
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

function encode(value: unknown, runs: Runs, out: Pickler): void {
  if (value === null) return out.none();
  switch (typeof value) {
    case 'boolean':
      return out.bool(value);
    case 'number':
    case 'bigint':
      return out.number(value);
    case 'string':
      return out.text(value);
  }
  if (value instanceof Tensor) return encodeTensor(value, runs, out);
  if (value instanceof Uint8Array) return encodeBytes(value, out);
  if (isComplex(value)) {
    const { re, im } = value;
    return out.call('__builtin__', 'complex', () => {
      out.float(re);
      out.float(im);
    });
  }
  const children = childrenOf(value) ?? [];
  const items = (): void => {
    for (const [, child] of children) encode(child, runs, out);
  };
  if (Array.isArray(value)) return out.list(items);
  if (value instanceof Set) return out.call('__builtin__', 'set', () => out.list(items));
  const ofOptimizer = isPlainObject(value) && isOptimizerState(value);
  out.dictionary(() => {
    for (const [key, child] of children) {
      encode(key, runs, out);
      if (ofOptimizer && key === 'state' && isPlainObject(child)) encode(withNumbersAsKeys(child), runs, out);
      else encode(child, runs, out);
    }
  });
}

function withNumbersAsKeys(state: Readonly<Record<string, unknown>>): Map<unknown, unknown> {
  return new Map(Object.entries(state).map(([key, value]) => [/^(0|[1-9]\d{0,14})$/.test(key) ? Number(key) : key, value]));
}

/** Protocol 2 has no instruction for bytes. */
function encodeBytes(bytes: Uint8Array, out: Pickler): void {
  out.call('_codecs', 'encode', () => {
    out.text(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1'));
    out.text('latin1');
  });
}

function encodeTensor(given: Tensor, runs: Runs, out: Pickler): void {
  const requiresGrad = given.requiresGrad && given.isLeaf;
  if (!(given instanceof Parameter)) return encodeValues(given, requiresGrad, runs, out);
  out.call('torch._utils', '_rebuild_parameter', () => {
    encodeValues(given, false, runs, out);
    out.bool(requiresGrad);
    noHooks(out);
  });
}

function encodeValues(given: Tensor, requiresGrad: boolean, runs: Runs, out: Pickler): void {
  const { tensor, run } = runs.of(given);
  const storage = StorageClass.nameFor(tensor.dtype);
  const length = run.end - run.begin;
  out.call('torch._utils', storage === null ? '_rebuild_tensor_v3' : '_rebuild_tensor_v2', () => {
    out.tuple(() => {
      out.text('storage');
      if (storage === null) out.global('torch.storage', 'UntypedStorage');
      else out.global('torch', storage);
      out.text(run.key);
      out.text(tensor.device);
      out.number(storage === null ? length * tensor.itemsize : length);
    });
    out.op(Op.BINPERSID);
    out.number(tensor.storageOffset() - run.begin);
    for (const list of [tensor.shape, tensor.stride()])
      out.tuple(() => {
        for (const value of list) out.number(value);
      });
    out.bool(requiresGrad);
    noHooks(out);
    if (storage === null) out.global('torch', tensor.dtype);
  });
}

/** What Python expects in the place of a tensor's hooks, which are functions and are not saved. */
function noHooks(out: Pickler): void {
  out.call('collections', 'OrderedDict', () => {});
}
