/** State dicts in several files with an index, as the models of Hugging Face's hub are laid out. */

import { readFileSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { checkedOptions } from '../../tensor/checked';
import { expected } from '../../tensor/expected';
import { scope } from '../../tensor/scope';
import { Tensor } from '../../tensor/tensor';
import { writeAll, writeAtomically } from '../atomic';
import { withSource } from '../source';
import { parseHeader } from './header';
import { type LoadFileOptions, readEntry } from './load';
import { type SaveOptions, saveFile } from './save';

const INDEX = '.safetensors.index.json';

export interface SaveShardedOptions extends SaveOptions {
  /** Bytes of tensors in a file; a larger tensor has a file of its own. Default 5e9, as on the hub. */
  maxShardSize?: number;
  /** Beginning of the files' names. Default `'model'`. */
  name?: string;
}

/**
 * Writes tensors to a folder in files of at most `maxShardSize` bytes: `model-00001-of-00003.safetensors` and so on, and
 * `model.safetensors.index.json`, which tells which tensor is where; or `model.safetensors` alone when one file is enough. Each
 * file appears when it is whole, and the index last.
 *
 * @returns the path to give to `loadSharded`
 * @throws as `saveFile` does
 */
export function saveSharded(tensors: Readonly<Record<string, Tensor>>, folder: string, options: SaveShardedOptions = {}): string {
  const { maxShardSize = 5e9, name = 'model', metadata } = checkedOptions(options, 'saveSharded');
  if (typeof folder !== 'string') throw expected('the path of a folder', 'safetensors.saveSharded', folder);
  if (typeof maxShardSize !== 'number' || !(maxShardSize > 0)) throw expected('a positive number of bytes', 'maxShardSize', maxShardSize);
  if (typeof name !== 'string' || name === '' || basename(name) !== name) throw expected('the beginning of file names', 'name', name);
  const shards: Record<string, Tensor>[] = [];
  let room = 0;
  let total = 0;
  for (const [key, tensor] of Object.entries(tensors)) {
    if (!(tensor instanceof Tensor)) throw expected('a tensor', JSON.stringify(key), tensor);
    const { nbytes } = tensor;
    if (shards.length === 0 || nbytes > room) {
      shards.push(Object.create(null) as Record<string, Tensor>);
      room = maxShardSize;
    }
    (shards.at(-1) as Record<string, Tensor>)[key] = tensor;
    room -= nbytes;
    total += nbytes;
  }
  if (shards.length < 2) {
    const path = join(folder, `${name}.safetensors`);
    saveFile(tensors, path, { metadata });
    return path;
  }
  const places: [string, string][] = [];
  const digits = (count: number): string => String(count).padStart(5, '0');
  for (const [k, shard] of shards.entries()) {
    const file = `${name}-${digits(k + 1)}-of-${digits(shards.length)}.safetensors`;
    saveFile(shard, join(folder, file), { metadata });
    for (const key of Object.keys(shard)) places.push([key, file]);
  }
  const index = { metadata: { total_size: total }, weight_map: Object.fromEntries(places) };
  const path = join(folder, `${name}${INDEX}`);
  writeAtomically(path, (file) => writeAll(file, Buffer.from(`${JSON.stringify(index, null, 2)}\n`)));
  return path;
}

/**
 * Reads the tensors of a model that lies in several safetensors files.
 *
 * @param path the index, such as `model.safetensors.index.json`; or the folder with `model.safetensors.index.json`, or with
 * `model.safetensors` when there is no index; or one safetensors file
 * @throws when the index or a file is damaged, when a tensor is not where the index says, and as `loadFile` does
 */
export function loadSharded(path: string, options?: LoadFileOptions): Record<string, Tensor> {
  const { mmap = true, device } = checkedOptions(options, 'safetensors.loadSharded');
  if (typeof path !== 'string') throw expected('a path', 'safetensors.loadSharded', path);
  const index = indexOf(path);
  const files = index.endsWith('.json') ? readIndex(index) : new Map([[basename(index), null]]);
  return scope(() =>
    Object.fromEntries([...files].flatMap(([file, names]) => readShard(join(dirname(index), file), names, index, { mmap, device }))),
  );
}

/** The tensors of a file, all of them when `names` is null. */
function readShard(path: string, names: readonly string[] | null, index: string, { mmap, device }: LoadFileOptions): [string, Tensor][] {
  return withSource(path, { mmap }, (source) => {
    const { tensors } = parseHeader(source);
    return (names ?? Object.keys(tensors)).map((name) => {
      const entry = Object.hasOwn(tensors, name) ? tensors[name] : undefined;
      if (entry === undefined) throw new Error(`Expected ${JSON.stringify(name)} in ${path}, as ${index} says, but it is not there`);
      return [name, readEntry(source.tensor(entry.begin, entry.bytes), entry, device)];
    });
  });
}

function indexOf(path: string): string {
  if (!statSync(path).isDirectory()) return path;
  const index = join(path, `model${INDEX}`);
  return statSync(index, { throwIfNoEntry: false }) === undefined ? join(path, 'model.safetensors') : index;
}

/** The names of the tensors by the file that they are in. */
function readIndex(path: string): Map<string, string[]> {
  const fail = (what: string, received: string): Error => new Error(`Expected ${what} in ${path} but received ${received}`);
  let index: unknown;
  try {
    index = JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw fail('JSON', error.message);
  }
  const map: unknown = (index as { weight_map?: unknown } | null)?.weight_map;
  if (typeof map !== 'object' || map === null || Array.isArray(map))
    throw fail('a weight_map', (JSON.stringify(map) ?? 'nothing').slice(0, 60));
  const files = new Map<string, string[]>();
  for (const [name, file] of Object.entries(map)) {
    // Only files beside the index: one from elsewhere must not lead out of its folder.
    if (typeof file !== 'string' || file === '' || file === '..' || /[/\\\0]/.test(file))
      throw fail(`the name of a file beside it for ${JSON.stringify(name)}`, JSON.stringify(file).slice(0, 60));
    const names = files.get(file);
    if (names === undefined) files.set(file, [name]);
    else names.push(name);
  }
  return files;
}
