import type { StateDict } from '../../nn/module';
import { checkedOptions } from '../../tensor/checked';
import { dtypeBytes, parseDevice } from '../../tensor/dtype';
import { expected } from '../../tensor/expected';
import { empty } from '../../tensor/generated/root';
import { scope } from '../../tensor/scope';
import type { DeviceLike } from '../../tensor/types';
import { swapBytes } from '../byte-order';
import { Cursor } from '../cursor';
import { unpickle } from '../pickle/unpickler';
import { malformed, type Source, withSource } from '../source';
import { ZipArchive } from '../zip/archive';
import { isLegacy, loadLegacy } from './legacy';
import { torchNames } from './names';
import { plain } from './plain';
import { Storage, type StorageBytes } from './storage';

export interface LoadPtOptions {
  /**
   * Tensors are the file's own pages, read when they are touched: a file larger than memory opens at once. Writing to such a tensor
   * changes the tensor and not the file, which must not be cut short while tensors of it live. Default false: copies. Bytes in
   * memory are always copied.
   */
  mmap?: boolean;
  /** Where the tensors are put, wherever they lay when they were saved. Default `'cpu'`. */
  mapLocation?: DeviceLike;
}

/**
 * Reads what Python's `torch.save` wrote: state dicts of models and optimizers, tensors, and lists and dictionaries of them, of
 * numbers and of texts. Nothing in the file is executed: what is neither a tensor nor plain data is refused by its name.
 *
 * ```ts
 * model.loadStateDict(io.loadPt('resnet18.pth'));
 * const { optimizer } = io.loadPt<{ optimizer: optim.OptimizerStateDict }>('checkpoint.pt');
 * ```
 *
 * Tensors that shared memory when they were saved share it again. Tuples, lists and `torch.Size` come as arrays, dictionaries as
 * objects - as maps when their keys are not all texts, but for the `state` of an optimizer, whose numbers become texts as in
 * `optimizer.stateDict()` -, sets as sets, dtypes and devices as their names, bytes as `Uint8Array`, complex numbers as `{re, im}`,
 * whole numbers beyond 2^53 as bigints.
 *
 * @param file a path, or what is in the file
 * @typeParam T what the file holds, which the caller says and nobody checks. Default a state dict.
 * @throws when the file cannot be read, is no such file or a damaged one, and when it holds objects that only Python could make
 */
export function loadPt<T = StateDict>(file: string | Uint8Array, options?: LoadPtOptions): T {
  const { mmap = false, mapLocation } = checkedOptions(options, 'loadPt');
  if (typeof file !== 'string' && !(file instanceof Uint8Array)) throw expected('a path or bytes', 'loadPt', file);
  if (mapLocation !== undefined) parseDevice(mapLocation, 'mapLocation');
  return withSource(file, { mmap }, (source) =>
    scope(() => {
      if (isLegacy(source)) {
        if (mmap) throw malformed(source, 'a zip archive, which can be mapped,', 'the format of PyTorch before 1.6');
        return loadLegacy(source, mapLocation) as T;
      }
      return loadArchive(source, mapLocation) as T;
    }),
  );
}

function loadArchive(source: Source, device: DeviceLike | undefined): unknown {
  const archive = new ZipArchive(source);
  const root = rootOf(archive, source);
  const swapped = archive.has(`${root}byteorder`) && textOf(archive, `${root}byteorder`) === 'big';
  const storages = new Map<string, StorageBytes>();
  const names = torchNames(source, ({ dtype }, key, count) => {
    const bytes = count * (dtype === null ? 1 : dtypeBytes(dtype));
    let storage = storages.get(key);
    if (storage === undefined) {
      const { source: from, begin, size } = archive.open(`${root}data/${key}`);
      const raw = size === 0 ? empty([0], { dtype: 'uint8' }) : from.tensor(begin, size);
      if (swapped && dtype !== null) swapBytes(raw, dtype);
      if (swapped && dtype === null) throw malformed(source, 'little-endian numbers', 'big-endian ones without a dtype');
      storage = { raw: device === undefined ? raw : raw.to(device) };
      storages.set(key, storage);
    }
    if (storage.raw.numel() !== bytes) throw malformed(source, `${bytes} bytes in storage ${key}`, `${storage.raw.numel()}`);
    return new Storage(storage, dtype);
  });
  const { source: pickle, begin, size } = archive.open(`${root}data.pkl`);
  return plain(unpickle(new Cursor(pickle, begin, begin + size), names), source);
}

/** The folder that all entries of the archive are in, with its slash. */
function rootOf(archive: ZipArchive, source: Source): string {
  const names = archive.names();
  const pickle = names.find((name) => /^[^/]*\/data\.pkl$/.test(name));
  const root = pickle?.slice(0, -'data.pkl'.length) ?? '';
  if (names.some((name) => name.endsWith('/archive_format'))) throw malformed(source, 'a file of torch.save', 'a package of torch.export');
  if (pickle === undefined) throw malformed(source, 'a file of torch.save, with a data.pkl,', 'another zip archive');
  if (archive.has(`${root}constants.pkl`)) throw malformed(source, 'a file of torch.save', 'a TorchScript module, which jit.load loads');
  return root;
}

function textOf(archive: ZipArchive, name: string): string {
  const { source, begin, size } = archive.open(name);
  return new Cursor(source, begin, begin + size).bytes(Math.min(size, 16)).toString('latin1').trim();
}
