import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import * as torch from '../../lib';
import { data, io, nn, optim, train } from '../../lib';
import { type Batch, parts, points, weightsOf } from './parts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'unknown-length-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** 12 batches of 10 points from something that does not know its length. */
function stream(): data.DataLoader<Iterable<Batch>> {
  const [x, y] = points();
  const samples = {
    *[Symbol.iterator](): Iterator<Batch> {
      for (let k = 0; k < 120; k++) yield [x.select(0, k), y.select(0, k)];
    },
  };
  return new data.DataLoader(samples, { batchSize: 10 });
}

/** The same batches from a dataset that knows it. */
const indexed = () => new data.DataLoader(new data.TensorDataset(...points()), { batchSize: 10 });

function training(more: Partial<train.TrainerOptions<Batch>> = {}) {
  const { model, options } = parts();
  return { model, trainer: new train.Trainer<Batch>({ ...options, logEvery: 1, ...more }) };
}

test('an epoch of unknown length counts when it is complete', async () => {
  const { trainer } = training();
  expect(stream().length).toBe(Number.POSITIVE_INFINITY);
  const { history } = await trainer.fit(stream(), { epochs: 2, validation: [points()] });
  expect(history.entries.map(({ epoch }) => epoch)).toEqual([...Array(12).fill(0), 1, ...Array(12).fill(1), 2]);
  const known = training();
  const fractions = (await known.trainer.fit(indexed(), { epochs: 2 })).history.entries.map(({ epoch }) => epoch);
  expect(fractions).toEqual(Array.from({ length: 24 }, (_, k) => (k + 1) / 12));
  // Plain arrays know it, functions that yield do not.
  const batches = Array(12).fill(points()) as Batch[];
  const plain = training();
  expect((await plain.trainer.fit(batches, { epochs: 1 })).history.entries.at(5)?.epoch).toBe(0.5);
  const generator = (function* () {
    yield* batches;
  })();
  const yielded = training();
  expect((await yielded.trainer.fit(generator, { epochs: 1 })).history.entries.map(({ epoch }) => epoch)).toEqual(Array(12).fill(0));
});

test('a rest of accumulated batches makes a step at the end of an epoch', async () => {
  const known = training({ accumulate: 5 });
  const wanted = await known.trainer.fit(indexed(), { epochs: 2 });
  const steps: number[] = [];
  const unknown = training({ accumulate: 5, onStep: (step) => void steps.push(step) });
  const { history } = await unknown.trainer.fit(stream(), { epochs: 2 });
  expect(steps).toEqual([1, 2, 3, 4, 5, 6]); // of 5, 5 and 2 batches an epoch
  expect(weightsOf(unknown.model)).toEqual(weightsOf(known.model));
  expect(history.series('loss')).toEqual(wanted.history.series('loss'));
});

test('the step of the rest is the one that a loop by hand makes', async () => {
  const { model, options } = parts();
  const optimizer = new optim.SGD(model.parameters(), { lr: 0.1 });
  let pending = 0;
  for (const [x, y] of indexed()) {
    nn.functional.crossEntropy(model.forward(x), y).div(5).backward();
    if (++pending < 5) continue;
    optimizer.step();
    optimizer.zeroGrad();
    pending = 0;
  }
  expect(pending).toBe(2);
  optimizer.step();
  const again = parts();
  const trainer = new train.Trainer({
    ...again.options,
    optimizer: new optim.SGD(again.model.parameters(), { lr: 0.1 }),
    accumulate: 5,
  });
  await trainer.fit(stream(), { epochs: 1 });
  expect(options.accumulate).toBeUndefined();
  expect(weightsOf(again.model)).toEqual(weightsOf(model));
});

test('gradients that a failure left do not leak into the next training', async () => {
  const gone = new Error('gone');
  const failing = (function* (): Generator<Batch> {
    yield points();
    yield points();
    throw gone;
  })();
  const saved: unknown[] = [];
  const { model, options } = parts();
  const trainer: train.Trainer<Batch> = new train.Trainer<Batch>({
    ...options,
    accumulate: 5,
    loss: (batch) => {
      saved.push(trainer.isBetweenSteps);
      expect(() => trainer.stateDict()).toThrow('Expected stateDict between optimizer steps but gradients are being added up');
      return options.loss(batch);
    },
  });
  await expect(trainer.fit(failing, { epochs: 1 })).rejects.toBe(gone);
  expect(saved).toEqual([false, false]);
  expect(trainer.stateDict().step).toBe(0);
  const fresh = training({ accumulate: 5 });
  await fresh.trainer.fit(stream(), { epochs: 1 });
  await trainer.fit(stream(), { epochs: 1 });
  expect(weightsOf(model)).toEqual(weightsOf(fresh.model));
});

test('a pass without batches is no epoch: a generator gives its batches once', async () => {
  const once = (function* (): Generator<Batch> {
    yield points();
  })();
  const { trainer } = training();
  await expect(trainer.fit(once, { epochs: 2 })).rejects.toThrow(
    'Expected batches in every pass over the data for fit but received none in epoch 2; a generator gives them only once',
  );
  expect([trainer.step, trainer.epoch]).toEqual([1, 1]);
  await expect(training().trainer.fit([], { epochs: 1 })).rejects.toThrow('received none in epoch 1');
});

describe.each([
  ['of known length', indexed],
  ['of unknown length', stream],
])('with a loader %s', (_, loaderOf) => {
  // Three steps an epoch, the third of a rest.
  test.each([1, 2, 3, 4, 6])('a training saved by hand in the callback of step %i goes on bit for bit', async (saved) => {
    const file = path.join(folder, 'run.pt');
    const halving = (optimizer: optim.AdamW) => new optim.lrScheduler.StepLR(optimizer, 1, { gamma: 0.5 });
    const made = parts();
    const whole: train.Trainer<Batch> = new train.Trainer<Batch>({
      ...made.options,
      scheduler: halving(made.optimizer),
      accumulate: 5,
      logEvery: 2,
      onStep: (step) => step === saved && void io.saveCheckpoint(file, { trainer: whole }),
    } as train.TrainerOptions<Batch>);
    await whole.fit(loaderOf(), { epochs: 2, validation: [points()] });

    const again = parts();
    const trainer = new train.Trainer({ ...again.options, scheduler: halving(again.optimizer), accumulate: 5, logEvery: 2 });
    const loader = loaderOf();
    const validation = [points()];
    torch.manualSeed(97);
    io.loadCheckpoint(file, { trainer });
    expect(trainer.step).toBe(saved);
    const { history } = await trainer.fit(loader, { epochs: 2, validation });
    expect(history.entries).toEqual(whole.history.entries);
    expect(weightsOf(again.model)).toEqual(weightsOf(made.model));
  });
});

describe('a trainer that was stopped within an epoch', () => {
  test('goes on with the rest of the pass in its next fit, and when it is saved in between', async () => {
    const whole = parts();
    const uninterrupted = new train.Trainer({ ...whole.options, logEvery: 1 });
    await uninterrupted.fit(whole.loader, { epochs: 2 });

    const { model, loader, options } = parts();
    const trainer = new train.Trainer({ ...options, logEvery: 1 });
    await trainer.fit(loader, { epochs: 2, maxSteps: 7 });
    const file = path.join(folder, 'between.pt');
    io.saveCheckpoint(file, { trainer });
    await trainer.fit(loader, { epochs: 2 });
    expect(trainer.history.entries).toEqual(uninterrupted.history.entries);
    expect(weightsOf(model)).toEqual(weightsOf(whole.model));

    const restored = parts();
    const other = new train.Trainer({ ...restored.options, logEvery: 1 });
    io.loadCheckpoint(file, { trainer: other });
    await other.fit(restored.loader, { epochs: 2 });
    expect(weightsOf(restored.model)).toEqual(weightsOf(whole.model));
  });

  test('refuses loaders that it cannot go on with, and waits for the right one', async () => {
    const first = training();
    const loader = indexed();
    await first.trainer.fit(loader, { epochs: 1, maxSteps: 5 });
    const { trainer } = training({ interrupts: true });
    const listeners = process.listenerCount('SIGINT');
    trainer.loadStateDict(first.trainer.stateDict());
    await expect(trainer.fit([points()], { epochs: 1 })).rejects.toThrow(
      'Expected a loader with loadStateDict, since the training stopped within an epoch, for fit but received an array of 1',
    );
    const longer = new data.DataLoader(new data.TensorDataset(torch.zeros(130, 4), torch.zeros(130)), { batchSize: 10 });
    await expect(trainer.fit(longer as typeof loader, { epochs: 1 })).rejects.toThrow('Expected the state of a loader with samples 130');
    expect(process.listenerCount('SIGINT')).toBe(listeners);
    await trainer.fit(indexed(), { epochs: 1 });
    expect([trainer.step, trainer.epoch]).toEqual([12, 1]);
  });

  test('begins a pass anew with another loader, or one that cannot tell where it is', async () => {
    for (const loader of [indexed(), [points(), points()]]) {
      const { trainer } = training();
      await trainer.fit([points(), points(), points()], { epochs: 1, maxSteps: 1 });
      const { history, ending } = await trainer.fit(loader, { epochs: 1 });
      expect(ending).toBe('completed');
      expect(trainer.step).toBe(1 + (loader.length as number));
      expect(history.entries.at(1)?.epoch).toBe(1 / (loader.length as number));
    }
  });
});
