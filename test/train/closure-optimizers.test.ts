import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import * as torch from '../../lib';
import { nn, optim, train } from '../../lib';
import { liveTensors } from '../live';
import { type Batch, type Parts, parts, weightsOf } from './parts';

/** Optimizers whose step computes the loss itself. */
const OPTIMIZERS = {
  LBFGS: (model: nn.Module) => new optim.LBFGS(model.parameters(), { lr: 0.5, maxIter: 4, historySize: 5 }),
  'LBFGS with a line search': (model: nn.Module) =>
    new optim.LBFGS(model.parameters(), { maxIter: 4, historySize: 5, lineSearchFn: 'strong_wolfe' }),
  SAM: (model: nn.Module) => new optim.SAM(new optim.SGD(model.parameters(), { lr: 0.1, momentum: 0.9 })),
} as const;

type Closed = Omit<Parts, 'optimizer'> & { optimizer: optim.LBFGS | ReturnType<(typeof OPTIMIZERS)['SAM']> };

/** The small training, dropout included, with another optimizer. */
function withOptimizer(make: (model: nn.Module) => Closed['optimizer']): Closed {
  const made = parts();
  const optimizer = make(made.model);
  return { ...made, optimizer, options: { ...made.options, optimizer } };
}

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'closures-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

describe.each(Object.entries(OPTIMIZERS))('%s', (_, make) => {
  test('trains as the loop that one would write, with clipping and a schedule', async () => {
    const byHand = withOptimizer(make);
    const halving = new optim.lrScheduler.StepLR(byHand.optimizer, 10, { gamma: 0.5 });
    const losses: number[] = [];
    const norms: number[] = [];
    for (let epoch = 0; epoch < 2; epoch++) {
      for (const batch of byHand.loader) {
        const inStep: number[] = [];
        const loss = byHand.optimizer.step(() => {
          byHand.optimizer.zeroGrad();
          const one = byHand.options.loss(batch) as torch.Tensor;
          one.backward();
          inStep.push(Number(nn.utils.clipGradNorm_(byHand.model.parameters(), 0.5).item()));
          return one;
        });
        halving.step();
        losses.push(Number(loss.item()));
        norms.push(inStep[0] as number);
      }
    }
    expect(norms.some((norm) => norm > 0.5)).toBe(true);

    const { model, loader, optimizer, options } = withOptimizer(make);
    const scheduler = new optim.lrScheduler.StepLR(optimizer, 10, { gamma: 0.5 });
    const trainer = new train.Trainer({ ...options, clipNorm: 0.5, scheduler, schedulerInterval: 'step', logEvery: 1 });
    const { history } = await trainer.fit(loader, { epochs: 2 });
    expect(trainer.step).toBe(30);
    expect(weightsOf(model)).toEqual(weightsOf(byHand.model));
    expect(history.series('loss')).toEqual(losses.map((loss, k) => [k + 1, loss]));
    expect(history.series('gradNorm')).toEqual(norms.map((norm, k) => [k + 1, norm]));
  });

  test('goes on bit for bit after a stop within an epoch', async () => {
    const training = (place: string) => {
      const made = withOptimizer(make);
      return { ...made, trainer: new train.Trainer({ ...made.options, logEvery: 4, checkpoints: { folder: path.join(folder, place) } }) };
    };
    const whole = training('whole');
    const uninterrupted = await whole.trainer.fit(whole.loader, { epochs: 2 });
    const first = training('stopped');
    expect((await first.trainer.fit(first.loader, { epochs: 2, maxSteps: 22 })).ending).toBe('maxSteps');
    const second = training('stopped');
    torch.manualSeed(98);
    const { history } = await second.trainer.fit(second.loader, { epochs: 2, resume: true });
    expect(weightsOf(second.model)).toEqual(weightsOf(whole.model));
    expect(history.entries).toEqual(uninterrupted.history.entries);
  });

  test('computes each loss in the lower precision that was asked for, and keeps no memory', async () => {
    const { model, loader, options } = withOptimizer(make);
    const seen = new Set<string>();
    const loss = ([x, y]: Batch): torch.Tensor => {
      const logits = model.forward(x);
      seen.add(logits.dtype);
      return nn.functional.crossEntropy(logits, y);
    };
    const trainer = new train.Trainer({ ...options, loss, autocast: { device: 'cpu', dtype: 'bfloat16' }, checkFinite: false });
    await trainer.fit(loader, { epochs: 2 });
    expect([...seen]).toEqual(['bfloat16']);
    const before = liveTensors();
    await trainer.fit(loader, { epochs: 4 });
    expect(liveTensors() - before).toBeLessThanOrEqual(5);
  });

  test('refuses what divides or scales a gradient between batch and step', () => {
    const { optimizer, options } = withOptimizer(make);
    const name = optimizer.constructor.name;
    expect(() => new train.Trainer({ ...options, accumulate: 2 })).toThrow(
      `Expected 1, since the step of ${name} computes the loss itself, for accumulate but received number 2`,
    );
    expect(() => new train.Trainer({ ...options, scaler: new torch.amp.GradScaler('cpu') })).toThrow(
      `Expected no scaler, since the step of ${name} computes the loss itself, for scaler but received an object of GradScaler`,
    );
    expect(() => new train.Trainer({ ...options, scaler: new torch.amp.GradScaler('cpu', { enabled: false }) })).not.toThrow();
  });
});

test('what an evaluation made is gone when the next one begins', async () => {
  const { loader, options } = withOptimizer(OPTIMIZERS.LBFGS);
  const alive: number[] = [];
  const trainer = new train.Trainer<Batch>({
    ...options,
    loss: (batch) => {
      alive.push(torch.memory().tensors);
      let loss = options.loss(batch) as torch.Tensor;
      for (let k = 0; k < 1000; k++) loss = loss.add(0);
      return loss;
    },
  });
  await trainer.fit(loader, { epochs: 1, maxSteps: 1 });
  expect(alive).toHaveLength(4);
  expect(Math.max(...alive) - Math.min(...alive)).toBeLessThan(1000);
});

test("an optimizer of one's own says that it needs a closure", async () => {
  const { model, loader, options } = parts();
  const sgd = new optim.SGD(model.parameters(), { lr: 0.1 });
  const calls: number[] = [];
  const own: train.TrainerOptimizer = {
    needsClosure: true,
    paramGroups: sgd.paramGroups,
    zeroGrad: () => sgd.zeroGrad(),
    stateDict: () => sgd.stateDict(),
    loadStateDict: (state) => sgd.loadStateDict(state),
    step(closure) {
      calls.push(Number(closure?.().item()));
      sgd.step();
    },
  };
  const { history } = await new train.Trainer({ ...options, optimizer: own, logEvery: 1 }).fit(loader, { epochs: 1 });
  expect(history.series('loss').map(([, loss]) => loss)).toEqual(calls);
  expect(calls).toHaveLength(15);
});
