/** The loaders on the real files, where `TORCHWRIGHT_DATA` names a folder that has them. */

import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import * as torch from '../../lib';
import { data } from '../../lib';

const root = process.env.TORCHWRIGHT_DATA === undefined ? undefined : resolve(process.env.TORCHWRIGHT_DATA);

/** A test that needs the folder `name` of the data. */
function testWith(name: string, title: string, body: (folder: string) => Promise<void>): void {
  const folder = root === undefined ? undefined : join(root, name);
  if (folder === undefined || !existsSync(folder)) {
    console.log(`${title}: not tried, TORCHWRIGHT_DATA names no folder with a folder ${name} in it.`);
    test.skip(title, () => {});
  } else test(title, () => body(folder) as Promise<unknown>);
}

testWith('mnist', 'MNIST, its test part', async (dir) => {
  const { train, test: held, source } = await data.mnist({ dir });
  // All 70,000, or the part of 10,000 divided in two.
  expect([train.length, held.length]).toEqual(source.includes('divided') ? [8500, 1500] : [60000, 10000]);
  expect(train.tensors[0].shape.slice(1)).toEqual([1, 28, 28]);
});

testWith('cifar10-subset', 'CIFAR-10, 5000 + 1000 images, classes in turn', async (dir) => {
  const { train, test: held, classes } = await data.cifar10({ dir });
  const [images, labels] = train.tensors;
  expect([images.dtype, images.shape, held.length]).toEqual(['uint8', [5000, 3, 32, 32], 1000]);
  expect(labels.narrow(0, 0, 12).toArray()).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 1]);
  expect(labels.bincount().toArray()).toEqual(Array(10).fill(500));
  // The whole set's mean colours, known from its use: 0.4914, 0.4822, 0.4465.
  const means = images.float().div(255).mean([0, 2, 3]).toArray() as number[];
  for (const [k, mean] of [0.4914, 0.4822, 0.4465].entries()) expect(Math.abs((means[k] as number) - mean)).toBeLessThan(0.01);
  expect(classes[9]).toBe('truck');
});

testWith('tables', 'tables: numbers, categories, missing values', async (dir) => {
  const adult = data.csvTable(join(dir, 'adult-train.csv.gz'), {
    header: false,
    columns: { 0: 'int64', 1: 'category', 14: { categories: ['<=50K', '>50K'] } },
  });
  // Counts of the set's own description: 1836 without an employer; 7841 of 32561 earn more.
  expect([adult.length, adult.columns[1].missing.sum().item(), adult.columns[14].values.sum().item()]).toEqual([32561, 1836, 7841]);
  const iris = data.csvTable(join(dir, 'iris.csv'), { header: false, columns: { 0: 'float32', 2: 'float32', 4: 'category' } });
  expect(iris.columns[4].categories).toEqual(['Iris-setosa', 'Iris-versicolor', 'Iris-virginica']);
  const means = iris.matrix([0, 2], { dtype: 'float64' }).mean(0).toArray() as number[];
  expect(means[0]).toBeCloseTo(5.8433, 4);
  expect(means[1]).toBeCloseTo(3.7587, 3);
});

testWith('tiny-shakespeare', 'tiny Shakespeare: 1,115,394 characters, 65 distinct', async (dir) => {
  const text = await data.tinyShakespeare({ dir });
  expect([text.tokens.numel(), text.vocabulary.length]).toEqual([1115394, 65]);
  expect(text.decode(text.tokens.narrow(0, 0, 14))).toBe('First Citizen:');
  const [train, held] = [text.blocks(64, { to: 0.9 }), text.blocks(64, { from: 0.9 })];
  expect(train.length + held.length).toBe(1115394 - 2 * 64);
});

testWith('eth-ucy', "ETH/UCY: the literature's numbers of test trajectories", async (dir) => {
  const numbers = { eth: 364, hotel: 1197, univ: 24334, zara1: 2356, zara2: 5910 } as const;
  for (const scene of ['eth', 'zara1'] as const) {
    const { train, validation, test: held } = await data.ethUcy(scene, { dir });
    expect(held.getBatch(torch.arange(held.length)).observed.shape).toEqual([numbers[scene], 8, 2]);
    expect(Math.min(train.length, validation.length)).toBeGreaterThan(100);
    // People walk at 0.1 m to 2.5 m a second in the mean; a step is 0.4 s.
    const { future } = train.getBatch(torch.arange(train.length));
    const speed = Number(future.diff({ dim: 1 }).norm(2, -1).mean().div(0.4).item());
    expect([speed > 0.1, speed < 2.5]).toEqual([true, true]);
  }
  const files: Readonly<Record<string, readonly string[]>> = {
    hotel: ['biwi_hotel'],
    univ: ['students001', 'students003'],
    zara2: ['crowds_zara02'],
  };
  for (const [scene, names] of Object.entries(files)) {
    const windows = data.TrajectoryWindows.fromFiles(names.map((name) => join(dir, 'all_data', `${name}.txt`)));
    expect(windows.getBatch(torch.arange(windows.length)).future.shape[0]).toBe(numbers[scene as keyof typeof numbers]);
  }
});

testWith('sklearn', 'diabetes, 442 patients', async (dir) => {
  const { samples } = await data.diabetes({ dir });
  const [features, target] = samples.tensors;
  expect([features.shape, target.shape]).toEqual([[442, 10], [442]]);
  // Known of the set: the mean progress is 152.13; 207 of the patients are of the second sex.
  expect(Number(target.mean().item())).toBeCloseTo(152.1335, 4);
  expect(features.select(1, 1).eq(2).sum().item()).toBe(207);
});
