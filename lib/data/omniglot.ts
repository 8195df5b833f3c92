/** Omniglot: handwritten characters of fifty alphabets, for learning from few examples. */

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { checkedOptions } from '../tensor/checked';
import { type DatasetOptions, type FileSet, findFiles } from './find-files';
import { ImageFolder, type ImageFolderOptions } from './image-folder';

const BACKGROUND = 'images_background';
const EVALUATION = 'images_evaluation';

const OMNIGLOT: FileSet = {
  name: 'omniglot',
  inside: ['python', 'omniglot-py'],
  has: (folder) => [BACKGROUND, EVALUATION].every((part) => existsSync(join(folder, part))),
};

export interface OmniglotDatasets {
  /** 30 alphabets, for training: 964 characters with 20 drawings each. */
  readonly background: ImageFolder;
  /** 20 others, for testing: 659 characters. */
  readonly evaluation: ImageFolder;
  /** Where the files were found. */
  readonly source: string;
}

/**
 * Omniglot (Lake, Salakhutdinov and Tenenbaum, 2015, "Human-level concept learning through probabilistic program induction";
 * MIT licence): drawings uint8[1, 105, 105], ink 0 on paper 255, each class a character such as `Greek/character01`.
 *
 * The unpacked folders `images_background` and `images_evaluation` are looked for as the files of `mnist` are; they are not
 * downloaded.
 *
 * @param options as for the files and for `ImageFolder`; `mode` is 'grey' by default
 * @throws when the folders are nowhere, or a character's folder has no pictures
 */
export async function omniglot(options?: Pick<DatasetOptions, 'dir'> & Omit<ImageFolderOptions, 'depth'>): Promise<OmniglotDatasets> {
  const { dir, mode = 'grey', transform } = checkedOptions(options, 'omniglot');
  const source = await findFiles(OMNIGLOT, dir === undefined ? {} : { dir });
  const part = (name: string): ImageFolder =>
    new ImageFolder(join(source, name), { mode, depth: 2, ...(transform === undefined ? {} : { transform }) });
  return { background: part(BACKGROUND), evaluation: part(EVALUATION), source };
}
