/** Bytes at positions: what every reader of files reads from. */

import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { empty, fromFile } from '../tensor/generated/root';
import type { Tensor } from '../tensor/tensor';

export interface Source {
  readonly size: number;
  /** What the source is called in errors. */
  readonly name: string;
  /** Fills `target` with the bytes from `position` on. @throws when there are fewer */
  read(target: Uint8Array, position: number): void;
  /** The bytes as a uint8 tensor: a copy, or the file's own pages where it is mapped. */
  tensor(position: number, bytes: number): Tensor;
}

/** Reads beyond this many bytes at once fail on some systems. */
const LARGEST_READ = 1 << 30;

/** The complaint about a file: "Expected <what> in <file> but received <what came>". */
export function malformed(source: Source, what: string, received: string): Error {
  return new Error(`Expected ${what} in ${source.name} but received ${received}`);
}

export interface WithSourceOptions {
  /**
   * Tensors are the file's pages, read when they are touched; writing to one changes the tensor and not the file. The file
   * must not be cut short while they live. Default false: copies.
   */
  mmap?: boolean;
}

/** Opens a file, or bytes in memory, for the duration of `use`; mapped tensors live on. */
export function withSource<R>(path: string | Uint8Array, { mmap = false }: WithSourceOptions, use: (source: Source) => R): R {
  if (typeof path !== 'string') return use(bufferSource(path));
  const file = openSync(path, 'r');
  try {
    const { size } = fstatSync(file);
    const read = (target: Uint8Array, position: number): void => {
      for (let done = 0; done < target.length; ) {
        const count = readSync(file, target, done, Math.min(target.length - done, LARGEST_READ), position + done);
        if (count === 0) throw new Error(`Expected ${target.length} bytes at ${position} of ${path} but it ended`);
        done += count;
      }
    };
    let pages: Tensor | undefined;
    const mapped = (position: number, bytes: number): Tensor => {
      pages ??= fromFile(path, { shared: false, size, dtype: 'uint8' });
      return pages.narrow(0, position, bytes);
    };
    const source: Source = { size, name: path, read, tensor: mmap && size > 0 ? mapped : (at, bytes) => copied(source, at, bytes) };
    return use(source);
  } finally {
    closeSync(file);
  }
}

/** Bytes in memory as a source. */
export function bufferSource(bytes: Uint8Array, name = 'the buffer'): Source {
  const source: Source = {
    size: bytes.length,
    name,
    read(target, position) {
      if (position + target.length > bytes.length)
        throw malformed(source, `${target.length} bytes at ${position}`, `${Math.max(0, bytes.length - position)}`);
      target.set(bytes.subarray(position, position + target.length));
    },
    tensor: (position, length) => copied(source, position, length),
  };
  return source;
}

/** In memory of libtorch's own, which is aligned for its kernels. */
function copied(source: Source, position: number, bytes: number): Tensor {
  if (position + bytes > source.size) throw malformed(source, `${bytes} bytes at ${position}`, `${Math.max(0, source.size - position)}`);
  const tensor = empty([bytes], { dtype: 'uint8' });
  if (bytes > 0) source.read(tensor.toTypedArray() as Uint8Array, position);
  return tensor;
}
