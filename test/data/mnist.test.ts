import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import * as torch from '../../lib';
import { data } from '../../lib';

/** An IDX file of unsigned bytes. */
function idx(shape: readonly number[], bytes: readonly number[]): Buffer {
  const sizes = Buffer.alloc(4 * shape.length);
  for (const [axis, size] of shape.entries()) sizes.writeUInt32BE(size, 4 * axis);
  return Buffer.concat([Buffer.from([0, 0, 8, shape.length]), sizes, Buffer.from(bytes)]);
}

/** Writes `count` images of 2 x 1 pixels, [first + k, 255], with labels (first + k) % 10. */
function writePart(folder: string, images: string, labels: string, count: number, first = 0): void {
  mkdirSync(folder, { recursive: true });
  const numbers = Array.from({ length: count }, (_, k) => first + k);
  const pack = (name: string, bytes: Buffer): Buffer => (name.endsWith('.gz') ? gzipSync(bytes) : bytes);
  writeFileSync(
    join(folder, images),
    pack(
      images,
      idx(
        [count, 2, 1],
        numbers.flatMap((n) => [n, 255]),
      ),
    ),
  );
  writeFileSync(
    join(folder, labels),
    pack(
      labels,
      idx(
        [count],
        numbers.map((n) => n % 10),
      ),
    ),
  );
}

function writeBoth(folder: string, first = 0): void {
  writePart(folder, 'train-images-idx3-ubyte.gz', 'train-labels-idx1-ubyte.gz', 6, first);
  writePart(folder, 't10k-images-idx3-ubyte.gz', 't10k-labels-idx1-ubyte.gz', 3, first + 100);
}

let root: string;
const environment = { ...process.env };
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'mnist-'));
  process.env.XDG_CACHE_HOME = join(root, 'cache');
  delete process.env.TORCHWRIGHT_DATA;
});
afterEach(() => {
  process.env = { ...environment };
  rmSync(root, { recursive: true });
});
const cache = (name: string): string => join(root, 'cache', 'torchwright', 'datasets', name);
const firstPixel = ({ train }: data.ImageDatasets): number => Math.round(255 * Number(train.tensors[0].flatten().select(0, 0).item()));

describe('where the files are found', () => {
  test("in the folder given, in one named after the dataset, and in torchvision's layout", async () => {
    writeBoth(join(root, 'a'), 1);
    writeBoth(join(root, 'b', 'mnist'), 2);
    writeBoth(join(root, 'c', 'MNIST', 'raw'), 3);
    writeBoth(join(root, 'c', 'FashionMNIST', 'raw'), 4);
    expect(firstPixel(await data.mnist({ dir: join(root, 'a') }))).toBe(1);
    expect(firstPixel(await data.mnist({ dir: join(root, 'b') }))).toBe(2);
    expect(firstPixel(await data.mnist({ dir: join(root, 'c') }))).toBe(3);
    expect(firstPixel(await data.fashionMnist({ dir: join(root, 'c') }))).toBe(4);
    writeBoth(join(root, 'c', 'KMNIST', 'raw'), 5);
    writeBoth(join(root, 'd', 'kuzushiji_mnist'), 6);
    expect(firstPixel(await data.kmnist({ dir: join(root, 'c') }))).toBe(5);
    expect(firstPixel(await data.kmnist({ dir: join(root, 'd') }))).toBe(6);
    expect((await data.kmnist({ dir: join(root, 'd') })).classes[9]).toBe('wo');
  });

  test('in TORCHWRIGHT_DATA before the cache, and nowhere else when a folder is given', async () => {
    writeBoth(cache('mnist'), 5);
    expect(firstPixel(await data.mnist({ download: false }))).toBe(5);
    writeBoth(join(root, 'data', 'mnist'), 6);
    process.env.TORCHWRIGHT_DATA = join(root, 'data');
    expect(firstPixel(await data.mnist())).toBe(6);
    mkdirSync(join(root, 'empty'));
    await expect(data.mnist({ dir: join(root, 'empty') })).rejects.toThrow(
      `Expected the files of mnist in ${root}/empty but found an empty folder`,
    );
    await expect(data.mnist({ dir: join(root, 'none') })).rejects.toThrow('but found no such folder');
  });

  test('not in a folder named after another dataset of the family', async () => {
    writeBoth(join(root, 'fashion-mnist'), 7);
    await expect(data.mnist({ dir: join(root, 'fashion-mnist') })).rejects.toThrow('Expected the files of mnist in');
    process.env.TORCHWRIGHT_DATA = join(root, 'fashion-mnist');
    await expect(data.mnist({ download: false })).rejects.toThrow('allow the download or name their folder');
    expect(firstPixel(await data.fashionMnist())).toBe(7);
    await expect(data.kmnist({ download: false })).rejects.toThrow('Expected the files of kmnist in');
  });

  test('under the names they have in the wild, compressed or not', async () => {
    writePart(join(root, 'kaggle'), 'train-images.idx3-ubyte', 'train-labels.idx1-ubyte', 4, 8);
    writePart(join(root, 'kaggle'), 't10k-images.idx3-ubyte', 't10k-labels.idx1-ubyte', 2, 8);
    writePart(join(root, 'one'), 'images.idx3.gz', 'labels.idx1.gz', 10, 9);
    const { train, test } = await data.mnist({ dir: join(root, 'kaggle') });
    expect([train.length, test.length]).toEqual([4, 2]);
    expect((await data.mnist({ dir: join(root, 'one') })).test).toHaveLength(2);
  });

  test('nowhere: says where it looked', async () => {
    await expect(data.mnist({ download: false })).rejects.toThrow(
      `Expected the files of mnist in TORCHWRIGHT_DATA (not set) or ${cache('mnist')} but found none`,
    );
  });
});

test('images are floats in [0, 1] with a channel, labels int64', async () => {
  writeBoth(root);
  const { train, test, classes } = await data.mnist({ dir: root });
  const [images, labels] = train.tensors;
  expect([images.dtype, images.shape]).toEqual(['float32', [6, 1, 2, 1]]);
  expect([labels.dtype, labels.toArray()]).toEqual(['int64', [0, 1, 2, 3, 4, 5]]);
  expect(images.select(0, 2).flatten().toArray()).toEqual([Math.fround(2 / 255), 1]);
  expect(test.tensors[1].toArray()).toEqual([0, 1, 2]);
  expect(classes).toHaveLength(10);
});

test('a folder with one part is divided 85/15, always the same way, and nothing is lost', async () => {
  writePart(join(root, 'mnist'), 't10k-images-idx3-ubyte.gz', 't10k-labels-idx1-ubyte.gz', 100);
  torch.manualSeed(1);
  const first = await data.mnist({ dir: root });
  torch.manualSeed(2);
  const second = await data.mnist({ dir: root });
  expect([first.train.length, first.test.length]).toEqual([85, 15]);
  expect(first.source).toContain('one part only: divided 85/15');
  expect(torch.equal(first.test.tensors[0], second.test.tensors[0])).toBe(true);
  const pixels = [first.train, first.test].flatMap(
    ({ tensors: [images] }) => images.select(2, 0).flatten().mul(255).round().toArray() as number[],
  );
  expect([...pixels].sort((a, b) => a - b)).toEqual(Array.from({ length: 100 }, (_, k) => k));
  expect(pixels.slice(0, 85)).not.toEqual(Array.from({ length: 85 }, (_, k) => k));
});

test('images and labels that do not belong together are refused', async () => {
  writePart(root, 'train-images-idx3-ubyte', 'train-labels-idx1-ubyte', 3);
  writeFileSync(join(root, 'train-labels-idx1-ubyte'), idx([2], [1, 2]));
  await expect(data.mnist({ dir: root })).rejects.toThrow('Expected images [n, height, width] and labels [n] but received [3, 2, 1]');
});

test('digits come with the package: 1,797 of them, in about equal numbers', () => {
  const { train, test, classes } = data.digits();
  expect([train.length, test.length]).toEqual([1527, 270]);
  const labels = torch.cat([train.tensors[1], test.tensors[1]]);
  // The numbers of each class in the source's description.
  expect(labels.bincount().toArray()).toEqual([178, 182, 177, 183, 181, 182, 181, 179, 174, 180]);
  const images = train.tensors[0];
  expect(images.shape).toEqual([1527, 1, 8, 8]);
  expect([images.min().item(), images.max().item()]).toEqual([0, 1]);
  expect(classes).toEqual(['0', '1', '2', '3', '4', '5', '6', '7', '8', '9']);
});
