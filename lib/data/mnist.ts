/** MNIST and the sets that share its format, and the handwritten digits that come with the package. */

import { existsSync, readdirSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { checkedOptions } from '../tensor/checked';
import { fromTypedArray } from '../tensor/creation';
import { randperm } from '../tensor/generated/root';
import { Generator } from '../tensor/generator';
import { scope } from '../tensor/scope';
import type { Tensor } from '../tensor/tensor';
import { datasetCache, fetchFiles, type RemoteFile } from './fetch';
import { readIdx } from './idx';
import { TensorDataset } from './tensor-dataset';

/** Images, float32[n, 1, height, width] in [0, 1] with bright ink, and their class numbers, int64[n]. */
export type LabelledImages = TensorDataset<[images: Tensor, labels: Tensor]>;

export interface ImageDatasets {
  readonly train: LabelledImages;
  readonly test: LabelledImages;
  /** The names of the classes, by class number. */
  readonly classes: readonly string[];
  /** Where the files were found, and how they were split when they were. */
  readonly source: string;
}

export interface MnistOptions {
  /** The folder with the files, or one that has a folder named after the dataset. Nothing else is looked at then. */
  dir?: string;
  /** Download what is found nowhere. Default true. */
  download?: boolean;
  signal?: AbortSignal;
}

interface Source {
  /** The name in messages, and of the folder in the cache. */
  readonly name: string;
  readonly mirrors: readonly string[];
  readonly files: readonly RemoteFile[];
  readonly classes: readonly string[];
}

const DIGITS = ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9'] as const;

const MNIST: Source = {
  name: 'mnist',
  mirrors: ['https://ossci-datasets.s3.amazonaws.com/mnist', 'https://storage.googleapis.com/cvdf-datasets/mnist'],
  files: [
    { name: 'train-images-idx3-ubyte.gz', sha256: '440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609' },
    { name: 'train-labels-idx1-ubyte.gz', sha256: '3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c' },
    { name: 't10k-images-idx3-ubyte.gz', sha256: '8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6' },
    { name: 't10k-labels-idx1-ubyte.gz', sha256: 'f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6' },
  ],
  classes: DIGITS,
};

const FASHION_MNIST: Source = {
  name: 'fashion-mnist',
  mirrors: ['https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion'],
  files: [
    { name: 'train-images-idx3-ubyte.gz', sha256: '3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84' },
    { name: 'train-labels-idx1-ubyte.gz', sha256: 'a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845' },
    { name: 't10k-images-idx3-ubyte.gz', sha256: '346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073' },
    { name: 't10k-labels-idx1-ubyte.gz', sha256: '67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5' },
  ],
  classes: ['T-shirt/top', 'Trouser', 'Pullover', 'Dress', 'Coat', 'Sandal', 'Shirt', 'Sneaker', 'Bag', 'Ankle boot'],
};

/**
 * MNIST: 70,000 handwritten digits of 28 x 28 pixels (LeCun, Cortes and Burges; CC BY-SA 3.0).
 *
 * The files are looked for in `dir`; without it in `$TORCHWRIGHT_DATA`, then in the per-user cache, and are downloaded to
 * the cache when neither has them. A folder that holds one of the two parts only is divided at random, always the same way:
 * 85 % for training, 15 % for testing.
 *
 * @throws when `dir` is given and has no such files, when a file is damaged, or when the download fails
 */
export function mnist(options?: MnistOptions): Promise<ImageDatasets> {
  return load(MNIST, checkedOptions(options, 'mnist'));
}

/** Fashion-MNIST: 70,000 pictures of clothes of 28 x 28 pixels (Zalando Research; MIT licence). Found as `mnist` is. */
export function fashionMnist(options?: MnistOptions): Promise<ImageDatasets> {
  return load(FASHION_MNIST, checkedOptions(options, 'fashionMnist'));
}

const DIGITS_FOLDER = join(__dirname, '..', '..', 'assets', 'digits');

/**
 * 1,797 handwritten digits of 8 x 8 pixels that come with the package (E. Alpaydin and C. Kaynak, UCI; CC BY 4.0), divided
 * at random, always the same way: 85 % for training, 15 % for testing.
 */
export function digits(): ImageDatasets {
  const part = { images: join(DIGITS_FOLDER, 'images-idx3-ubyte.gz'), labels: join(DIGITS_FOLDER, 'labels-idx1-ubyte.gz') };
  return { ...divide(part, 16), classes: DIGITS, source: `${DIGITS_FOLDER} (divided 85/15)` };
}

async function load(source: Source, { dir, download = true, signal }: MnistOptions): Promise<ImageDatasets> {
  const environment = process.env.TORCHWRIGHT_DATA;
  const cache = join(datasetCache(), source.name);
  if (dir !== undefined) {
    const folder = findFolder(resolve(dir), source);
    if (folder === undefined)
      throw new Error(`Expected the files of ${source.name} in ${resolve(dir)} but found ${inventory(resolve(dir))}`);
    return read(folder, source);
  }
  const folder = (environment && findFolder(resolve(environment), source)) || findFolder(cache, source);
  // A cache that holds one part only was interrupted while downloading: the other part is fetched, not made up.
  if (folder !== undefined && (folder !== cache || !download)) return read(folder, source);
  if (!download) {
    const places = [environment ? resolve(environment) : 'TORCHWRIGHT_DATA (not set)', cache].join(' or ');
    throw new Error(`Expected the files of ${source.name} in ${places} but found none; allow the download or name their folder.`);
  }
  await fetchFiles(cache, source.files, source.mirrors, signal);
  return read(cache, source);
}

interface Part {
  readonly images: string;
  readonly labels: string;
}

/** Parts by the names that their files have in the wild; the last one for sets that come undivided. */
const PARTS = ['train-', 't10k-', ''] as const;

function findPart(folder: string, prefix: string): Part | undefined {
  const [images, labels] = [`${prefix}images`, `${prefix}labels`].map((stem, k) => {
    const kind = k === 0 ? 'idx3' : 'idx1';
    const names = [`${stem}-${kind}-ubyte`, `${stem}.${kind}-ubyte`, `${stem}.${kind}`].flatMap((name) => [`${name}.gz`, name]);
    return names.map((name) => join(folder, name)).find((path) => existsSync(path));
  });
  return images === undefined || labels === undefined ? undefined : { images, labels };
}

/** The folder with a dataset's files: this one, or one in it that is named after the dataset. */
function findFolder(folder: string, source: Source): string | undefined {
  const has = (candidate: string): boolean => PARTS.some((prefix) => findPart(candidate, prefix) !== undefined);
  const plain = (name: string): string => name.toLowerCase().replace(/[^a-z0-9]/g, '');
  const wanted = plain(source.name);
  const own = plain(basename(folder));
  // MNIST's relatives use MNIST's file names: a folder that is named after another one is not taken.
  if (has(folder) && (!own.includes('mnist') || own.startsWith(wanted))) return folder;
  const named = listFolder(folder)
    .filter((name) => plain(name).startsWith(wanted))
    .sort((a, b) => a.length - b.length);
  return named.flatMap((name) => [join(folder, name), join(folder, name, 'raw')]).find(has);
}

function listFolder(folder: string): string[] {
  try {
    return readdirSync(folder).sort();
  } catch {
    return [];
  }
}

function inventory(folder: string): string {
  if (!existsSync(folder)) return 'no such folder';
  const names = listFolder(folder);
  return names.length === 0 ? 'an empty folder' : `${names.slice(0, 8).join(', ')}${names.length > 8 ? ', ...' : ''}`;
}

function read(folder: string, { classes }: Source): ImageDatasets {
  const [train, test] = [findPart(folder, 'train-'), findPart(folder, 't10k-')];
  if (train !== undefined && test !== undefined) {
    return { train: new TensorDataset(...readPart(train, 255)), test: new TensorDataset(...readPart(test, 255)), classes, source: folder };
  }
  const only = train ?? test ?? findPart(folder, '');
  if (only === undefined) throw new Error(`Expected IDX files in ${folder} but found ${inventory(folder)}`);
  return { ...divide(only, 255), classes, source: `${folder} (one part only: divided 85/15)` };
}

/** Images and labels of a part. `white` is the value of the brightest pixel. */
function readPart(part: Part, white: number): [images: Tensor, labels: Tensor] {
  const [images, labels] = [readIdx(part.images), readIdx(part.labels)];
  const [count, height, width] = images.shape;
  if (images.shape.length !== 3 || labels.shape.length !== 1 || labels.shape[0] !== count) {
    throw new Error(
      `Expected images [n, height, width] and labels [n] but received [${images.shape.join(', ')}] in ${part.images} and [${labels.shape.join(', ')}] in ${part.labels}`,
    );
  }
  return scope(() => [
    fromTypedArray(images.data)
      .reshape([count as number, 1, height as number, width as number])
      .to('float32')
      .div_(white),
    fromTypedArray(labels.data).to('int64'),
  ]);
}

const TRAINING_PERCENT = 85;

/** Divides one part into two, at random: some sets come sorted by class. The seed is fixed, so that results compare. */
function divide(part: Part, white: number): { train: LabelledImages; test: LabelledImages } {
  const [train, test] = scope(() => {
    const [images, labels] = readPart(part, white);
    const count = labels.numel();
    const order = randperm(count, { generator: new Generator().manualSeed(0) });
    const cut = Math.floor((TRAINING_PERCENT * count) / 100);
    const pick = (indices: Tensor): [Tensor, Tensor] => [images.indexSelect(0, indices), labels.indexSelect(0, indices)];
    return [pick(order.narrow(0, 0, cut)), pick(order.narrow(0, cut, count - cut))] as const;
  });
  return { train: new TensorDataset(...train), test: new TensorDataset(...test) };
}
