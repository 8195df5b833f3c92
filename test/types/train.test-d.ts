/** Types of the trainer and its pieces: right calls compile, wrong calls do not. */

import * as torch from '../../lib';
import { data, io, metrics, nn, optim, type Tensor, train } from '../../lib';

function is<T>(): (value: T) => void {
  return () => undefined;
}

declare const x: Tensor;
const model = new nn.Linear(1, 1);
const optimizer = new optim.SGD(model.parameters(), { lr: 1 });
const loader = new data.DataLoader(new data.TensorDataset(x, x), { batchSize: 2 });
type Pair = [Tensor, Tensor];
const loss = ([a, b]: Pair): Tensor => nn.functional.mseLoss(model.forward(a), b);

// The batch's type comes from the loss; loaders, arrays and generators of such batches train it.
const trainer = new train.Trainer({ model, optimizer, loss });
const result: Promise<train.FitResult> = trainer.fit(loader, { epochs: 1, validation: [[x, x]], signal: new AbortController().signal });
trainer.fit([[x, x]], { epochs: 1 });
trainer.fit(
  (function* (): Generator<Pair> {
    yield [x, x];
  })(),
  { epochs: 1 },
);
trainer.fit(
  (async function* (): AsyncGenerator<Pair> {
    yield [x, x];
  })(),
  { epochs: 1, maxSteps: 3, resume: true },
);
// @ts-expect-error batches are pairs
trainer.fit([x], { epochs: 1 });
// @ts-expect-error one batch is no loader
trainer.fit([x, x], { epochs: 1 });
// @ts-expect-error how long is to be said
trainer.fit(loader, {});
// @ts-expect-error no such option
trainer.fit(loader, { epochs: 1, maxEpochs: 3 });
// @ts-expect-error validation data are batches like the others
trainer.fit(loader, { epochs: 1, validation: [x] });
const single = new data.DataLoader(new data.TensorDataset(x));
// @ts-expect-error batches of one tensor are no pairs
trainer.fit(single, { epochs: 1 });

// What a training gives.
result.then(({ ending, history, best }) => {
  is<'completed' | 'maxSteps' | 'earlyStopping' | 'interrupted' | 'aborted'>()(ending);
  is<number | null>()(best);
  is<[step: number, value: number][]>()(history.series('loss'));
  is<number | undefined>()(history.last('loss'));
  // @ts-expect-error there may be none
  is<number>()(best);
  // @ts-expect-error no such end
  if (ending === 'done') return;
});
const evaluated: Promise<Record<string, number>> = trainer.evaluate(loader, 'test.');
void evaluated;
is<number>()(trainer.step);
is<boolean>()(trainer.resume());
// @ts-expect-error it is counted, not set
trainer.step = 3;
trainer.loadStateDict(trainer.stateDict());
// @ts-expect-error a model's state is not a training's
trainer.loadStateDict(model.stateDict());

// Model, optimizer and loss are needed; a step gives a loss, alone or with more values.
new train.Trainer({ model, optimizer, loss: (batch: Pair) => ({ loss: loss(batch), accuracy: 0.5, norm: x }) });
// @ts-expect-error no loss
new train.Trainer({ model, optimizer });
// @ts-expect-error no optimizer
new train.Trainer({ model, loss });
// @ts-expect-error a number has no gradient
new train.Trainer({ model, optimizer, loss: () => 3 });
// @ts-expect-error the loss is called loss
new train.Trainer({ model, optimizer, loss: (batch: Pair) => ({ error: loss(batch) }) });
// @ts-expect-error texts are no values
new train.Trainer({ model, optimizer, loss: (batch: Pair) => ({ loss: loss(batch), note: 'a' }) });
// @ts-expect-error a function is no model
new train.Trainer({ model: (a: Tensor) => a, optimizer, loss });
// @ts-expect-error nor is a schedule an optimizer
new train.Trainer({ model, optimizer: new optim.lrScheduler.StepLR(optimizer, 1), loss });
// @ts-expect-error no such option
new train.Trainer({ model, optimizer, loss, accumulateGradBatches: 2 });

// Every optimizer, those that need a closure too; schedules, scalers and averages.
const sam = new optim.SAM(optimizer);
for (const any of [optimizer, new optim.LBFGS(model.parameters()), new optim.AdamW(model.parameters()), sam])
  new train.Trainer({ model, optimizer: any, loss });
const lbfgsNeedsOne: true = new optim.LBFGS(model.parameters()).needsClosure;
const samNeedsOne: true = sam.needsClosure;
void [lbfgsNeedsOne, samNeedsOne];
const own: train.TrainerOptimizer = {
  paramGroups: [{ params: [x] }],
  step: (closure) => closure?.().item(),
  zeroGrad() {},
  stateDict: () => ({}),
  loadStateDict() {},
};
new train.Trainer({ model, optimizer: own, loss });
new train.Trainer({
  model,
  optimizer,
  loss,
  scheduler: new optim.lrScheduler.ReduceLROnPlateau(optimizer),
  schedulerInterval: 'epoch',
  scaler: new torch.amp.GradScaler('cpu'),
  ema: new optim.swaUtils.AveragedModel(model),
  autocast: { device: 'cpu', dtype: 'bfloat16' },
  earlyStopping: { patience: 3 },
  mode: 'max',
  checkpoints: { folder: 'runs', keepLast: 2, everySteps: 100 },
  onLog: ({ step, epoch, values }) => is<number | undefined>()(values[`${step + epoch}`]),
  onStep: (step) => is<number>()(step),
  onEpoch: async (epoch, entry) => is<number>()(epoch + entry.step),
});
// @ts-expect-error steps or epochs
new train.Trainer({ model, optimizer, loss, schedulerInterval: 'batch' });
// @ts-expect-error the mode is the trainer's
new train.Trainer({ model, optimizer, loss, earlyStopping: { mode: 'max' } });
// @ts-expect-error where is to be said
new train.Trainer({ model, optimizer, loss, checkpoints: { keepLast: 2 } });
// @ts-expect-error a name is no device and dtype
new train.Trainer({ model, optimizer, loss, autocast: 'bfloat16' });
// @ts-expect-error a model is no average
new train.Trainer({ model, optimizer, loss, ema: model });

// Metrics are known by their names where the validation data are judged.
new train.Trainer({
  model,
  optimizer,
  loss,
  metrics: { accuracy: new metrics.Accuracy(), perClass: new metrics.Recall(3, { average: 'none' }), mean: new metrics.Mean() },
  evaluate([a, b], { accuracy, perClass, mean }) {
    accuracy.update(model.forward(a), b);
    perClass.update(a, b);
    mean.update(a, 3);
    // @ts-expect-error a prediction and what is true
    accuracy.update(a);
    // @ts-expect-error a weight is a number
    mean.update(a, b);
    return loss([a, b]);
  },
});
new train.Trainer({
  model,
  optimizer,
  loss,
  metrics: { accuracy: new metrics.Accuracy() },
  // @ts-expect-error no such metric
  evaluate: (batch, { precision }) => void [batch, precision],
});
new train.Trainer({ model, optimizer, loss, evaluate: () => undefined });
// @ts-expect-error a matrix is no curve
new train.Trainer({ model, optimizer, loss, metrics: { confusion: new metrics.ConfusionMatrix(3) } });
// @ts-expect-error a class is no metric
new train.Trainer({ model, optimizer, loss, metrics: { accuracy: metrics.Accuracy } });

// The pieces.
const stopping = new train.EarlyStopping({ patience: 2, mode: 'max' });
is<boolean>()(stopping.update(0.5));
is<number | null>()(stopping.best);
// @ts-expect-error a tensor is no number
stopping.update(x);
// @ts-expect-error no such mode
new train.EarlyStopping({ mode: 'up' });
const history = new train.History([{ step: 1, epoch: 0.5, values: { loss: 1 } }]);
// @ts-expect-error an entry has values
history.add({ step: 2, epoch: 1 });
is<string>()(train.learningCurves(history, { title: 'a', names: ['loss'] }));
// @ts-expect-error names, not one
train.learningCurves(history, { names: 'loss' });
train.saveReport('a.html', history, { settings: { lr: 1 }, pictures: [{ title: 'a', image: '<svg/>' }] });
// @ts-expect-error the history comes second
train.saveReport(history, 'a.html');
train.checkFinite(model, 3);
// @ts-expect-error the loss as a number
train.checkFinite(model, x);
for (const { name, where } of train.nonFinite(model)) is<'gradient' | 'value'>()(name === '' ? 'value' : where);

// A training is a part of a checkpoint.
io.saveCheckpoint('a.pt', { trainer });
io.loadCheckpoint('a.pt', { trainer });
