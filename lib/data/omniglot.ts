/** Omniglot: handwritten characters of fifty alphabets, for learning from few examples. */

import { join } from 'node:path';
import { checkedOptions } from '../tensor/checked';
import { type DatasetOptions, type FileSet, findFiles, firstFile } from './find-files';
import { ImageFolder, type ImageFolderOptions } from './image-folder';
import { unpackFolder } from './unpack';

const BACKGROUND = 'images_background';
const EVALUATION = 'images_evaluation';

const OMNIGLOT: FileSet = {
  name: 'omniglot',
  inside: ['python', 'omniglot-py'],
  has: (folder) => [BACKGROUND, EVALUATION].every((part) => firstFile(folder, [part, `${part}.zip`]) !== undefined),
  mirrors: [
    'https://raw.githubusercontent.com/brendenlake/omniglot/master/python',
    'https://github.com/brendenlake/omniglot/raw/master/python',
  ],
  files: [
    { name: `${BACKGROUND}.zip`, sha256: 'ad41ab679c8b5d90b271ef46be6987cc81211774a695c29dcc5367b2b26ee640', holds: BACKGROUND },
    { name: `${EVALUATION}.zip`, sha256: '1f61a8f3366785b057fc117d9228e78a16e3d976c8953b2a10fcc74cf0609cee', holds: EVALUATION },
  ],
};

export interface OmniglotDatasets {
  /** 30 alphabets, for training: 964 characters with 20 drawings each. */
  readonly background: ImageFolder;
  /** 20 others, for testing: 659 characters. */
  readonly evaluation: ImageFolder;
  /** Where the files were found. */
  readonly source: string;
}

export type OmniglotOptions = DatasetOptions & Omit<ImageFolderOptions, 'depth'>;

/**
 * Omniglot (Lake, Salakhutdinov and Tenenbaum, 2015, "Human-level concept learning through probabilistic program induction";
 * MIT licence): drawings uint8[1, 105, 105], ink 0 on paper 255, each class a character such as `Greek/character01`.
 *
 * The folders `images_background` and `images_evaluation`, or their archives `images_background.zip` and `images_evaluation.zip`,
 * are found as the files of `mnist` are, and the archives downloaded when neither are anywhere (16 MB). An archive is unpacked
 * beside itself, into 32,460 files in all.
 *
 * @param options as for the files and for `ImageFolder`; `mode` is 'grey' by default
 * @throws when `dir` is given and has no such files, when an archive is damaged or cannot be unpacked there, when a character's folder
 *   has no pictures, or when the download fails
 */
export function omniglot(options?: OmniglotOptions): Promise<OmniglotDatasets> {
  return readOmniglot(OMNIGLOT, options);
}

/** @internal Omniglot from given files. */
export async function readOmniglot(set: FileSet, options?: OmniglotOptions): Promise<OmniglotDatasets> {
  const { mode = 'grey', transform, ...files } = checkedOptions(options, 'omniglot');
  const source = await findFiles(set, files);
  for (const part of [BACKGROUND, EVALUATION]) await unpackFolder(source, part, files.signal);
  const part = (name: string): ImageFolder =>
    new ImageFolder(join(source, name), { mode, depth: 2, ...(transform === undefined ? {} : { transform }) });
  return { background: part(BACKGROUND), evaluation: part(EVALUATION), source };
}
