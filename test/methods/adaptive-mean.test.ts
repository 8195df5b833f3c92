import * as torch from '../../lib';
import { methods } from '../../lib';
import { expectClose } from '../losses/random';

test('the mean over batches: of the one before, or of all with weights that halve', () => {
  torch.manualSeed(0);
  const batches = [4, 2, 7].map((size) => torch.randn(size, 3, { dtype: 'float64', requiresGrad: true }));
  const [first, second, third] = batches.map((batch) => batch.mean([0])) as [torch.Tensor, torch.Tensor, torch.Tensor];
  const run = (mode: 'previousBatch' | 'ema') => {
    let state: torch.Tensor | null = null;
    const means: torch.Tensor[] = [];
    for (const batch of batches) {
      const result = methods.adaptiveMean(batch, state, { alpha: 0.5, mode });
      state = result.state;
      means.push(result.mean);
    }
    return means as [torch.Tensor, torch.Tensor, torch.Tensor];
  };
  const previous = run('previousBatch');
  expectClose(previous[0], first.mul(0.5));
  expectClose(previous[2], second.add(third).mul(0.5));
  const ema = run('ema');
  expectClose(ema[2], first.mul(0.125).add(second.mul(0.25)).add(third.mul(0.5)));
  expect([...previous, ...ema].some((mean) => mean.requiresGrad)).toBe(false);
});

test.each<[string, () => unknown, string]>([
  [
    'an empty batch',
    () => methods.adaptiveMean(torch.zeros(0, 2)),
    'Expected at least one element for features but received tensor float32[0, 2] cpu',
  ],
  [
    'a state of another length',
    () => methods.adaptiveMean(torch.zeros(1, 2), torch.zeros(3)),
    'Expected shape [2] for previous but received tensor float32[3] cpu',
  ],
  [
    'a weight above 1',
    () => methods.adaptiveMean(torch.zeros(1, 2), null, { alpha: 2 }),
    'Expected a number in [0, 1] for alpha but received number 2',
  ],
])('refuses %s', (_, call, message) => {
  expect(call).toThrow(message);
});
