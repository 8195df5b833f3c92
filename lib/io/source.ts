/** Bytes at positions: what every reader of files reads from. */

import { closeSync, fstatSync, openSync, readSync, statSync } from 'node:fs';
import { empty, fromFile } from '../tensor/generated/root';
import { scope } from '../tensor/scope';
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

/** Opens a file, or bytes in memory, for the duration of `use`; the tensors that it returns live on. */
export function withSource<R>(path: string | Uint8Array, { mmap = false }: WithSourceOptions, use: (source: Source) => R): R {
  if (typeof path !== 'string') return use(bufferSource(path));
  const file = openSync(path, 'r');
  try {
    const source = fileSource(path, file);
    if (!mmap || source.size === 0) return use(source);
    return scope(() => use({ ...source, tensor: pagesOf(path, file, source.size) }));
  } finally {
    closeSync(file);
  }
}

/** All pages of a file, kept until the caller disposes them, and what `read` makes of the file. */
export function mapFile<R>(path: string, read: (source: Source) => R): { content: R; pages: Tensor } {
  const file = openSync(path, 'r');
  try {
    const source = fileSource(path, file);
    const content = read(source);
    const pages = source.size === 0 ? empty([0], { dtype: 'uint8' }) : mapped(path, file, source.size);
    return { content, pages: pages.keep() };
  } finally {
    closeSync(file);
  }
}

function fileSource(path: string, file: number): Source {
  const source: Source = {
    size: fstatSync(file).size,
    name: path,
    read(target, position) {
      for (let done = 0; done < target.length; ) {
        const count = readSync(file, target, done, Math.min(target.length - done, LARGEST_READ), position + done);
        if (count === 0) throw new Error(`Expected ${target.length} bytes at ${position} of ${path} but it ended`);
        done += count;
      }
    },
    tensor: (position, bytes) => copied(source, position, bytes),
  };
  return source;
}

/** Maps the file when the first tensor is asked for. */
function pagesOf(path: string, file: number, size: number): Source['tensor'] {
  let pages: Tensor | undefined;
  return (position, bytes) => {
    pages ??= mapped(path, file, size);
    return pages.narrow(0, position, bytes);
  };
}

/** The pages of an open file, which libtorch opens once more by its path. */
function mapped(path: string, file: number, size: number): Tensor {
  const pages = fromFile(path, { shared: false, size, dtype: 'uint8' });
  const [opened, named] = [fstatSync(file), statSync(path)];
  if (opened.ino !== named.ino || opened.dev !== named.dev)
    throw new Error(`Expected ${path} to stay the same file but it was replaced while it was read`);
  return pages;
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
