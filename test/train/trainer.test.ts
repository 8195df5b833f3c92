import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import * as torch from '../../lib';
import { data, io, metrics, nn, optim, train } from '../../lib';
import { type Batch, type Parts, parts, points, weightsOf } from './parts';

const folder = mkdtempSync(path.join(tmpdir(), 'torchwright-trainer-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
let runs = 0;
const newFolder = (): string => path.join(folder, `run-${runs++}`);

test('trains as the loop that one would write', async () => {
  const byHand = parts();
  const losses: number[] = [];
  for (let epoch = 0; epoch < 2; epoch++) {
    for (const batch of byHand.loader) {
      const loss = byHand.options.loss(batch) as torch.Tensor;
      byHand.optimizer.zeroGrad();
      loss.backward();
      byHand.optimizer.step();
      losses.push(Number(loss.item()));
    }
  }
  const { model, loader, options } = parts();
  const trainer = new train.Trainer({ ...options, logEvery: 1 });
  const { ending, history } = await trainer.fit(loader, { epochs: 2 });
  expect(ending).toBe('completed');
  expect([trainer.epoch, trainer.step]).toEqual([2, 30]);
  expect(weightsOf(model)).toEqual(weightsOf(byHand.model));
  expect(history.series('loss')).toEqual(losses.map((loss, k) => [k + 1, loss]));
});

test('judges after each epoch: in evaluation mode, without recording, samples weighted alike', async () => {
  const { model, loader, options } = parts();
  const [x, y] = points();
  const validation = new data.DataLoader(new data.TensorDataset(x, y), { batchSize: 50 }); // 50, 50, 20
  const accuracy = new metrics.Accuracy();
  const trainer = new train.Trainer({
    ...options,
    metrics: { accuracy },
    evaluate: ([a, b]: Batch, measured) => {
      expect([model.training, torch.isGradEnabled()]).toEqual([false, false]);
      const logits = model.forward(a);
      measured.accuracy.update(logits, b);
      return nn.functional.crossEntropy(logits, b);
    },
  });
  const { history } = await trainer.fit(loader, { epochs: 12, validation });
  expect(model.training).toBe(true);
  model.eval();
  const logits = torch.noGrad(() => model.forward(x));
  expect(history.last('validation.loss')).toBeCloseTo(Number(nn.functional.crossEntropy(logits, y).item()), 6);
  const right = Number(logits.argmax(1).eq(y).sum().item()) / 120;
  expect(history.last('validation.accuracy')).toBeCloseTo(right, 12);
  expect(right).toBeGreaterThan(0.95);
  expect(history.series('validation.loss')).toHaveLength(12);
});

test('accumulated gradients are those of the larger batch, also of a rest at the end of an epoch', async () => {
  const losses = (accumulate: number, batchSize: number): Promise<unknown> => {
    torch.manualSeed(1);
    const model = new nn.Linear(4, 2).double();
    const [x, y] = points();
    const loader = new data.DataLoader(new data.TensorDataset(x.double(), y), { batchSize });
    const trainer = new train.Trainer<Batch>({
      model,
      optimizer: new optim.SGD(model.parameters(), { lr: 0.1, momentum: 0.9 }),
      loss: ([a, b]) => nn.functional.crossEntropy(model.forward(a), b),
      accumulate,
      progress: false,
      interrupts: false,
    });
    return trainer.fit(loader, { epochs: 2 }).then(() => [trainer.step, ...(model.weight.flatten().toArray() as number[])]);
  };
  const [steps, ...large] = (await losses(1, 40)) as number[];
  const [same, ...small] = (await losses(4, 10)) as number[];
  expect([steps, same]).toEqual([6, 6]);
  for (const [k, weight] of small.entries()) expect(weight).toBeCloseTo(large[k] as number, 12);
  expect(((await losses(5, 10)) as number[])[0]).toBe(6); // 5, 5 and 2 batches an epoch
});

test('clips gradients, schedules by step, averages weights, and logs what a step tells', async () => {
  const { model, optimizer, loader, options } = parts();
  const average = new nn.Sequential(new nn.Linear(4, 16), new nn.ReLU(), new nn.Dropout({ p: 0.2 }), new nn.Linear(16, 2));
  const ema = new optim.swaUtils.AveragedModel(average, { multiAvgFn: optim.swaUtils.getEmaMultiAvgFn({ decay: 0 }) });
  const scheduler = new optim.lrScheduler.ExponentialLR(optimizer, 0.5);
  const trainer = new train.Trainer({
    ...options,
    loss: (batch) => ({ loss: options.loss(batch) as torch.Tensor, constant: 7 }),
    clipNorm: 0.01,
    ema,
    scheduler,
    schedulerInterval: 'step',
    logEvery: 1,
  });
  const { history } = await trainer.fit(loader, { epochs: 1, maxSteps: 3 });
  expect(history.names).toEqual(['loss', 'constant', 'gradNorm', 'lr']);
  expect(history.series('lr').map(([, lr]) => lr)).toEqual([0.01, 0.005, 0.0025]);
  expect(history.last('constant')).toBe(7);
  expect(history.last('gradNorm')).toBeGreaterThan(0.01);
  expect(weightsOf(average)).toEqual(weightsOf(model)); // decay 0: the average is the model
});

test('stops early when the monitored value improves no more, and lets a plateau schedule see it', async () => {
  const { optimizer, loader, options } = parts();
  const scheduler = new optim.lrScheduler.ReduceLROnPlateau(optimizer, { patience: 0 });
  const judged = [3, 2, 2.5, 2.6, 1];
  const trainer: train.Trainer<Batch> = new train.Trainer({
    ...options,
    scheduler,
    earlyStopping: { patience: 2 },
    evaluate: () => torch.tensor(judged[trainer.epoch - 1] as number),
  });
  const { ending, best } = await trainer.fit(loader, { epochs: 5, validation: [points()] });
  expect([ending, trainer.epoch, best]).toEqual(['earlyStopping', 4, 2]);
  expect(optimizer.paramGroups[0]?.lr).toBeCloseTo(0.02 * 0.1 * 0.1, 15);
});

describe('a training that was stopped goes on as if it had not been', () => {
  const epochs = 3;

  function training(checkpoints: string, everySteps?: number): Parts & { trainer: train.Trainer<Batch>; scheduler: train.Schedule } {
    const made = parts();
    const scheduler = new optim.lrScheduler.CosineAnnealingLR(made.optimizer, 45);
    const policy = { folder: checkpoints, keepLast: 2, ...(everySteps === undefined ? {} : { everySteps }) };
    const trainer = new train.Trainer({ ...made.options, scheduler, schedulerInterval: 'step', checkpoints: policy, logEvery: 4 });
    return { ...made, trainer, scheduler };
  }

  async function uninterrupted(): Promise<{ weights: unknown; losses: [number, number][]; next: number }> {
    const { trainer, loader, model } = training(newFolder());
    const { history } = await trainer.fit(loader, { epochs });
    return { weights: weightsOf(model), losses: history.series('loss'), next: Number(torch.rand(1).item()) };
  }

  // 15 steps an epoch: within one, at the end of one, and at the very end.
  test.each([1, 22, 30, 45])('after step %i', async (maxSteps) => {
    const whole = await uninterrupted();
    const place = newFolder();
    const first = training(place);
    const stopped = await first.trainer.fit(first.loader, { epochs, maxSteps });
    expect(stopped.ending).toBe('maxSteps');
    torch.manualSeed(99);
    torch.rand(7);

    const second = training(place);
    torch.manualSeed(98);
    const { ending, history } = await second.trainer.fit(second.loader, { epochs, resume: true });
    expect([ending, second.trainer.step]).toEqual(['completed', 45]);
    expect(weightsOf(second.model)).toEqual(whole.weights);
    expect(history.series('loss')).toEqual(whole.losses);
    expect(Number(torch.rand(1).item())).toBe(whole.next);
  });

  test('from the last checkpoint within an epoch, when the process is gone without a word', async () => {
    const whole = await uninterrupted();
    const place = newFolder();
    const first = training(place, 4);
    const gone = new Error('gone');
    const doomed = new train.Trainer({
      ...first.options,
      scheduler: first.scheduler,
      schedulerInterval: 'step',
      checkpoints: { folder: place, everySteps: 4 },
      onStep: (step) => {
        if (step === 23) throw gone;
      },
    });
    await expect(doomed.fit(first.loader, { epochs })).rejects.toBe(gone);
    expect(readdirSync(place).sort()).toEqual(['best.pt', 'checkpoint-15.pt', 'checkpoint-16.pt', 'checkpoint-20.pt'].sort());
    const second = training(place);
    await second.trainer.fit(second.loader, { epochs, resume: true });
    expect(weightsOf(second.model)).toEqual(whole.weights);
  });

  test('a checkpoint by hand; and resume without one begins anew', async () => {
    const { trainer, loader, model } = training(newFolder());
    expect(trainer.resume()).toBe(false);
    await trainer.fit(loader, { epochs: 1 });
    const file = path.join(folder, 'by-hand.pt');
    io.saveCheckpoint(file, { trainer });
    const other = training(newFolder());
    io.loadCheckpoint(file, { trainer: other.trainer });
    expect(other.trainer.epoch).toBe(1);
    expect(weightsOf(other.model)).toEqual(weightsOf(model));
  });
});

test('Ctrl-C ends after the step, with a checkpoint; an abort signal too', async () => {
  const { loader, options } = parts();
  const place = newFolder();
  const output = jest.spyOn(process.stderr, 'write').mockReturnValue(true);
  const trainer = new train.Trainer({
    ...options,
    interrupts: true,
    checkpoints: { folder: place },
    onStep: (step) => {
      if (step === 5) process.emit('SIGINT', 'SIGINT');
    },
  });
  const { ending } = await trainer.fit(loader, { epochs: 3 });
  output.mockRestore();
  expect([ending, trainer.step]).toEqual(['interrupted', 5]);
  expect(existsSync(path.join(place, 'checkpoint-5.pt'))).toBe(true);

  const stop = new AbortController();
  const aborted = new train.Trainer({ ...options, onStep: (step) => step === 2 && stop.abort() } as train.TrainerOptions<Batch>);
  expect((await aborted.fit(loader, { epochs: 3, signal: stop.signal })).ending).toBe('aborted');
  expect(aborted.step).toBe(2);
});

test('the event loop breathes, and memory is freed', async () => {
  const { loader, options } = parts();
  const trainer = new train.Trainer(options);
  await trainer.fit(loader, { epochs: 2 });
  const before = torch.memory().tensors;
  await trainer.fit(loader, { epochs: 30 });
  expect(torch.memory().tensors - before).toBeLessThanOrEqual(5);

  // The end comes from a timer alone, however fast the steps are: a loop that never breathes would run all epochs.
  const stop = new AbortController();
  let ticks = 0;
  const timer = setInterval(() => ++ticks === 4 && stop.abort(), 5);
  const { ending } = await trainer.fit(loader, { epochs: 20_000, signal: stop.signal });
  clearInterval(timer);
  expect([ending, ticks]).toEqual(['aborted', 4]);
});

test('a loss that is no number ends the training and names what is spoiled', async () => {
  const { model, loader, options } = parts();
  const trainer: train.Trainer<Batch> = new train.Trainer({
    ...options,
    logEvery: 1,
    loss: (batch) => (options.loss(batch) as torch.Tensor).mul(trainer.step === 3 ? Number.NaN : 1),
  });
  await expect(trainer.fit(loader, { epochs: 1 })).rejects.toThrow(
    /^Expected finite numbers but received NaN for the loss, in the steps up to 4; also not finite: the gradient of 0\.weight, the gradient of 0\.bias/,
  );
  expect([...model.namedParameters()][0]?.[0]).toBe('0.weight');
});

describe('misuse gets one clear sentence', () => {
  test.each([
    [{ accumulate: 0 }, 'Expected a positive whole number for accumulate but received number 0'],
    [{ logEvery: 1.5 }, 'Expected a positive whole number for logEvery but received number 1.5'],
    [{ clipNorm: -1 }, 'Expected a positive number for clipNorm but received number -1'],
    [{ loss: 3 as never }, 'Expected a function that computes the loss of a batch for loss but received number 3'],
    [{ checkpoints: { folder: path.join(folder, 'x'), everySteps: 0 } }, 'Expected a positive whole number for everySteps'],
  ])('%#', (wrong, message) => {
    expect(() => new train.Trainer({ ...parts().options, ...wrong })).toThrow(message);
  });

  test('while training', async () => {
    const { loader, options } = parts();
    await expect(new train.Trainer(options).fit(loader, { epochs: -1 })).rejects.toThrow('Expected a whole number from 0 for epochs');
    await expect(new train.Trainer({ ...options, monitor: 'validation.f1' }).fit(loader, { epochs: 1 })).rejects.toThrow(
      'Expected a value named validation.f1 to monitor but there are loss, lr',
    );
    await expect(new train.Trainer({ ...options, loss: () => undefined as never }).fit(loader, { epochs: 1 })).rejects.toThrow(
      'Expected a loss for the result of loss',
    );
    expect(() => new train.Trainer(options).resume()).toThrow('Expected checkpoints among the options of Trainer to resume from');
  });
});
