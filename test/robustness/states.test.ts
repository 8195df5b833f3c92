/** What is no state is refused by `loadStateDict` in one sentence, and loses nothing. */

import * as torch from '../../lib';
import { metrics, nn, optim, train } from '../../lib';

const weight = new nn.Parameter(torch.ones(2));
const optimizer = new optim.SGD([weight], { lr: 0.1 });
const stopping = new train.EarlyStopping({ patience: 2 });
const mean = new metrics.Mean();
const schedule = new optim.lrScheduler.StepLR(optimizer, 2);
const chained = new optim.lrScheduler.ChainedScheduler([schedule]);
const trainer = new train.Trainer({ model: new nn.Linear(2, 1), optimizer, loss: () => weight.sum(), progress: false });
const holders: Record<string, { loadStateDict(state: never): unknown; stateDict(): unknown }> = {
  Mean: mean,
  EarlyStopping: stopping,
  StepLR: schedule,
  ChainedScheduler: chained,
  SGD: optimizer,
  GradScaler: new torch.amp.GradScaler('cpu'),
  Trainer: trainer,
};

/** With the numbers of its tensors. */
const told = (state: unknown) => JSON.stringify(state, (_, value) => (value instanceof torch.Tensor ? value.toArray() : value));

test.each(Object.entries(holders))('%s', (_, holder) => {
  const before = told(holder.stateDict());
  for (const state of [undefined, null, 3, 'state', [], torch.ones(1), {}])
    expect(() => holder.loadStateDict(state as never)).toThrow(/^Expected (?!.*undefined).+ but received .+$/);
  expect(told(holder.stateDict())).toBe(before);
});
