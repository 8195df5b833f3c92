/** A loader that is stopped anywhere and goes on elsewhere gives exactly the batches that were to come. */

import * as torch from '../../lib';
import { data } from '../../lib';
import * as fixture from './workers/fixture';

const { DataLoader, TensorDataset } = data;
const worker = { module: require.resolve('./workers/fixture'), dataset: 'noisy', args: [11] };
const execArgv = ['--require', require.resolve('tsx/cjs')];

const numbers = new TensorDataset(torch.arange(11));
const WEIGHTS = Array.from({ length: 11 }, (_, k) => k + 1);
const LABELS = Array.from({ length: 11 }, (_, k) => k % 3);

type Loader = data.DataLoader<data.Dataset<unknown>, torch.Tensor, torch.Tensor>;
const noise = ([x]: [torch.Tensor]) => x.add(torch.rand(x.shape, { generator: data.generator() }));
const own = () => new torch.Generator().manualSeed(4);

const LOADERS: readonly [string, () => unknown][] = [
  ['in order', () => new DataLoader(numbers, { batchSize: 3, transform: noise })],
  ['shuffled with a seed', () => new DataLoader(numbers, { batchSize: 3, shuffle: true, seed: 4, transform: noise })],
  ['shuffled with the global generator', () => new DataLoader(numbers, { batchSize: 3, shuffle: true, transform: noise })],
  ['with replacement', () => new DataLoader(numbers, { batchSize: 3, sampler: new data.RandomSampler(11, { replacement: true, seed: 4 }), transform: noise })],
  ['with a generator for the loader and one for the sampler', () => {
    const sampler = new data.WeightedRandomSampler(WEIGHTS, 11, { generator: own() });
    return new DataLoader(numbers, { batchSize: 3, sampler, seed: 9, transform: noise });
  }],
  ['with weights and the global generator', () => new DataLoader(numbers, { batchSize: 3, sampler: new data.WeightedRandomSampler(WEIGHTS, 11), transform: noise })],
  ['class-balanced', () => new DataLoader(numbers, { batchSampler: new data.ClassBalancedBatchSampler(LABELS, 3, { numBatches: 4 }), transform: noise })],
  ['P x K', () => new DataLoader(numbers, { batchSampler: new data.PKBatchSampler(LABELS, 2, 2, { numBatches: 4, seed: 1 }), seed: 4, transform: noise })],
  ['without positions', () => new DataLoader(fixture.noiseStream, { batchSize: 2, seed: 4 })],
  ['in workers', () => new DataLoader(fixture.noisy(11), { batchSize: 3, shuffle: true, seed: 4, numWorkers: 2, worker, execArgv })],
  ['in workers, without positions', () => {
    const stream = { module: worker.module, dataset: 'noiseStream' };
    return new DataLoader(fixture.noiseStream, { batchSize: 2, seed: 4, numWorkers: 1, worker: stream, execArgv });
  }],
]; // biome-ignore format: a table

/** The batches of `passes` passes. After batch `stop` the loader is replaced by a new one that goes on from its state. */
async function run(make: () => unknown, passes: number, stop = -1): Promise<unknown[]> {
  torch.manualSeed(7);
  let loader = make() as Loader;
  const seen: unknown[] = [];
  for (let pass = 0; pass < passes; pass++) {
    let stopped: boolean;
    do {
      stopped = false;
      for await (const x of loader) {
        seen.push(x.toArray());
        if (seen.length === stop) {
          stopped = true;
          break;
        }
      }
      if (stopped) {
        // As a checkpoint keeps it: the state as text, and the global generator's.
        const text = JSON.stringify(loader.stateDict());
        const state = torch.getRngState();
        torch.manualSeed(999);
        loader = make() as Loader;
        torch.setRngState(state);
        loader.loadStateDict(JSON.parse(text) as data.DataLoaderState);
      }
    } while (stopped);
  }
  return seen;
}

test.each(LOADERS)('%s', async (name, make) => {
  const whole = await run(make, 2);
  expect(whole).toHaveLength(8);
  for (const stop of name.includes('workers') ? [2, 5] : [1, 2, 3, 4, 5, 7]) expect(await run(make, 2, stop)).toEqual(whole);
});

test('between passes, and before the first', async () => {
  const make = () => new DataLoader(numbers, { batchSize: 3, shuffle: true, seed: 4 });
  const batches = (loader: ReturnType<typeof make>) => Array.from(loader, ([x]) => x.toArray());
  const first = make();
  const [fresh, other] = [first.stateDict(), make()];
  const passes = [batches(first), batches(first)];
  const after = first.stateDict();
  other.loadStateDict(after);
  expect(batches(other)).toEqual(batches(first));
  other.loadStateDict(fresh);
  expect([batches(other), batches(other)]).toEqual(passes);
});

test('a state does not change while the loader goes on, and can be loaded several times', () => {
  const loader = new DataLoader(numbers, { batchSize: 3, shuffle: true, seed: 4 });
  let state: data.DataLoaderState | undefined;
  const rest: unknown[] = [];
  for (const [x] of loader) {
    if (state !== undefined) rest.push(x.toArray());
    state ??= loader.stateDict();
  }
  for (let k = 0; k < 2; k++) {
    loader.loadStateDict(state as data.DataLoaderState);
    expect(loader.stateDict()).toMatchObject({ batch: 1, samples: 11, batchSize: 3 });
    expect(Array.from(loader, ([x]) => x.toArray())).toEqual(rest);
  }
});

describe('what is no state of such a loader is refused', () => {
  const loader = new DataLoader(numbers, { batchSize: 3, seed: 1 });
  const state = loader.stateDict();
  test.each<[unknown, string]>([
    [null, 'Expected what DataLoader.stateDict gives for loadStateDict but received null'],
    [{ ...state, batch: -1 }, 'Expected what DataLoader.stateDict gives'],
    [{ ...state, seed: 'x' }, 'Expected what DataLoader.stateDict gives'],
    [{ ...state, batchSize: 4 }, 'Expected the state of a loader with batchSize 3 for loadStateDict but received string "batchSize 4"'],
    [{ ...state, samples: 12 }, 'Expected the state of a loader with samples 11'],
  ])('%#', (value, message) => {
    expect(() => loader.loadStateDict(value as data.DataLoaderState)).toThrow(message);
  });
});
