/** Where a dataset's files are: the folder given, `$TORCHWRIGHT_DATA`, the per-user cache, or the network. */

import { existsSync, readdirSync } from 'node:fs';
import { basename, isAbsolute, join, resolve } from 'node:path';
import { checkedOptions } from '../tensor/checked';
import { expected } from '../tensor/expected';
import { datasetCache, fetchFiles, type RemoteFile } from './fetch';

/** Where a dataset is looked for. */
export interface DatasetOptions {
  /** The folder with the files, or one that has a folder named after the dataset. Nothing else is looked at then. */
  dir?: string;
  /** Download what is found nowhere. Default true. */
  download?: boolean;
  signal?: AbortSignal;
}

/** The files of a dataset, as they are found and fetched. */
export interface FileSet {
  /** The name in messages, and of the folder in the cache. */
  readonly name: string;
  /** Other names that a folder with these files may start with, such as that of the archive they come in. */
  readonly aliases?: readonly string[];
  /** Whether a folder has these files, or enough of them. */
  readonly has: (folder: string) => boolean;
  /** Folders that the files may lie in, inside one that is named after the dataset. */
  readonly inside?: readonly string[];
  /** A word in the names of datasets that share file names: a folder named after another one of them is not taken. */
  readonly family?: string;
  /** What is downloaded when the files are nowhere, and addresses to try in turn. None: they have to be there. */
  readonly files?: readonly RemoteFile[];
  readonly mirrors?: readonly string[];
}

/**
 * The folder with a dataset's files.
 *
 * They are looked for in `dir`; without it in `$TORCHWRIGHT_DATA`, then in the per-user cache, and are downloaded to the
 * cache when neither has them. What a cut download left in the cache is completed, not read.
 *
 * @throws when `dir` is given and has no such files, when they are nowhere and cannot be downloaded, or the download fails
 */
export async function findFiles(set: FileSet, options?: DatasetOptions): Promise<string> {
  const { dir, download = true, signal } = checkedOptions(options, 'findFiles');
  if (dir !== undefined) {
    const folder = findFolder(resolve(dir), set);
    if (folder === undefined) throw new Error(`Expected the files of ${set.name} in ${resolve(dir)} but found ${inventory(resolve(dir))}`);
    return folder;
  }
  const environment = process.env.TORCHWRIGHT_DATA;
  const cache = join(datasetCache(), set.name);
  const { files = [], mirrors = [] } = set;
  const fetches = download && files.length > 0;
  const folder = (environment && findFolder(resolve(environment), set)) || findFolder(cache, set);
  if (folder !== undefined && (folder !== cache || !fetches)) return folder;
  if (!fetches) {
    const places = [environment ? resolve(environment) : 'TORCHWRIGHT_DATA (not set)', cache].join(' or ');
    const advice = files.length > 0 ? 'allow the download or name their folder' : 'name their folder';
    throw new Error(`Expected the files of ${set.name} in ${places} but found none; ${advice}.`);
  }
  await fetchFiles(cache, files, mirrors, signal);
  return cache;
}

/** The folder with a dataset's files: this one, or one in it that is named after the dataset. */
function findFolder(folder: string, { name, aliases = [], has, inside = [], family }: FileSet): string | undefined {
  // Names go on with anything (`cifar-10-batches-bin`) but the digits of another number (`cifar-100`).
  const wanted = [name, ...aliases].map((start) => new RegExp(`^${plain(start)}${/\d$/.test(start) ? '(?!\\d)' : ''}`));
  const isNamed = (other: string): boolean => wanted.some((start) => start.test(plain(other)));
  const ofAnother = family !== undefined && plain(basename(folder)).includes(family) && !isNamed(basename(folder));
  if (!ofAnother && has(folder)) return folder;
  return listFolder(folder)
    .filter(isNamed)
    .sort((a, b) => a.length - b.length)
    .flatMap((named) => ['', ...inside].map((deeper) => join(folder, named, deeper)))
    .find(has);
}

/** A name without case and punctuation: `Fashion-MNIST` and `fashion_mnist` are one. */
function plain(name: string): string {
  return name.toLowerCase().replace(/[^a-z0-9]/g, '');
}

/** The names in a folder, sorted; none when it is no folder. */
export function listFolder(folder: string): string[] {
  try {
    return readdirSync(folder).sort();
  } catch {
    return [];
  }
}

/** What a folder holds, in a few words, for messages. */
export function inventory(folder: string): string {
  if (!existsSync(folder)) return 'no such folder';
  const names = listFolder(folder);
  return names.length === 0 ? 'an empty folder' : `${names.slice(0, 8).join(', ')}${names.length > 8 ? ', ...' : ''}`;
}

/** The first of some names that a folder has, as a path. */
export function firstFile(folder: string, names: readonly string[]): string | undefined {
  return names.map((name) => join(folder, name)).find((path) => existsSync(path));
}

/**
 * A file or folder that a program names: where the path leads, or, when that is relative and leads nowhere, below
 * `$TORCHWRIGHT_DATA`.
 *
 * @throws when it is in neither place
 */
export function findPath(path: string): string {
  if (typeof path !== 'string' || path === '') throw expected('a path', 'path', path);
  const environment = process.env.TORCHWRIGHT_DATA;
  const places = [resolve(path), ...(environment && !isAbsolute(path) ? [resolve(environment, path)] : [])];
  const found = places.find((place) => existsSync(place));
  if (found === undefined) throw new Error(`Expected a file or folder ${places.join(' or ')} but found none`);
  return found;
}
