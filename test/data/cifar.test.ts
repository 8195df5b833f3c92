import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { createTar } from 'nanotar';
import * as torch from '../../lib';
import { data } from '../../lib';

let root: string;
const environment = { ...process.env };
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'cifar-'));
  process.env.XDG_CACHE_HOME = join(root, 'cache');
  delete process.env.TORCHWRIGHT_DATA;
});
afterEach(() => {
  process.env = { ...environment };
  rmSync(root, { recursive: true });
});

/** Records with the labels given; pixel p of record r is (p + r) % 251. */
function records(...labels: readonly (readonly number[])[]): Buffer {
  return Buffer.concat(labels.map((own, r) => Buffer.from([...own, ...Array.from({ length: 3072 }, (_, p) => (p + r) % 251)])));
}

function write(folder: string, files: Readonly<Record<string, Buffer>>): void {
  mkdirSync(folder, { recursive: true });
  for (const [name, bytes] of Object.entries(files)) writeFileSync(join(folder, name), bytes);
}

const BATCHES: Readonly<Record<string, Buffer>> = Object.fromEntries(
  [1, 2, 3, 4, 5].map((k) => [`data_batch_${k}.bin`, records([k], [k + 4])]),
);
const ALL: Readonly<Record<string, Buffer>> = { ...BATCHES, 'test_batch.bin': records([0], [9], [3]) };

test('records become pictures uint8[n, 3, 32, 32], planes of red, green and blue by rows, in the order of the files', async () => {
  write(join(root, 'cifar-10-batches-bin'), ALL);
  const { train, test: held, classes, source } = await data.cifar10({ dir: root });
  const [images, labels] = train.tensors;
  expect([images.dtype, images.shape, images.isContiguous()]).toEqual(['uint8', [10, 3, 32, 32], true]);
  expect([labels.dtype, labels.toArray()]).toEqual(['int64', [1, 5, 2, 6, 3, 7, 4, 8, 5, 9]]);
  expect(held.tensors[1].toArray()).toEqual([0, 9, 3]);
  // Channel 2, row 5, column 7 of the second record.
  expect(images.index(1, 2, 5, 7).item()).toBe((2 * 1024 + 5 * 32 + 7 + 1) % 251);
  expect([classes[0], classes[9], source]).toEqual(['airplane', 'truck', join(root, 'cifar-10-batches-bin')]);
});

test('the archive is read as it is, and gives the same', async () => {
  write(join(root, 'a'), ALL);
  const tar = createTar(Object.entries(ALL).map(([name, bytes]) => ({ name: `cifar-10-batches-bin/${name}`, data: bytes })));
  write(join(root, 'b'), { 'cifar-10-binary.tar.gz': gzipSync(tar) });
  const [plain, packed] = [await data.cifar10({ dir: join(root, 'a') }), await data.cifar10({ dir: join(root, 'b') })];
  expect(torch.equal(plain.train.tensors[0], packed.train.tensors[0])).toBe(true);
  expect(torch.equal(plain.test.tensors[1], packed.test.tensors[1])).toBe(true);
});

test('one file for each part, compressed; one part alone is divided', async () => {
  write(join(root, 'a'), { 'train.bin.gz': gzipSync(records([4], [2])), 'test.bin.gz': gzipSync(records([7])) });
  const both = await data.cifar10({ dir: join(root, 'a') });
  expect([both.train.tensors[1].toArray(), both.test.tensors[1].toArray()]).toEqual([[4, 2], [7]]);
  write(join(root, 'b'), { 'test.bin': records(...Array.from({ length: 20 }, (_, k) => [k % 10])) });
  const divided = await data.cifar10({ dir: join(root, 'b') });
  expect([divided.train.length, divided.test.length]).toEqual([17, 3]);
  expect(divided.source).toContain('divided 85/15');
});

test('CIFAR-100 has fine and coarse labels', async () => {
  write(join(root, 'cifar-100-binary'), { 'train.bin': records([11, 2], [19, 99]), 'test.bin': records([0, 0]) });
  const fine = await data.cifar100({ dir: root });
  const coarse = await data.cifar100({ dir: root, labels: 'coarse' });
  expect([fine.train.tensors[1].toArray(), coarse.train.tensors[1].toArray()]).toEqual([
    [2, 99],
    [11, 19],
  ]);
  expect(fine.train.tensors[0].index(1, 0, 0, 0).item()).toBe(1);
  expect([fine.classes.length, new Set(fine.classes).size, coarse.classes.length]).toEqual([100, 100, 20]);
  expect([...fine.classes].sort()).toEqual(fine.classes); // they are numbered by the alphabet
  expect(fine.classes[coarse.classes.length]).toBe('chair');
});

test('neither is taken for the other', async () => {
  write(join(root, 'cifar-100-binary'), { 'train.bin': records([1, 2]), 'test.bin': records([0, 0]) });
  await expect(data.cifar10({ dir: root })).rejects.toThrow(`Expected the files of cifar-10 in ${root} but found cifar-100-binary`);
  await expect(data.cifar10({ dir: join(root, 'cifar-100-binary') })).rejects.toThrow('Expected the files of cifar-10 in');
  write(join(root, 'a'), { 'train.bin': records([1, 2]) });
  await expect(data.cifar10({ dir: join(root, 'a') })).rejects.toThrow(
    'Expected records of 3073 bytes in train.bin but received 3074 bytes',
  );
});

test('damaged files are refused', async () => {
  const refused = async (files: Readonly<Record<string, Buffer>>, message: string | RegExp): Promise<void> => {
    const dir = mkdtempSync(join(root, 'x'));
    write(dir, files);
    await expect(data.cifar10({ dir })).rejects.toThrow(message);
  };
  await refused({ 'test.bin': Buffer.alloc(0) }, 'Expected records of 3073 bytes in test.bin but received 0 bytes');
  await refused({ 'test.bin': records([10]) }, 'Expected labels in [0, 10) in test.bin but received 10');
  const { 'data_batch_3.bin': _, ...four } = ALL;
  await refused(four, 'but data_batch_3.bin is missing');
  await refused({ 'test.bin.gz': gzipSync(records([1])).subarray(0, 50) }, 'Expected a whole gzip file in test.bin.gz');
  await refused({ 'cifar-10-binary.tar.gz': gzipSync(Buffer.alloc(2048)) }, 'Expected the files of cifar-10 in');
  const tar = createTar([{ name: 'cifar-10-batches-bin/test_batch.bin', data: records([1]) }]);
  await refused({ 'cifar-10-binary.tar.gz': gzipSync(tar.subarray(0, 2000)) }, /Expected (a whole tar archive|records)/);
});

test('labels that are neither are refused', async () => {
  // @ts-expect-error no such labels
  await expect(data.cifar100({ labels: 'both' })).rejects.toThrow("Expected 'fine' or 'coarse' for labels but received string \"both\"");
});
