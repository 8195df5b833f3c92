import * as torch from '../../lib';
import { losses } from '../../lib';
import { batches, expectClose } from './random';

const warm = (samples: number): torch.Tensor => torch.rand(samples, { dtype: 'float64' }).mul(3).add(0.3).requiresGrad_();

describe.each(batches())('%s', (_, make) => {
  test('the definition, by softmax and maximum', () => {
    const { logits, labels } = make();
    const temperatures = warm(logits.size(0));
    const confidence = logits.div(temperatures.unsqueeze(1)).softmax(1).amax(1);
    const correct = logits.argmax(1).eq(labels).double();
    const wanted = confidence.sub(correct).square();
    for (const [reduction, value] of [
      ['none', wanted],
      ['mean', wanted.mean()],
      ['sum', wanted.sum()],
    ] as const)
      expectClose(losses.correctnessAwareLoss(logits, temperatures, labels, { reduction }), value);
    // dv/dT = 2 (p - c) p (E[h] - h_k) / T^2
    const [gradient] = torch.autograd.grad(losses.correctnessAwareLoss(logits, temperatures, labels, { reduction: 'sum' }), [temperatures]);
    const mean = logits.div(temperatures.unsqueeze(1)).softmax(1).mul(logits).sum(1);
    const slope = confidence.mul(mean.sub(logits.amax(1))).div(temperatures.square());
    expectClose(gradient as torch.Tensor, confidence.sub(correct).mul(2).mul(slope));
  });

  test('balanced it is half of the mean over right predictions and half of that over wrong ones', () => {
    const { logits, labels } = make();
    const temperatures = warm(logits.size(0));
    const plain = losses.correctnessAwareLoss(logits, temperatures, labels, { reduction: 'none' });
    const right = logits.argmax(1).eq(labels);
    const kinds = [right, right.logicalNot()].filter((mask) => mask.any().item());
    const wanted = kinds
      .map((mask) => plain.maskedSelect(mask).mean())
      .reduce((sum, mean) => sum.add(mean.div(kinds.length)), torch.zeros([]));
    const balanced = (reduction: 'mean' | 'sum' | 'none') =>
      losses.correctnessAwareLoss(logits, temperatures, labels, { weighting: 'balanced', reduction });
    expectClose(balanced('mean'), wanted.double());
    expectClose(balanced('none').mean(), wanted.double());
    expectClose(balanced('sum'), wanted.double().mul(logits.size(0)));
  });

  test('a shift of all logits and a common scale of logits and temperatures change nothing', () => {
    const { logits, labels } = make();
    const temperatures = warm(logits.size(0));
    const loss = losses.correctnessAwareLoss(logits, temperatures, labels);
    expectClose(losses.correctnessAwareLoss(logits.add(4), temperatures, labels), loss);
    expectClose(losses.correctnessAwareLoss(logits.mul(3), temperatures.mul(3), labels), loss);
  });

  test('gradients agree with differences, also second ones', () => {
    const { logits, labels } = make();
    const temperatures = warm(logits.size(0));
    for (const weighting of ['none', 'balanced'] as const) {
      const loss = (x: torch.Tensor, t: torch.Tensor) => losses.correctnessAwareLoss(x, t, labels, { weighting });
      expect(torch.autograd.gradcheck(loss, [logits, temperatures])).toBe(true);
      if (logits.numel() < 50) expect(torch.autograd.gradgradcheck(loss, [logits, temperatures])).toBe(true);
    }
  });
});

test('towards temperature 0 it is the share of errors, towards infinity all confidence is 1 / C', () => {
  torch.manualSeed(0);
  const [logits, labels] = [torch.randn(50, 5, { dtype: 'float64' }), torch.randint(5, [50])];
  const wrong = logits.argmax(1).ne(labels).double().mean();
  const at = (temperature: number) => losses.correctnessAwareLoss(logits, torch.full([50], temperature, { dtype: 'float64' }), labels);
  expectClose(at(1e-9), wrong);
  expectClose(
    at(1e12),
    wrong.mul(0.2 ** 2).add(
      wrong
        .neg()
        .add(1)
        .mul(0.8 ** 2),
    ),
  );
});

test('it lowers the confidence of wrong predictions and raises that of right ones', () => {
  const logits = torch.tensor([
    [2, 1, 0],
    [2, 1, 0],
  ]);
  const temperatures = torch.ones(2, { requiresGrad: true });
  losses.correctnessAwareLoss(logits, temperatures, torch.tensor([0, 1])).backward();
  const [right, wrong] = temperatures.grad?.toArray() as [number, number];
  expect(right).toBeGreaterThan(0); // descent lowers this temperature
  expect(wrong).toBeLessThan(0);
});

test('of equal logits the first is the prediction and gets the gradient', () => {
  const logits = torch.tensor([[1, 1, 0]], { dtype: 'float64', requiresGrad: true });
  const ones = torch.ones(1, { dtype: 'float64' });
  const first = losses.correctnessAwareLoss(logits, ones, torch.tensor([0]));
  const p = Math.E / (2 * Math.E + 1);
  expect(first.item()).toBeCloseTo((1 - p) ** 2, 12);
  expect(losses.correctnessAwareLoss(logits, ones, torch.tensor([1])).item()).toBeCloseTo(p ** 2, 12);
  const [gradient] = torch.autograd.grad(first, [logits]);
  expect(gradient?.select(1, 0).item()).toBeCloseTo(-2 * (1 - p) * p * (1 - p), 12);
});

test('extreme logits give finite values and gradients, NaN goes through', () => {
  const logits = torch.tensor(
    [
      [3000, -3000, 0],
      [-1e4, 0, 1e4],
    ],
    { dtype: 'float32', requiresGrad: true },
  );
  const temperatures = torch.tensor([0.01, 5], { requiresGrad: true });
  for (const weighting of ['none', 'balanced'] as const) {
    const loss = losses.correctnessAwareLoss(logits, temperatures, torch.tensor([0, 0]), { weighting });
    expect(loss.item()).toBeCloseTo(0.5, 6);
    for (const gradient of torch.autograd.grad(loss, [logits, temperatures])) expect(gradient?.isfinite().all().item()).toBe(true);
  }
  expect(losses.correctnessAwareLoss(logits, torch.tensor([1, Number.NaN], { dtype: 'float32' }), torch.tensor([0, 0])).item()).toBeNaN();
});

test('it takes bfloat16', () => {
  const logits = torch.randn(6, 4).bfloat16().requiresGrad_();
  const loss = losses.correctnessAwareLoss(logits, torch.ones(6).bfloat16(), torch.randint(4, [6]), { weighting: 'balanced' });
  loss.backward();
  expect(loss.dtype).toBe('bfloat16');
  expect(logits.grad?.isfinite().all().item()).toBe(true);
});

describe('bad input is refused in a sentence', () => {
  const logits = torch.zeros(3, 4);
  const labels = torch.tensor([0, 1, 2]);
  const ones = torch.ones(3);
  test.each<[string, () => unknown, string]>([
    [
      'a temperature of 0',
      () => losses.correctnessAwareLoss(logits, torch.tensor([1, 1, 0]), labels),
      'Expected temperatures above 0 but received 0 at index 2',
    ],
    [
      'a negative temperature',
      () => losses.correctnessAwareLoss(logits, torch.tensor([1, -2, 1]), labels),
      'Expected temperatures above 0 but received -2 at index 1',
    ],
    [
      'another number of temperatures',
      () => losses.correctnessAwareLoss(logits, torch.ones(4), labels),
      'Expected shape [3] for temperatures but received tensor float32[4] cpu',
    ],
    [
      'temperatures that are no tensor',
      () => losses.correctnessAwareLoss(logits, 1 as never, labels),
      'Expected a tensor for temperatures but received number 1',
    ],
    [
      'a label too high',
      () => losses.correctnessAwareLoss(logits, ones, torch.tensor([0, 1, 4])),
      'Expected integer labels in [0, 4) but received 4 at index 2',
    ],
    [
      'no samples',
      () => losses.correctnessAwareLoss(torch.zeros(0, 4), torch.zeros(0), torch.zeros(0, { dtype: 'int64' })),
      'Expected at least one sample and one class for logits but received tensor float32[0, 4] cpu',
    ],
    [
      'another weighting',
      () => losses.correctnessAwareLoss(logits, ones, labels, { weighting: 'all' as 'none' }),
      "Expected one of 'none', 'balanced' for weighting but received string \"all\"",
    ],
    [
      'another reduction',
      () => losses.correctnessAwareLoss(logits, ones, labels, { weighting: 'balanced', reduction: 'max' as 'mean' }),
      "Expected 'mean', 'sum' or 'none' for reduction but received string \"max\"",
    ],
  ])('%s', (_, call, message) => {
    expect(call).toThrow(message);
  });
});
