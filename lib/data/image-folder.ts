/** Pictures in folders: a folder for each class. */

import { readdirSync, statSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { checkedOptions } from '../tensor/checked';
import { expected } from '../tensor/expected';
import { scope } from '../tensor/scope';
import type { Tensor } from '../tensor/tensor';
import type { Dataset } from './dataset';
import { findPath, inventory } from './find-files';
import { type ReadImageOptions, readImage } from './read-image';

export interface ImageFolderOptions extends ReadImageOptions {
  /** What is done to each picture, such as bringing all to one size. */
  transform?: (image: Tensor) => Tensor;
  /** How deep below the folder the classes' folders lie. Default 1; 2 for `alphabet/character`. */
  depth?: number;
}

const PICTURE = /\.(png|jpe?g)$/i;

/**
 * The PNG and JPEG files below the folders of a folder, each with the number of its folder: `folder/cat/1.png`,
 * `folder/dog/deep/2.jpg`. Classes and files are in the order of their names, as in torchvision's `ImageFolder`; other files
 * do not count. A picture is read when it is asked for: uint8[3, height, width], or [1, ...] for `mode: 'grey'`.
 *
 * Read many in a `for await` loop: what the decoder holds is given back between turns of the event loop, so a `for` loop
 * without one keeps about three times the pixels of all pictures that it has seen.
 *
 * @throws when there is no such folder, it has no folders, or one of them has no pictures
 */
export class ImageFolder implements Dataset<readonly [image: Tensor, label: number]> {
  readonly length: number;
  /** The folders' names by class number, with `/` between when they lie deeper. */
  readonly classes: readonly string[];
  /** The pictures' paths. */
  readonly files: readonly string[];
  /** The pictures' class numbers. */
  readonly labels: readonly number[];
  readonly #options: ReadImageOptions;
  readonly #transform: (image: Tensor) => Tensor;

  constructor(folder: string, options?: ImageFolderOptions) {
    const given = checkedOptions(options, 'ImageFolder');
    const { mode = 'rgb', transform = (image) => image, depth = 1 } = given;
    if (mode !== 'rgb' && mode !== 'grey') throw expected("'rgb' or 'grey'", 'mode', mode);
    if (typeof transform !== 'function') throw expected('a function', 'transform', transform);
    if (!Number.isSafeInteger(depth) || depth < 1) throw expected('a whole number of at least 1', 'depth', depth);
    const root = findPath(folder);
    const folders = foldersAt(root, depth);
    if (folders.length === 0) throw new Error(`Expected folders of pictures in ${root} but found ${inventory(root)}`);
    const samples = folders.flatMap((path, label) => {
      const files = picturesIn(path);
      if (files.length === 0) throw new Error(`Expected PNG or JPEG files in ${path} but found ${inventory(path)}`);
      return files.map((file) => ({ file, label }));
    });
    this.classes = folders.map((path) => relative(root, path).replaceAll(sep, '/'));
    this.files = samples.map(({ file }) => file);
    this.labels = samples.map(({ label }) => label);
    this.length = samples.length;
    this.#options = { mode };
    this.#transform = transform;
  }

  get(index: number): readonly [image: Tensor, label: number] {
    if (!Number.isInteger(index) || index < 0 || index >= this.length) {
      throw expected(`a whole number in [0, ${this.length})`, 'index', index);
    }
    const image = scope(() => this.#transform(readImage(this.files[index] as string, this.#options)));
    return [image, this.labels[index] as number];
  }
}

function foldersAt(folder: string, depth: number): string[] {
  const inside = names(folder)
    .map((name) => join(folder, name))
    .filter((path) => statSync(path).isDirectory());
  return depth === 1 ? inside : inside.flatMap((path) => foldersAt(path, depth - 1));
}

/** The pictures of a folder, then those of its folders. */
function picturesIn(folder: string): string[] {
  const paths = names(folder).map((name) => join(folder, name));
  const deeper = paths.filter((path) => statSync(path).isDirectory());
  return [...paths.filter((path) => PICTURE.test(path) && !deeper.includes(path)), ...deeper.flatMap(picturesIn)];
}

/** The names in a folder, sorted, without the hidden ones that systems leave behind. */
function names(folder: string): string[] {
  if (!statSync(folder).isDirectory()) throw new Error(`Expected a folder ${folder} but found a file`);
  return readdirSync(folder)
    .filter((name) => !name.startsWith('.'))
    .sort();
}
