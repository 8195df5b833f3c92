import * as torch from '../../lib';
import { data, nn, optim } from '../../lib';
import { liveTensors } from '../live';
import reference from './loader.json';

const { DataLoader, TensorDataset } = data;

function numbers(length: number): data.TensorDataset<[torch.Tensor]> {
  return new TensorDataset(torch.arange(length));
}

const orderOf = (loader: Iterable<[torch.Tensor]>): unknown[] => Array.from(loader, ([batch]) => batch.toArray());

describe('batches', () => {
  test('come in order, the last one smaller', () => {
    const loader = new DataLoader(numbers(5), { batchSize: 2 });
    expect(loader).toHaveLength(3);
    expect(orderOf(loader)).toEqual([[0, 1], [2, 3], [4]]);
    expect(orderOf(loader)).toEqual([[0, 1], [2, 3], [4]]);
  });

  test('are all of one size with dropLast', () => {
    const loader = new DataLoader(numbers(5), { batchSize: 2, dropLast: true });
    expect(loader).toHaveLength(2);
    expect(orderOf(loader)).toEqual([
      [0, 1],
      [2, 3],
    ]);
    expect(orderOf(new DataLoader(numbers(3), { batchSize: 4, dropLast: true }))).toEqual([]);
  });

  test('keep images and labels together', () => {
    const images = torch.arange(12).reshape(6, 2);
    const loader = new DataLoader(new TensorDataset(images, torch.arange(6)), { batchSize: 4, shuffle: true });
    for (const [x, y] of loader) expect(torch.equal(x, torch.stack([y.mul(2), y.mul(2).add(1)], 1))).toBe(true);
  });

  test('are copies: writing to one leaves the dataset alone', () => {
    const dataset = numbers(3);
    for (const [batch] of new DataLoader(dataset, { batchSize: 3 })) batch.zero_();
    expect(dataset.tensors[0].toArray()).toEqual([0, 1, 2]);
  });
});

describe('the order', () => {
  test("under a generator is the one of PyTorch's loader, pass after pass", () => {
    const loader = new DataLoader(numbers(11), { batchSize: 4, shuffle: true, generator: new torch.Generator().manualSeed(7) });
    for (const order of reference.generator) expect(orderOf(loader)).toEqual(order);
    const seeded = new DataLoader(numbers(11), { batchSize: 4, shuffle: true, seed: 7 });
    for (const order of reference.generator) expect(orderOf(seeded)).toEqual(order);
  });

  test("under the global seed is the one of PyTorch's loader", () => {
    const loader = new DataLoader(numbers(11), { batchSize: 4, shuffle: true });
    torch.manualSeed(7);
    for (const order of reference.global) expect(orderOf(loader)).toEqual(order);
  });
});

describe('a step is a scope', () => {
  test('what a step makes is freed at its end; what is kept stays', () => {
    let batch: torch.Tensor | undefined;
    let kept: torch.Tensor | undefined;
    let count = 0;
    for (const [x] of new DataLoader(numbers(6), { batchSize: 2 })) {
      if (count++ > 0) expect(() => batch?.sum()).toThrow('was released when the scope it was made in ended');
      batch = x;
      kept = x.add(1).keep();
    }
    expect(batch?.isReleased).toBe(true);
    expect(kept?.toArray()).toEqual([5, 6]);
  });

  test.each(['the end', 'break', 'return', 'an exception'] as const)('everything is cleaned up after %s', (way) => {
    const loader = new DataLoader(numbers(6), { batchSize: 2, shuffle: true });
    const run = (): void => {
      for (const [x] of loader) {
        x.mul(2);
        if (way === 'break') break;
        if (way === 'return') return;
        if (way === 'an exception') throw new Error('from the body');
      }
    };
    const attempt = (): void => (way === 'an exception' ? expect(run).toThrow('from the body') : run());
    attempt();
    const tensors = liveTensors();
    for (let k = 0; k < 5; k++) attempt();
    expect(liveTensors()).toBe(tensors);
    // No step's scope is left open: what is made now stays.
    const after = torch.ones(1);
    attempt();
    expect(after.isReleased).toBe(false);
  });

  test('loops nest, and a training loop runs flat', () => {
    const model = new nn.Linear(1, 1);
    const optimizer = new optim.AdamW(model.parameters());
    const dataset = new TensorDataset(torch.randn(20, 1), torch.randn(20, 1));
    const epoch = (): void => {
      for (const [x, y] of new DataLoader(dataset, { batchSize: 5, shuffle: true })) {
        optimizer.zeroGrad();
        nn.functional.mseLoss(model.forward(x), y).backward();
        optimizer.step();
        for (const [inner] of new DataLoader(dataset, { batchSize: 10 })) model.forward(inner);
        expect(x.isReleased).toBe(false);
      }
    };
    epoch();
    const tensors = liveTensors();
    for (let k = 0; k < 5; k++) epoch();
    expect(liveTensors()).toBe(tensors);
    expect(model.weight.grad).not.toBeNull();
  });

  test('also around other iterables', () => {
    const made: torch.Tensor[] = [];
    for (const k of data.steps([1, 2, 3])) made.push(torch.full([1], k));
    expect(made.map((tensor) => tensor.isReleased)).toEqual([true, true, true]);
  });

  test('and for loaders read in step', () => {
    const [short, long] = [new DataLoader(numbers(4), { batchSize: 2 }), new DataLoader(numbers(9), { batchSize: 3 })];
    const seen: unknown[] = [];
    let last: torch.Tensor | undefined;
    for (const [[a], [b]] of data.zip(short, long)) {
      seen.push([a.toArray(), b.toArray()]);
      last = b;
    }
    expect(seen).toEqual([
      [
        [0, 1],
        [0, 1, 2],
      ],
      [
        [2, 3],
        [3, 4, 5],
      ],
    ]);
    expect(last?.isReleased).toBe(true);
    expect([...data.zip([1, 2, 3], 'ab')]).toEqual([
      [1, 'a'],
      [2, 'b'],
    ]);
  });
});

describe("datasets of one's own", () => {
  const dataset = {
    length: 3,
    get: (index: number) => ({ image: torch.full([2], index), label: index, name: `image ${index}`, box: [index, true] as const }),
  };

  test('are collated part by part, with types', () => {
    const loader = new DataLoader(dataset, { batchSize: 3 });
    for (const batch of loader) {
      const names: string[] = batch.name;
      expect(names).toEqual(['image 0', 'image 1', 'image 2']);
      expect(batch.image.toArray()).toEqual([
        [0, 0],
        [1, 1],
        [2, 2],
      ]);
      expect(batch.label.dtype).toBe('int64');
      expect(batch.box.map((part) => part.dtype)).toEqual(['int64', 'bool']);
    }
  });

  test('can be collated by a function', () => {
    const loader = new DataLoader(dataset, { batchSize: 2, collate: (samples) => samples.map(({ label }) => label) });
    const batches: number[][] = [...loader];
    expect(batches).toEqual([[0, 1], [2]]);
  });

  test('that cannot be collated say where', () => {
    expect(() => data.collate([1, 'a'])).toThrow('Expected a number like the first for the samples but received string "a"');
    expect(() => data.collate([{ x: [1, 2] }, { x: [1] }])).toThrow(
      'Expected an array of 2 like the first for x of the samples but received an array of 1',
    );
    expect(() => data.collate([null])).toThrow('Expected tensors, numbers, strings, arrays or objects for the samples but received null');
  });
});

test('errors of the dataset reach the caller, and clean up', () => {
  const broken = {
    length: 2,
    get: (index: number): number => {
      if (index === 1) throw new Error('unreadable');
      return index;
    },
  };
  expect(() => [...new DataLoader(broken)]).toThrow('unreadable');
  expect(torch.ones(1).isReleased).toBe(false);
});

describe('bad arguments get one clear sentence', () => {
  test.each([
    [() => new DataLoader(numbers(3), { batchSize: 0 }), 'Expected a positive whole number for batchSize but received number 0'],
    [
      () => new DataLoader(numbers(3), { seed: 1, generator: new torch.Generator() }),
      'Expected either generator or seed but received both',
    ],
    [() => new TensorDataset(torch.zeros(2), torch.zeros(3)), 'Expected tensors with first axes of one length for the dataset'],
    [() => new TensorDataset(torch.tensor(1)), 'Expected a tensor with at least one axis for tensor 0 of the dataset'],
    [() => numbers(3).get(3), 'Expected a whole number in [0, 3) for index but received number 3'],
  ])('%#', (make, message) => {
    expect(make).toThrow(message);
  });
});
