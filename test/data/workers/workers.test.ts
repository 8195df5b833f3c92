/** Loaders with worker threads. */

import * as torch from '../../../lib';
import { data } from '../../../lib';
import { liveTensors } from '../../live';
import reference from '../samplers.json';
import * as fixture from './fixture';

const { DataLoader, TensorDataset } = data;
const fixtureModule = require.resolve('./fixture');
// The workers run TypeScript as this test does.
const execArgv = ['--require', require.resolve('tsx/cjs')];

const numbers = new TensorDataset(torch.arange(10));

async function collect<T, R>(loader: AsyncIterable<T>, read: (batch: T) => R): Promise<R[]> {
  const all: R[] = [];
  for await (const batch of loader) all.push(read(batch));
  return all;
}
const values = ([x]: readonly [torch.Tensor]): unknown => x.toArray();

describe('batches from workers', () => {
  test.each([1, 2, 3])('%d: come in order, and in PyTorch order when shuffled', async (numWorkers) => {
    const loader = new DataLoader(numbers, { batchSize: 4, numWorkers, execArgv });
    expect(await collect(loader, values)).toEqual([
      [0, 1, 2, 3],
      [4, 5, 6, 7],
      [8, 9],
    ]);
    const shuffled = new DataLoader(numbers, { batchSize: 4, shuffle: true, seed: 3, numWorkers, execArgv });
    for (const pass of reference.loader.workers) expect(await collect(shuffled, values)).toEqual(pass);
  });

  test('of a dataset that a module exports', async () => {
    const loader = new DataLoader(fixture.tens, {
      batchSize: 4,
      numWorkers: 2,
      worker: { module: fixtureModule, dataset: 'tens' },
      execArgv,
    });
    expect(await collect(loader, ({ x, name }) => [x.index(torch.slice(), 1).toArray(), name])).toEqual([
      [
        [0, 1, 2, 3],
        ['n0', 'n1', 'n2', 'n3'],
      ],
      [
        [4, 5, 6, 7],
        ['n4', 'n5', 'n6', 'n7'],
      ],
      [
        [8, 9],
        ['n8', 'n9'],
      ],
    ]);
  });

  test('of a dataset that an asynchronous function makes of tensors, which are shared', async () => {
    const x = torch.arange(6, { dtype: 'float32' });
    const worker = { module: `file://${fixtureModule}`, dataset: 'rows', args: [x, 5] };
    const loader = new DataLoader(new TensorDataset(x), { batchSize: 3, numWorkers: 1, worker, persistentWorkers: true, execArgv });
    expect(await collect(loader, values)).toEqual([
      [0, 1, 2],
      [3, 4, 5],
    ]);
    x.mul_(10); // no copy: the worker sees it
    expect(await collect(loader, values)).toEqual([
      [0, 10, 20],
      [30, 40, 50],
    ]);
    await loader.close();
  });

  test('of subsets and concatenations of tensors', async () => {
    const all = new data.ConcatDataset(new data.Subset(numbers, [9, 8, 7]), new data.Subset(numbers, [1]));
    expect(await collect(new DataLoader(all, { batchSize: 3, numWorkers: 2, execArgv }), values)).toEqual([[9, 8, 7], [1]]);
  });

  test('collated and transformed by exports of the module', async () => {
    const worker = { module: fixtureModule, dataset: 'tens', collate: 'joinNames' };
    const loader = new DataLoader(fixture.tens, { batchSize: 5, collate: fixture.joinNames, numWorkers: 2, worker, execArgv });
    expect(await collect(loader, (text: string) => text)).toEqual(['n0+n1+n2+n3+n4', 'n5+n6+n7+n8+n9']);
  });

  test('transformed in the calling thread when no export is named', async () => {
    const loader = new DataLoader(numbers, { batchSize: 5, numWorkers: 1, transform: ([x]) => x.mul(2), execArgv });
    expect(await collect(loader, (x) => x.toArray())).toEqual([
      [0, 2, 4, 6, 8],
      [10, 12, 14, 16, 18],
    ]);
  });
});

test('for needs a loader without workers, for await takes any', async () => {
  const loader = new DataLoader(numbers, { numWorkers: 2, execArgv });
  expect(() => [...loader]).toThrow('Expected for await for a loader with 2 workers but received for');
  expect(await collect(new DataLoader(numbers, { batchSize: 5 }), values)).toEqual([
    [0, 1, 2, 3, 4],
    [5, 6, 7, 8, 9],
  ]);
});

describe('random choices are the same whatever the number of workers', () => {
  const all = async (make: (numWorkers: number) => AsyncIterable<unknown>): Promise<void> => {
    const read = async (numWorkers: number) => {
      const loader = make(numWorkers);
      const passes = [];
      for (let pass = 0; pass < 2; pass++) {
        passes.push(await collect(loader, (batch) => (Array.isArray(batch) ? batch : [batch]).map((x: torch.Tensor) => x.toArray())));
      }
      return passes;
    };
    const alone = await read(0);
    expect(alone[0]).not.toEqual(alone[1]);
    for (const numWorkers of [1, 2, 3]) expect(await read(numWorkers)).toEqual(alone);
  };

  test('in the samples of a dataset', () =>
    all((numWorkers) => {
      const worker = { module: fixtureModule, dataset: 'noisy', args: [9] };
      return new DataLoader(fixture.noisy(9), { batchSize: 2, shuffle: true, seed: 1, numWorkers, worker, execArgv });
    }));

  test('in transforms of batches', () =>
    all((numWorkers) => {
      const worker = { module: fixtureModule, transform: 'flip' };
      return new DataLoader(numbers, { batchSize: 3, seed: 1, numWorkers, transform: fixture.flip, worker, execArgv });
    }));

  test('and in transforms in the calling thread', () =>
    all((numWorkers) => new DataLoader(numbers, { batchSize: 3, seed: 1, numWorkers, transform: fixture.flip, execArgv })));

  test('in samples without positions, for one worker', async () => {
    const read = (numWorkers: number) => {
      const worker = { module: fixtureModule, dataset: 'noiseStream' };
      return collect(new DataLoader(fixture.noiseStream, { batchSize: 2, seed: 1, numWorkers, worker, execArgv }), (x) => x.toArray());
    };
    expect(await read(1)).toEqual(await read(0));
  });
});

test('a worker knows its number and computes with one thread; the others keep theirs', async () => {
  torch.setNumThreads(2);
  const worker = { module: fixtureModule, dataset: 'info' };
  const loader = new DataLoader(fixture.info, { numWorkers: 2, worker, execArgv });
  expect(await collect(loader, ([id, threads]) => [id?.item(), threads?.item()])).toEqual([
    [0, 1],
    [1, 1],
    [0, 1],
    [1, 1],
  ]);
  expect([torch.getNumThreads(), data.workerInfo()]).toEqual([2, undefined]);
});

test('samples without positions: the workers take turns with their shares', async () => {
  const worker = { module: fixtureModule, dataset: 'stream' };
  const loader = new DataLoader(fixture.stream, { batchSize: 2, numWorkers: 3, worker, execArgv });
  const batches = await collect(loader, (x) => x.toArray());
  expect(batches).toEqual([[0, 3], [1, 4], [2, 5], [6, 9], [7, 10], [8]]);
  const full = new DataLoader(fixture.stream, { batchSize: 2, dropLast: true, numWorkers: 3, worker, execArgv });
  expect(await collect(full, (x) => x.toArray())).toEqual(batches.slice(0, 5));
});

describe('a step is a scope', () => {
  test('what a step makes is freed at its end; what is kept stays', async () => {
    const loader = new DataLoader(numbers, { batchSize: 5, numWorkers: 1, execArgv });
    let before: torch.Tensor | undefined;
    let kept: torch.Tensor | undefined;
    for await (const [x] of loader) {
      expect(before?.isReleased ?? true).toBe(true);
      const made = x.mul(2);
      await new Promise((resolve) => setTimeout(resolve, 1));
      expect([made.isReleased, x.isReleased]).toEqual([false, false]);
      before = x.add(1); // made after an await: still of this step
      kept = made.keep();
    }
    expect([before?.isReleased, kept?.toArray()]).toEqual([true, [10, 12, 14, 16, 18]]);
    const after = torch.ones(1);
    await collect(loader, () => {});
    expect(after.isReleased).toBe(false);
  });

  test.each(['the end', 'break', 'an exception', 'an error of the dataset'] as const)('everything is cleaned up after %s', async (way) => {
    const dataset = fixture.failingAt(way === 'an error of the dataset' ? 4 : -1);
    const worker = { module: fixtureModule, dataset: 'failingAt', args: [way === 'an error of the dataset' ? 4 : -1] };
    const loader = new DataLoader(dataset, { batchSize: 2, numWorkers: 2, worker, persistentWorkers: true, execArgv });
    const run = async (): Promise<void> => {
      for await (const x of loader) {
        x.mul(2);
        if (way === 'break') break;
        if (way === 'an exception') throw new Error('from the body');
      }
    };
    const attempt = async (): Promise<void> => {
      if (way === 'an exception') await expect(run()).rejects.toThrow('from the body');
      else if (way === 'an error of the dataset') await expect(run()).rejects.toThrow('unreadable');
      else await run();
      // The flow is out of the step's scope: what is made now stays.
      const outside = torch.ones(1);
      for (const _ of data.steps([1, 2])) torch.ones(2);
      expect(outside.isReleased).toBe(false);
      outside.dispose();
    };
    await attempt();
    const tensors = liveTensors();
    for (let k = 0; k < 4; k++) await attempt();
    expect(liveTensors()).toBe(tensors);
    await loader.close();
  });

  test('loops nest, on one loader too', async () => {
    const loader = new DataLoader(numbers, { batchSize: 5, numWorkers: 1, persistentWorkers: true, execArgv });
    const seen: unknown[] = [];
    for await (const [x] of loader) {
      for await (const [y] of loader) seen.push([Number(x.sum().item()), Number(y.sum().item())]);
    }
    expect(seen).toEqual([
      [10, 10],
      [10, 35],
      [35, 10],
      [35, 35],
    ]);
    await loader.close();
  });
});

describe('errors', () => {
  test('reach the caller with the stack of the worker and the sample', async () => {
    const worker = { module: fixtureModule, dataset: 'failingAt', args: [5] };
    const loader = new DataLoader(fixture.failingAt(5), { batchSize: 2, numWorkers: 2, worker, execArgv });
    const seen: unknown[] = [];
    const problem = await (async () => {
      for await (const x of loader) seen.push(x.toArray());
    })().catch((error: unknown) => error as data.DataWorkerError);
    expect(seen).toEqual([
      [0, 1],
      [2, 3],
    ]);
    expect(problem).toBeInstanceOf(data.DataWorkerError);
    expect(problem).toMatchObject({
      name: 'RangeError',
      worker: 0,
      batch: 2,
      index: 5,
      message: 'worker 0 failed at sample 5 of batch 2: unreadable',
    });
    expect((problem as Error).stack).toMatch(/^RangeError: worker 0 failed at sample 5 of batch 2: unreadable\n\s+at .*get.*fixture\.ts/);
  });

  test.each<[string, data.WorkerModule, string]>([
    ['a module that is not there', { module: '/no/such/module.js', dataset: 'x' }, "Cannot find module '/no/such/module.js'"],
    ['an export that is not there', { module: fixtureModule, dataset: 'missing' }, 'Expected an export missing for worker.dataset but '],
    [
      'an export that is no dataset',
      { module: fixtureModule, dataset: 'notDataset' },
      'Expected a dataset, or a function that makes one, for worker.dataset',
    ],
    [
      'a transform that is no function',
      { module: fixtureModule, dataset: 'tens', transform: 'tens' },
      'Expected a function for worker.transform, the export tens of',
    ],
  ])('%s', async (_, worker, message) => {
    const loader = new DataLoader(fixture.tens, { numWorkers: 1, worker, execArgv });
    await expect(collect(loader, () => {})).rejects.toThrow(message);
  });

  test('a worker that ends by itself is an error, and the next pass has new workers', async () => {
    const worker = { module: fixtureModule, dataset: 'crash' };
    const loader = new DataLoader(fixture.crash, { numWorkers: 1, worker, persistentWorkers: true, execArgv });
    for (let pass = 0; pass < 2; pass++)
      await expect(collect(loader, () => {})).rejects.toThrow('Worker 0 of the data loader ended with code 3');
    await loader.close();
  });

  test.each<[() => unknown, string]>([
    [
      () => new DataLoader(fixture.tens, { numWorkers: 1 }),
      'Expected the name of an export for worker.dataset, as the dataset is not made of tensors',
    ],
    [() => new DataLoader(fixture.tens, { numWorkers: 1, collate: (x) => x }), 'Expected the name of an export for worker.collate'],
    [() => new DataLoader(numbers, { numWorkers: -1 }), 'Expected a whole number from 0 for numWorkers but received number -1'],
    [() => new DataLoader(numbers, { numWorkers: 1, prefetchFactor: 0 }), 'Expected a positive whole number for prefetchFactor'],
    [
      () => new DataLoader(numbers, { numWorkers: 1, worker: { module: './here.js' } }),
      'Expected an absolute path or a file: address for worker.module but received string "./here.js"',
    ],
  ])('%#', (make, message) => {
    expect(make).toThrow(message);
  });
});

test('break gives up what was asked for ahead', async () => {
  const made = torch.zeros(1);
  const worker = { module: fixtureModule, dataset: 'counting', args: [made] };
  const loader = new DataLoader(fixture.counting(made), { numWorkers: 2, prefetchFactor: 200, worker, execArgv });
  for await (const x of loader) {
    expect(x.shape).toEqual([1, 1000]);
    break;
  }
  expect(Number(made.item())).toBeLessThan(200);
});
