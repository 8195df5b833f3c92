import { checkedOptions } from '../../tensor/checked';
import { expected } from '../../tensor/expected';
import { scope } from '../../tensor/scope';
import type { Tensor } from '../../tensor/tensor';
import type { DeviceLike } from '../../tensor/types';
import { bufferSource, type Source, withSource } from '../source';
import { tensorOver } from '../typed-view';
import { parseHeader, type SafetensorsEntry, type SafetensorsHeader } from './header';

export interface LoadOptions {
  /** Where the tensors are put. Default `'cpu'`. */
  device?: DeviceLike;
}

export interface LoadFileOptions extends LoadOptions {
  /**
   * Tensors are the file's own pages, read when they are touched, without a copy: a file larger than memory opens at once. Writing
   * to such a tensor changes the tensor and not the file. The file must not be changed or cut short while tensors of it live, which
   * would end the process; `saveFile`, which puts a new file in the place of the old one, is no danger. Default true.
   */
  mmap?: boolean;
}

/**
 * The tensors in the bytes of a safetensors file, by name.
 *
 * @throws when the bytes are no such file, or a tensor's place, shape and dtype do not fit each other
 */
export function load(bytes: Uint8Array, options?: LoadOptions): Record<string, Tensor> {
  if (!(bytes instanceof Uint8Array)) throw expected('bytes', 'safetensors.load', bytes);
  return decode(bufferSource(bytes), checkedOptions(options, 'load'));
}

/**
 * Reads the tensors of a safetensors file, by name, in its order.
 *
 * @throws as `load` does, and when the file cannot be read
 */
export function loadFile(path: string, options?: LoadFileOptions): Record<string, Tensor> {
  const { mmap = true, device } = checkedOptions(options, 'loadFile');
  if (typeof path !== 'string') throw expected('a path', 'safetensors.loadFile', path);
  return withSource(path, { mmap }, (source) => decode(source, { device }));
}

/** What is in a safetensors file, without reading the tensors. */
export function readHeader(path: string): SafetensorsHeader {
  if (typeof path !== 'string') throw expected('a path', 'safetensors.readHeader', path);
  return withSource(path, {}, parseHeader);
}

function decode(source: Source, { device }: LoadOptions): Record<string, Tensor> {
  const { tensors } = parseHeader(source);
  return scope(() =>
    Object.fromEntries(
      Object.entries(tensors).map(([name, entry]) => [name, readEntry(source.tensor(entry.begin, entry.bytes), entry, device)]),
    ),
  );
}

/** The tensor of an entry, whose bytes are `raw`. */
export function readEntry(raw: Tensor, { dtype, shape }: SafetensorsEntry, device: DeviceLike | undefined): Tensor {
  const tensor = tensorOver(raw, dtype, shape);
  return device === undefined ? tensor : tensor.to(device);
}
