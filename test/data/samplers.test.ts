import * as torch from '../../lib';
import { data } from '../../lib';
import { liveTensors } from '../live';
import reference from './samplers.json';

const {
  BatchSampler,
  ClassBalancedBatchSampler,
  DataLoader,
  PKBatchSampler,
  RandomSampler,
  SequentialSampler,
  SubsetRandomSampler,
  TensorDataset,
  WeightedRandomSampler,
} = data;

const WEIGHTS = [0.1, 0, 2.5, 0.7, 1.2, 3];
const numbersOf = (batches: Iterable<torch.Tensor | readonly number[]>): unknown[] =>
  Array.from(batches, (batch) => (batch instanceof torch.Tensor ? batch.toArray() : batch));

describe("under PyTorch's seed the order is PyTorch's, pass after pass", () => {
  const SAMPLERS: readonly [keyof typeof reference, (options: data.Randomness) => data.Sampler][] = [
    ['random', (options) => new RandomSampler(10, options)],
    ['randomMany', (options) => new RandomSampler(10, { numSamples: 25, ...options })],
    ['randomFew', (options) => new RandomSampler(10, { numSamples: 4, ...options })],
    ['replacement', (options) => new RandomSampler(10, { replacement: true, ...options })],
    ['replacementMany', (options) => new RandomSampler(10, { replacement: true, numSamples: 70, ...options })],
    ['subset', (options) => new SubsetRandomSampler([9, 7, 5, 3, 2], options)],
    ['weighted', (options) => new WeightedRandomSampler(WEIGHTS, 12, options)],
    ['weightedOnce', (options) => new WeightedRandomSampler(WEIGHTS, 4, { replacement: false, ...options })],
  ];

  test.each(SAMPLERS)('%s', (name, make) => {
    const { own, global } = reference[name] as { own: number[][]; global: number[][] };
    const passes = (sampler: data.Sampler): number[][] => own.map(() => [...sampler]);
    expect(passes(make({ generator: new torch.Generator().manualSeed(5) }))).toEqual(own);
    expect(passes(make({ seed: 5 }))).toEqual(own);
    torch.manualSeed(5);
    expect(passes(make({}))).toEqual(global);
    expect(make({})).toHaveLength((own[0] as number[]).length);
  });

  test('in batches', () => {
    const make = (dropLast: boolean) => new BatchSampler(new RandomSampler(10, { numSamples: 25, seed: 5 }), 4, { dropLast });
    const [all, full] = [make(false), make(true)];
    expect([all.length, full.length]).toEqual([7, 6]);
    for (const pass of reference.batches) expect(numbersOf(all)).toEqual(pass);
    for (const pass of reference.batchesFull) expect(numbersOf(full)).toEqual(pass);
    expect(numbersOf(new BatchSampler(new SequentialSampler(10), 3))).toEqual(reference.sequential);
  });

  test('in a loader that is given a sampler', () => {
    const generator = new torch.Generator().manualSeed(3);
    const sampler = new WeightedRandomSampler(WEIGHTS, 10, { generator });
    const loader = new DataLoader(new TensorDataset(torch.arange(10)), { batchSize: 4, sampler, generator });
    expect(loader).toHaveLength(3);
    for (const pass of reference.loader.sampler) expect(Array.from(loader, ([batch]) => batch.toArray())).toEqual(pass);
  });
});

test('a sampler of any kind of iterable serves a loader, by itself or in batches', () => {
  const dataset = new TensorDataset(torch.arange(6));
  const order = { length: 3, *[Symbol.iterator]() { yield* [5, 0, 3]; } }; // biome-ignore format: one line
  expect(Array.from(new DataLoader(dataset, { sampler: order, batchSize: 2 }), ([x]) => x.toArray())).toEqual([[5, 0], [3]]);
  const batches = [[1, 2, 3], [4]];
  const loader = new DataLoader(dataset, { batchSampler: batches });
  expect([loader.length, loader.batchSize]).toEqual([2, null]);
  expect(Array.from(loader, ([x]) => x.toArray())).toEqual(batches);
});

describe('class-balanced batches', () => {
  const labels = torch.tensor([...Array(50).fill(3), ...Array(7).fill(-1), ...Array(23).fill(8)]);
  const countsOf = (batch: torch.Tensor): number[] =>
    [-1, 3, 8].map((label) => Number(labels.indexSelect(0, batch).eq(label).sum().item()));

  test('have equally many samples of each class', () => {
    const sampler = new ClassBalancedBatchSampler(labels, 12, { seed: 1 });
    expect(sampler).toHaveLength(7);
    expect(Array.from(sampler, countsOf)).toEqual(Array(7).fill([4, 4, 4]));
  });

  test('differ by one at most when the batch size does not divide; over the pass that evens out', () => {
    const counts = Array.from(new ClassBalancedBatchSampler(labels, 8, { seed: 1, numBatches: 30 }), countsOf);
    for (const batch of counts) {
      expect(Math.max(...batch) - Math.min(...batch)).toBe(1);
      expect(batch.reduce((a, b) => a + b)).toBe(8);
    }
    expect([0, 1, 2].map((c) => counts.reduce((sum, batch) => sum + (batch[c] as number), 0))).toEqual([80, 80, 80]);
  });

  test('give every sample of a class before any again, in an order that changes', () => {
    const sampler = new ClassBalancedBatchSampler(labels, 12, { seed: 1 });
    const [first, second] = [0, 1].map(() => (numbersOf(sampler) as number[][]).flat());
    const rare = (first as number[]).filter((index) => index >= 50 && index < 57);
    expect(rare).toHaveLength(28);
    for (let round = 0; round < 4; round++) {
      expect(rare.slice(7 * round, 7 * round + 7).sort((a, b) => a - b)).toEqual([50, 51, 52, 53, 54, 55, 56]);
    }
    expect(rare.slice(0, 7)).not.toEqual(rare.slice(7, 14));
    const frequent = (first as number[]).filter((index) => index < 50);
    expect(new Set(frequent).size).toBe(28);
    expect(second).not.toEqual(first);
    expect((numbersOf(new ClassBalancedBatchSampler(labels, 12, { seed: 1 })) as number[][]).flat()).toEqual(first);
  });

  test('visit the samples of a class uniformly', () => {
    const sampler = new ClassBalancedBatchSampler(labels, 3, { seed: 2, numBatches: 1 });
    const seen = new Array(50).fill(0);
    for (let k = 0; k < 2000; k++) for (const batch of sampler) seen[Number((batch.toArray() as number[])[1])] += 1;
    // Binomial(2000, 1/50): mean 40, deviation 6.3.
    expect(seen.reduce((a, b) => a + b)).toBe(2000);
    expect(Math.max(...seen)).toBeLessThan(40 + 5 * 6.3);
    expect(Math.min(...seen)).toBeGreaterThan(40 - 5 * 6.3);
  });
});

describe('P x K batches', () => {
  // Class c has c + 1 samples.
  const labels = Array.from({ length: 12 }, (_, c) => Array(c + 1).fill(10 * c)).flat() as number[];

  test('have K samples of each of P classes, different ones where the class has so many', () => {
    const sampler = new PKBatchSampler(labels, 5, 4, { seed: 0, numBatches: 40 });
    expect([sampler.length, sampler.batchSize]).toEqual([40, 20]);
    for (const batch of numbersOf(sampler) as number[][]) {
      const groups = Array.from({ length: 5 }, (_, p) => batch.slice(4 * p, 4 * p + 4));
      const classes = groups.map((group) => new Set(group.map((index) => labels[index])));
      expect(classes.every(({ size }) => size === 1)).toBe(true);
      const own = classes.map((set) => [...set][0] as number);
      expect(new Set(own).size).toBe(5);
      for (const [p, group] of groups.entries()) expect(new Set(group).size).toBe(Math.min(4, (own[p] as number) / 10 + 1));
    }
  });

  test('come to every class and, in time, to every sample before any again', () => {
    const even = Array.from({ length: 48 }, (_, i) => i % 6); // six classes of eight
    const sampler = new PKBatchSampler(even, 3, 4, { seed: 0 });
    expect(sampler).toHaveLength(4);
    const all = (numbersOf(sampler) as number[][]).flat();
    expect([...all].sort((a, b) => a - b)).toEqual(Array.from({ length: 48 }, (_, i) => i));
    expect((numbersOf(sampler) as number[][]).flat()).not.toEqual(all);
    expect((numbersOf(new PKBatchSampler(torch.tensor(even), 3, 4, { seed: 0 })) as number[][]).flat()).toEqual(all);
  });

  test('choose classes uniformly', () => {
    const sampler = new PKBatchSampler(labels, 5, 1, { seed: 4, numBatches: 1200 });
    const counts = new Array(12).fill(0);
    for (const index of (numbersOf(sampler) as number[][]).flat()) counts[(labels[index] as number) / 10] += 1;
    // 600 rounds, in each a class is drawn with probability 10/12: mean 500, deviation 9.1.
    for (const count of counts) expect(Math.abs(count - 500)).toBeLessThan(5 * 9.1);
  });
});

test('a hundred thousand samples in a thousand classes are drawn without a loop over them, and leave nothing behind', () => {
  const labels = torch.randint(1000, [100_000], { dtype: 'int64', generator: new torch.Generator().manualSeed(0) });
  const samplers = [new ClassBalancedBatchSampler(labels, 1000, { seed: 0 }), new PKBatchSampler(labels, 50, 20, { seed: 0 })];
  const before = liveTensors();
  for (const sampler of samplers) for (const _ of data.steps(sampler));
  expect(liveTensors()).toBe(before);
  torch.scope(() => {
    for (const batch of new ClassBalancedBatchSampler(labels, 1000, { seed: 0 })) {
      expect(labels.indexSelect(0, batch).bincount(null, 1000).eq(1).all().item()).toBe(true);
    }
  });
});

describe('samplers leave no tensor behind when a pass is broken off', () => {
  const make: readonly [string, () => Iterable<torch.Tensor>][] = [
    ['BatchSampler', () => new BatchSampler(new RandomSampler(100), 7)],
    ['ClassBalancedBatchSampler', () => new ClassBalancedBatchSampler([0, 1, 1, 0], 2)],
    ['PKBatchSampler', () => new PKBatchSampler([0, 1, 1, 0], 2, 2, { numBatches: 3 })],
  ];
  test.each(make)('%s', (_, build) => {
    const sampler = build();
    const run = (): void => {
      for (const _ of data.steps(sampler)) break;
    };
    run();
    const before = liveTensors();
    for (let k = 0; k < 5; k++) run();
    expect(liveTensors()).toBe(before);
  });
});

describe('bad arguments get one clear sentence', () => {
  const dataset = new TensorDataset(torch.arange(3));
  test.each<[() => unknown, string]>([
    [() => new RandomSampler(-1), 'Expected a dataset or a number of samples for RandomSampler but received number -1'],
    [() => new RandomSampler(3, { numSamples: 0 }), 'Expected a positive whole number for numSamples but received number 0'],
    [() => new RandomSampler(3, { seed: 1, generator: new torch.Generator() }), 'Expected either generator or seed but received both'],
    [() => new RandomSampler(3, { generator: {} as never }), 'Expected a torch.Generator for generator but received an object'],
    [() => new SubsetRandomSampler([0, 0.5]), 'for indices[1] but received number 0.5'],
    [() => new WeightedRandomSampler([0, 0], 1), 'Expected finite weights from 0, not all 0, for WeightedRandomSampler but received'],
    [() => new WeightedRandomSampler([1, -1], 1), 'Expected finite weights from 0, not all 0,'],
    [
      () => new WeightedRandomSampler([1, 0], 2, { replacement: false }),
      'Expected at most 1, the number of weights above 0, for numSamples without replacement but received number 2',
    ],
    [() => new BatchSampler(new RandomSampler(3), 0), 'Expected a positive whole number for batchSize but received number 0'],
    [() => new BatchSampler(null as never, 1), 'Expected a sampler for sampler but received null'],
    [() => new ClassBalancedBatchSampler([], 2), 'Expected whole class numbers of one dimension, at least one, for the labels'],
    [() => new ClassBalancedBatchSampler(torch.ones(3), 2), 'but received tensor float32[3] cpu'],
    [() => new PKBatchSampler([0, 1], 3, 1), 'Expected at most 2, the number of classes, for p but received number 3'],
    [() => new DataLoader(dataset, { batchSampler: [[0]], shuffle: true }), 'Expected no shuffle for DataLoader with a batchSampler'],
    [() => new DataLoader(dataset, { sampler: new RandomSampler(3), shuffle: true }), 'Expected no shuffle for DataLoader with a sampler'],
    [
      () => [...new DataLoader(dataset, { sampler: [0.5] })],
      'Expected whole numbers for the positions of the sampler but received number 0.5',
    ],
  ])('%#', (make, message) => {
    expect(make).toThrow(message);
  });
});
