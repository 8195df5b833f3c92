/** MNIST and the sets that share its format, and the handwritten digits that come with the package. */

import { join } from 'node:path';
import { checkedOptions } from '../tensor/checked';
import { fromTypedArray } from '../tensor/creation';
import { scope } from '../tensor/scope';
import type { Tensor } from '../tensor/tensor';
import { divide } from './divide';
import { type DatasetOptions, type FileSet, findFiles, firstFile, inventory } from './find-files';
import { readIdx } from './idx';
import type { ImageDatasets } from './labelled-images';
import { TensorDataset } from './tensor-dataset';

interface Source extends FileSet {
  readonly classes: readonly string[];
}

const DIGITS = ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9'] as const;

// MNIST's relatives use MNIST's file names, and torchvision keeps them in a folder `raw`.
const FAMILY = {
  family: 'mnist',
  inside: ['raw'],
  has: (folder: string) => PARTS.some((prefix) => findPart(folder, prefix) !== undefined),
};

const MNIST: Source = {
  ...FAMILY,
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
  ...FAMILY,
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

const KMNIST: Source = {
  ...FAMILY,
  name: 'kmnist',
  aliases: ['kuzushiji-mnist'],
  mirrors: ['https://codh.rois.ac.jp/kmnist/dataset/kmnist', 'http://codh.rois.ac.jp/kmnist/dataset/kmnist'],
  files: [
    { name: 'train-images-idx3-ubyte.gz', sha256: '51467d22d8cc72929e2a028a0428f2086b092bb31cfb79c69cc0a90ce135fde4' },
    { name: 'train-labels-idx1-ubyte.gz', sha256: 'e38f9ebcd0f3ebcdec7fc8eabdcdaef93bb0df8ea12bee65224341c8183d8e17' },
    { name: 't10k-images-idx3-ubyte.gz', sha256: 'edd7a857845ad6bb1d0ba43fe7e794d164fe2dce499a1694695a792adfac43c5' },
    { name: 't10k-labels-idx1-ubyte.gz', sha256: '20bb9a0ef54c7db3efc55a92eef5582c109615df22683c380526788f98e42a1c' },
  ],
  classes: ['o', 'ki', 'su', 'tsu', 'na', 'ha', 'ma', 'ya', 're', 'wo'],
};

/**
 * MNIST: 70,000 handwritten digits of 28 x 28 pixels (LeCun, Cortes and Burges; CC BY-SA 3.0), float32[n, 1, 28, 28] in
 * [0, 1] with bright ink.
 *
 * The files are looked for in `dir`; without it in `$TORCHWRIGHT_DATA`, then in the per-user cache, and are downloaded to
 * the cache when neither has them. A folder that holds one of the two parts only is divided at random, always the same way:
 * 85 % for training, 15 % for testing.
 *
 * @throws when `dir` is given and has no such files, when a file is damaged, or when the download fails
 */
export function mnist(options?: DatasetOptions): Promise<ImageDatasets> {
  return load(MNIST, checkedOptions(options, 'mnist'));
}

/** Fashion-MNIST: 70,000 pictures of clothes of 28 x 28 pixels (Zalando Research; MIT licence). Found as `mnist` is. */
export function fashionMnist(options?: DatasetOptions): Promise<ImageDatasets> {
  return load(FASHION_MNIST, checkedOptions(options, 'fashionMnist'));
}

/**
 * Kuzushiji-MNIST: 70,000 characters in cursive Japanese hand of 28 x 28 pixels, ten classes (Clanuwat et al., 2018, "Deep
 * Learning for Classical Japanese Literature"; CC BY-SA 4.0). Found as `mnist` is.
 */
export function kmnist(options?: DatasetOptions): Promise<ImageDatasets> {
  return load(KMNIST, checkedOptions(options, 'kmnist'));
}

const DIGITS_FOLDER = join(__dirname, '..', '..', 'assets', 'digits');

/**
 * 1,797 handwritten digits of 8 x 8 pixels that come with the package (E. Alpaydin and C. Kaynak, UCI; CC BY 4.0), divided
 * at random, always the same way: 85 % for training, 15 % for testing.
 */
export function digits(): ImageDatasets {
  const part = { images: join(DIGITS_FOLDER, 'images-idx3-ubyte.gz'), labels: join(DIGITS_FOLDER, 'labels-idx1-ubyte.gz') };
  return { ...divide(...readPart(part, 16)), classes: DIGITS, source: `${DIGITS_FOLDER} (divided 85/15)` };
}

async function load(source: Source, options: DatasetOptions): Promise<ImageDatasets> {
  return read(await findFiles(source, options), source);
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
    const names = [`${stem}-${kind}-ubyte`, `${stem}.${kind}-ubyte`, `${stem}.${kind}`];
    return firstFile(
      folder,
      names.flatMap((name) => [`${name}.gz`, name]),
    );
  });
  return images === undefined || labels === undefined ? undefined : { images, labels };
}

function read(folder: string, { classes }: Source): ImageDatasets {
  const [train, test] = [findPart(folder, 'train-'), findPart(folder, 't10k-')];
  if (train !== undefined && test !== undefined) {
    return { train: new TensorDataset(...readPart(train, 255)), test: new TensorDataset(...readPart(test, 255)), classes, source: folder };
  }
  const only = train ?? test ?? findPart(folder, '');
  if (only === undefined) throw new Error(`Expected IDX files in ${folder} but found ${inventory(folder)}`);
  return { ...divide(...readPart(only, 255)), classes, source: `${folder} (one part only: divided 85/15)` };
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
