/** CIFAR-10 and CIFAR-100, in their binary version: records of label bytes and 3 x 32 x 32 pixels. */

import { basename, join } from 'node:path';
import { parseTar } from 'nanotar';
import { checkedOptions } from '../tensor/checked';
import { fromTypedArray } from '../tensor/creation';
import { expected } from '../tensor/expected';
import { cat } from '../tensor/generated/root';
import { scope } from '../tensor/scope';
import type { Tensor } from '../tensor/tensor';
import { divide } from './divide';
import { type DatasetOptions, type FileSet, findFiles, firstFile, inventory } from './find-files';
import type { ImageDatasets } from './labelled-images';
import { readMaybeGzip } from './read-file';
import { TensorDataset } from './tensor-dataset';

const CLASSES = ['airplane', 'automobile', 'bird', 'cat', 'deer', 'dog', 'frog', 'horse', 'ship', 'truck'] as const;

const FINE_CLASSES =
  `apple aquarium_fish baby bear beaver bed bee beetle bicycle bottle bowl boy bridge bus butterfly camel can castle caterpillar
  cattle chair chimpanzee clock cloud cockroach couch crab crocodile cup dinosaur dolphin elephant flatfish forest fox girl
  hamster house kangaroo keyboard lamp lawn_mower leopard lion lizard lobster man maple_tree motorcycle mountain mouse mushroom
  oak_tree orange orchid otter palm_tree pear pickup_truck pine_tree plain plate poppy porcupine possum rabbit raccoon ray road
  rocket rose sea seal shark shrew skunk skyscraper snail snake spider squirrel streetcar sunflower sweet_pepper table tank
  telephone television tiger tractor train trout tulip turtle wardrobe whale willow_tree wolf woman worm`.split(/\s+/);

const COARSE_CLASSES =
  `aquatic_mammals fish flowers food_containers fruit_and_vegetables household_electrical_devices household_furniture insects
  large_carnivores large_man-made_outdoor_things large_natural_outdoor_scenes large_omnivores_and_herbivores medium_mammals
  non-insect_invertebrates people reptiles small_mammals trees vehicles_1 vehicles_2`.split(/\s+/);

interface Source extends FileSet {
  /** The archive that the files come in; it is read as it is. */
  readonly archive: string;
  /** Names of the files of a part, without ending; the first list of which a file is there holds. */
  readonly train: readonly (readonly string[])[];
  readonly test: readonly (readonly string[])[];
  /** Label bytes at the start of a record. */
  readonly labels: number;
}

function source(name: string, folder: string, sha256: string, layout: Pick<Source, 'train' | 'test' | 'labels'>): Source {
  const archive = `${name}-binary.tar.gz`;
  const stems = [layout.train, layout.test].flat(2);
  return {
    ...layout,
    name,
    archive,
    family: 'cifar',
    inside: [folder],
    mirrors: ['https://www.cs.toronto.edu/~kriz'],
    files: [{ name: archive, sha256 }],
    has: (where) => firstFile(where, [...stems.flatMap((stem) => [`${stem}.bin`, `${stem}.bin.gz`]), archive]) !== undefined,
  };
}

const CIFAR10 = source('cifar-10', 'cifar-10-batches-bin', 'c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd', {
  train: [[1, 2, 3, 4, 5].map((k) => `data_batch_${k}`), ['train']],
  test: [['test_batch'], ['test']],
  labels: 1,
});

const CIFAR100 = source('cifar-100', 'cifar-100-binary', '58a81ae192c23a4be8b1804d68e518ed807d710a4eb253b1f2a199162a40d8ec', {
  train: [['train']],
  test: [['test']],
  labels: 2,
});

/**
 * CIFAR-10: 60,000 colour pictures of ten classes (Krizhevsky, 2009, "Learning Multiple Layers of Features from Tiny
 * Images"), uint8[n, 3, 32, 32], in the order of the files.
 *
 * The files of the binary version, `data_batch_1.bin` to `data_batch_5.bin` and `test_batch.bin` (or `train.bin` and
 * `test.bin`), or their archive `cifar-10-binary.tar.gz`, are found as those of `mnist` are. A folder that holds one of the
 * two parts only is divided as there.
 *
 * @throws when `dir` is given and has no such files, when a file is missing or damaged, or when the download fails
 */
export async function cifar10(options?: DatasetOptions): Promise<ImageDatasets> {
  return read(await findFiles(CIFAR10, checkedOptions(options, 'cifar10')), CIFAR10, 0, CLASSES);
}

export interface Cifar100Options extends DatasetOptions {
  /** The hundred classes, or the twenty that they are grouped in. Default 'fine', as in torchvision. */
  labels?: 'fine' | 'coarse';
}

/**
 * CIFAR-100: 60,000 colour pictures of a hundred classes in twenty groups (Krizhevsky, 2009), uint8[n, 3, 32, 32]. The files
 * `train.bin` and `test.bin`, or their archive `cifar-100-binary.tar.gz`, are found as those of `mnist` are.
 *
 * @throws as `cifar10` does, and for labels that are neither
 */
export async function cifar100(options?: Cifar100Options): Promise<ImageDatasets> {
  const { labels = 'fine', ...rest } = checkedOptions(options, 'cifar100');
  if (labels !== 'fine' && labels !== 'coarse') throw expected("'fine' or 'coarse'", 'labels', labels);
  const folder = await findFiles(CIFAR100, rest);
  return labels === 'fine' ? read(folder, CIFAR100, 1, FINE_CLASSES) : read(folder, CIFAR100, 0, COARSE_CLASSES);
}

/** The bytes of a file by its name without ending, or nothing. */
type Files = (stem: string) => Uint8Array | undefined;

function read(folder: string, set: Source, label: number, classes: readonly string[]): ImageDatasets {
  const onDisk: Files = (stem) => {
    const path = firstFile(folder, [`${stem}.bin`, `${stem}.bin.gz`]);
    return path === undefined ? undefined : readMaybeGzip(path);
  };
  const stems = [set.train, set.test].flat(2);
  const unpacked = stems.some((stem) => firstFile(folder, [`${stem}.bin`, `${stem}.bin.gz`]) !== undefined);
  const files = unpacked ? onDisk : inArchive(join(folder, set.archive));
  const [train, test] = [set.train, set.test].map((lists) => readPart(files, lists, folder, set.labels, label, classes.length));
  if (train !== undefined && test !== undefined) {
    return { train: new TensorDataset(...train), test: new TensorDataset(...test), classes, source: folder };
  }
  const only = train ?? test;
  if (only === undefined) throw new Error(`Expected the files of ${set.name} in ${folder} but found ${inventory(folder)}`);
  return { ...divide(...only), classes, source: `${folder} (one part only: divided 85/15)` };
}

function inArchive(path: string): Files {
  // The reader wants the whole of a buffer, and Node may give a part of one.
  const bytes = new Uint8Array(readMaybeGzip(path));
  let files: Map<string, Uint8Array | undefined>;
  try {
    files = new Map(parseTar(bytes, { filter: ({ name }) => name.endsWith('.bin') }).map(({ name, data }) => [basename(name), data]));
  } catch (error) {
    throw new Error(`Expected a whole tar archive in ${basename(path)} but reading it failed: ${(error as Error).message}`);
  }
  return (stem) => files.get(`${stem}.bin`);
}

const PIXELS = 3 * 32 * 32;

function readPart(
  files: Files,
  lists: readonly (readonly string[])[],
  folder: string,
  labelBytes: number,
  label: number,
  classes: number,
): [images: Tensor, labels: Tensor] | undefined {
  for (const stems of lists) {
    const contents = stems.map(files);
    if (contents.every((bytes) => bytes === undefined)) continue;
    return scope(() => {
      const record = labelBytes + PIXELS;
      const records = contents.map((bytes, k) => {
        const name = `${stems[k]}.bin`;
        if (bytes === undefined) throw new Error(`Expected ${stems.join('.bin, ')}.bin in ${folder} but ${name} is missing`);
        if (bytes.length === 0 || bytes.length % record !== 0) {
          throw new Error(`Expected records of ${record} bytes in ${name} but received ${bytes.length} bytes`);
        }
        const rows = fromTypedArray(bytes, { shape: [bytes.length / record, record], copy: false });
        const highest = Number(rows.select(1, label).max().item());
        if (highest >= classes) throw new Error(`Expected labels in [0, ${classes}) in ${name} but received ${highest}`);
        return rows;
      });
      const all = cat(records);
      const count = all.shape[0] as number;
      return [all.narrow(1, labelBytes, PIXELS).contiguous().reshape([count, 3, 32, 32]), all.select(1, label).to('int64')] as [
        Tensor,
        Tensor,
      ];
    });
  }
  return undefined;
}
