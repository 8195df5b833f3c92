import * as torch from '../../lib';
import { data } from '../../lib';
import reference from './samplers.json';

const { ConcatDataset, DataLoader, randomSplit, Subset, TensorDataset } = data;

const numbers = (from: number, to: number) => new TensorDataset(torch.arange(from, to));
const squares = { length: 10, get: (index: number) => ({ x: index, name: `n${index}` }) };
const orderOf = (loader: Iterable<[torch.Tensor]>): unknown[] => Array.from(loader, ([batch]) => batch.toArray());

describe('a subset', () => {
  test('has the samples chosen, in that order; also of a subset', () => {
    const subset = new Subset(numbers(0, 10), [7, 1, 1, 4]);
    expect(subset).toHaveLength(4);
    expect(subset.get(3)[0].item()).toBe(4);
    expect(orderOf(new DataLoader(subset, { batchSize: 3 }))).toEqual([[7, 1, 1], [4]]);
    expect(orderOf(new DataLoader(new Subset(subset, torch.tensor([3, 0])), { batchSize: 2 }))).toEqual([[4, 7]]);
  });

  test('of a dataset that gives single samples is collated', () => {
    const subset = new Subset(squares, [3, 2]);
    expect(subset.getBatch).toBeUndefined();
    for (const { x, name } of new DataLoader(subset, { batchSize: 2 })) {
      expect(x.toArray()).toEqual([3, 2]);
      expect(name).toEqual(['n3', 'n2']);
    }
  });
});

describe('datasets one after the other', () => {
  test('are one dataset, picked in any order', () => {
    const all = new ConcatDataset(numbers(0, 3), numbers(100, 100), numbers(10, 15), numbers(20, 21));
    expect(all.length).toBe(9);
    expect(all.cumulativeSizes).toEqual([3, 3, 8, 9]);
    expect([0, 2, 3, 7, 8].map((index) => all.get(index)[0].item())).toEqual([0, 2, 10, 14, 20]);
    const wanted = [0, 1, 2, 10, 11, 12, 13, 14, 20];
    expect(orderOf(new DataLoader(all, { batchSize: 9 }))).toEqual([wanted]);
    const order = [8, 0, 7, 0, 3];
    expect(orderOf(new DataLoader(all, { batchSize: 5, sampler: order }))).toEqual([order.map((index) => wanted[index])]);
  });

  test('keep the structure of their batches', () => {
    const part = (offset: number) => ({
      ...squares,
      getBatch: (indices: torch.Tensor) => ({
        x: indices.add(offset),
        y: [indices],
        name: (indices.toArray() as number[]).map((i) => `${offset + i}`),
      }),
    });
    const [batch] = new DataLoader(new ConcatDataset(part(0), part(100)), { batchSize: 3, sampler: [11, 4, 10] }).batches();
    expect(batch?.x.toArray()).toEqual([101, 4, 100]);
    expect(batch?.y[0]?.toArray()).toEqual([1, 4, 0]);
    expect(batch?.name).toEqual(['101', '4', '100']);
  });

  test('that give single samples are collated', () => {
    const all = new ConcatDataset(squares, squares);
    for (const { x } of new DataLoader(all, { sampler: [1, 12], batchSize: 2 })) expect(x.toArray()).toEqual([1, 2]);
  });
});

describe('a random split', () => {
  const indices = (parts: readonly { indices: torch.Tensor }[]) => parts.map((part) => part.indices.toArray());

  test("is PyTorch's under its seed, by lengths and by fractions", () => {
    expect(indices(randomSplit(squares, [3, 7], { seed: 1 }))).toEqual(reference.split.lengths);
    expect(indices(randomSplit(squares, [0.35, 0.25, 0.4], { generator: new torch.Generator().manualSeed(1) }))).toEqual(
      reference.split.fractions,
    );
  });

  test('has parts that are datasets, typed by their number', () => {
    const [train, test] = randomSplit(numbers(0, 10), [0.8, 0.2], { seed: 0 });
    expect([train.length, test.length]).toEqual([8, 2]);
    const seen = [
      ...orderOf(new DataLoader(train, { batchSize: 8 })),
      ...orderOf(new DataLoader(test, { batchSize: 2 })),
    ].flat() as number[];
    expect(seen.sort((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });
});

describe('samples without positions', () => {
  const stream = { *[Symbol.iterator]() { for (let k = 0; k < 7; k++) yield { k, x: torch.full([2], k) }; } }; // biome-ignore format: one line

  test('are grouped as they come', () => {
    const loader = new DataLoader(stream, { batchSize: 3 });
    expect([loader.length, new DataLoader([1, 2, 3], { batchSize: 2 }).length]).toEqual([Number.POSITIVE_INFINITY, 2]);
    for (let pass = 0; pass < 2; pass++) expect(Array.from(loader, ({ k }) => k.toArray())).toEqual([[0, 1, 2], [3, 4, 5], [6]]);
    expect(Array.from(new DataLoader(stream, { batchSize: 3, dropLast: true }), ({ x }) => x.shape)).toEqual([
      [3, 2],
      [3, 2],
    ]);
  });

  test('end their iteration at break', () => {
    let ended = 0;
    const source = {
      *[Symbol.iterator]() {
        try {
          for (;;) yield 1;
        } finally {
          ended++;
        }
      },
    };
    for (const _ of new DataLoader(source, { batchSize: 2 })) break;
    expect(ended).toBe(1);
  });

  test('cannot be shuffled', () => {
    expect(() => new DataLoader(stream, { shuffle: true })).toThrow(
      'Expected no shuffle for DataLoader of a dataset without positions but received one',
    );
  });
});

test('a transform changes each batch; its types go through', () => {
  const loader = new DataLoader(numbers(0, 4), { batchSize: 2, transform: ([x]) => ({ doubled: x.mul(2) }) });
  const seen: unknown[] = [];
  for (const { doubled } of loader) seen.push(doubled.toArray());
  expect(seen).toEqual([
    [0, 2],
    [4, 6],
  ]);
});

describe('bad arguments get one clear sentence', () => {
  test.each<[() => unknown, string]>([
    [() => new Subset(squares, [0, 10]), 'Expected a whole number in [0, 10) for indices[1] but received number 10'],
    [() => new Subset(squares, torch.tensor([-1])), 'Expected positions in [0, 10) for indices but received number -1'],
    [() => new Subset(squares, torch.ones(2)), 'Expected an int64 tensor of one dimension for indices but received tensor float32[2] cpu'],
    [() => new Subset(squares, [1]).get(1), 'Expected a whole number in [0, 1) for index but received number 1'],
    [() => new Subset({} as never, []), 'Expected a dataset with length and get for Subset but received an object'],
    [() => new ConcatDataset(squares).get(10), 'Expected a whole number in [0, 10) for index but received number 10'],
    [() => new ConcatDataset(...([] as never as [typeof squares])), 'Expected at least one dataset for ConcatDataset but received nothing'],
    [
      () => randomSplit(squares, [3, 8]),
      'Expected lengths that sum to 10, or fractions that sum to 1, for randomSplit but received string "sum 11"',
    ],
    [() => randomSplit(squares, [-1, 11]), 'Expected a number from 0 for lengths[0] but received number -1'],
    [() => new DataLoader(5 as never), 'Expected a dataset: with length and get, or iterable, for DataLoader but received number 5'],
  ])('%#', (make, message) => {
    expect(make).toThrow(message);
  });
});
