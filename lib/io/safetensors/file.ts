import { checkedOptions } from '../../tensor/checked';
import { expected } from '../../tensor/expected';
import { scope } from '../../tensor/scope';
import type { Tensor } from '../../tensor/tensor';
import type { DType } from '../../tensor/types';
import { mapFile } from '../source';
import { parseHeader, type SafetensorsHeader } from './header';
import { type LoadOptions, readEntry } from './load';

/**
 * A safetensors file whose tensors are read one by one, when they are asked for. They are the file's own pages, without a copy,
 * and outlive `close`; what `loadFile` says about its option `mmap` holds for them.
 *
 * ```ts
 * using file = io.safetensors.open('model.safetensors');
 * for (const name of file.keys()) console.log(name, file.dtype(name), file.shape(name));
 * const rows = file.get('embedding.weight').narrow(0, 0, 10); // reads these rows only
 * ```
 */
export class SafetensorsFile {
  readonly path: string;
  /** The texts beside the tensors. */
  readonly metadata: Readonly<Record<string, string>>;
  readonly #tensors: SafetensorsHeader['tensors'];
  #pages: Tensor | null;

  /** @internal Use `safetensors.open`. */
  constructor(path: string) {
    const { content, pages } = mapFile(path, parseHeader);
    this.path = path;
    this.metadata = content.metadata;
    this.#tensors = content.tensors;
    this.#pages = pages;
  }

  /** The tensors' names, in the header's order. */
  keys(): string[] {
    return Object.keys(this.#tensors);
  }

  has(name: string): boolean {
    return Object.hasOwn(this.#tensors, name);
  }

  /** @throws when there is no such tensor */
  dtype(name: string): DType {
    return this.#entry(name).dtype;
  }

  /** @throws when there is no such tensor */
  shape(name: string): number[] {
    return [...this.#entry(name).shape];
  }

  /** A tensor. @throws when there is none of this name, and after `close` */
  get(name: string, options?: LoadOptions): Tensor {
    const { device } = checkedOptions(options, 'get');
    const entry = this.#entry(name);
    const pages = this.#pages;
    if (pages === null) throw new Error(`Expected ${this.path} to be open for ${JSON.stringify(name)} but it was closed`);
    return scope(() => readEntry(pages.narrow(0, entry.begin, entry.bytes), entry, device));
  }

  /** Lets go of the file; tensors that were read stay. */
  close(): void {
    this.#pages?.dispose();
    this.#pages = null;
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #entry(name: string): SafetensorsHeader['tensors'][string] {
    const entry = this.has(name) ? this.#tensors[name] : undefined;
    if (entry === undefined) throw expected('the name of a tensor', this.path, name);
    return entry;
  }
}

/**
 * Opens a safetensors file to read its tensors one by one.
 *
 * @throws when the file cannot be read or is no such file
 */
export function open(path: string): SafetensorsFile {
  if (typeof path !== 'string') throw expected('a path', 'safetensors.open', path);
  return new SafetensorsFile(path);
}
