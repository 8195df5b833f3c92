import * as torch from '../../lib';
import { losses, methods } from '../../lib';
import { expectClose } from './random';

function sample(count: number): { outputs: torch.Tensor; labels: torch.Tensor; noise: torch.Tensor } {
  torch.manualSeed(count);
  const outputs = torch.randn(count, { dtype: 'float64' }).mul(2).requiresGrad_();
  return { outputs, labels: torch.randint(2, [count]), noise: torch.randn(count, { dtype: 'float64' }) };
}

describe.each([1, 2, 17, 64])('%d samples', (count) => {
  test.each([-0.7, 0, 0.5, 1])('exponent %d: derivatives below 0, above -clip, rising with the margin up to the tail', (exponent) => {
    const { outputs, noise } = sample(count);
    const margins = outputs.detach();
    const g = methods.calibratedLossDerivatives(margins, noise, { exponent, clip: 2, tail: 1.5, shift: 1e-3 });
    expect(g.lt(0).all().item()).toBe(true);
    expect(
      g
        .ge(-2 - 1e-3 - 1e-12)
        .all()
        .item(),
    ).toBe(true);
    const order = margins.argsort();
    const rising = g.indexSelect(0, order).maskedSelect(margins.indexSelect(0, order).le(1.5));
    expect(rising.diff().ge(-1e-12).all().item()).toBe(true);
    expect(g.requiresGrad).toBe(false);
    // The same values, whatever the order of the noise; and they go with the samples.
    const shuffle = torch.randperm(count);
    expectClose(
      methods.calibratedLossDerivatives(margins, noise.indexSelect(0, shuffle), { exponent, clip: 2, tail: 1.5, shift: 1e-3 }),
      g,
    );
    const moved = methods.calibratedLossDerivatives(margins.indexSelect(0, shuffle), noise, { exponent, clip: 2, tail: 1.5, shift: 1e-3 });
    expectClose(moved, g.indexSelect(0, shuffle));
  });

  test('the gradient is the derivative times the label’s sign, and nothing leaks through the draw', () => {
    const { outputs, labels, noise } = sample(count);
    const sign = labels.double().mul(2).sub(1);
    const g = methods.calibratedLossDerivatives(outputs.detach().mul(sign), noise);
    const loss = losses.ensLoss(outputs, labels, noise);
    expectClose(loss, g.mul(outputs).mul(sign).mean());
    const [gradient] = torch.autograd.grad(loss, [outputs]);
    expectClose(gradient as torch.Tensor, g.mul(sign).div(count));
    const column = losses.ensLoss(outputs.unsqueeze(1), labels, noise);
    expectClose(column, loss);
  });

  test('the fixed losses are their definitions, and agree with differences', () => {
    const { outputs, labels } = sample(count);
    const s = outputs.mul(labels.double().mul(2).sub(1));
    const none = { reduction: 'none' } as const;
    const logistic = s.neg().exp().log1p();
    expectClose(losses.binaryMarginLoss(outputs, labels, none), logistic);
    expectClose(losses.binaryMarginLoss(outputs, labels, { kind: 'hinge', ...none }), s.neg().add(1).clampMin(0));
    expectClose(losses.binaryMarginLoss(outputs, labels, { kind: 'exponential', ...none }), s.neg().exp());
    const wrong = s.exp().add(1).reciprocal();
    expectClose(losses.binaryMarginLoss(outputs, labels, { kind: 'focal', gamma: 1.5, ...none }), wrong.pow(1.5).mul(logistic));
    expectClose(losses.binaryMarginLoss(outputs, labels, { kind: 'focal', gamma: 0 }), logistic.mean());
    for (const kind of ['logistic', 'hinge', 'exponential', 'focal'] as const)
      expect(torch.autograd.gradcheck((x) => losses.binaryMarginLoss(x, labels, { kind }), [outputs])).toBe(true);
  });
});

test('the inverse of Box-Cox undoes it, and tends to the exponential', () => {
  const x = torch.linspace(0.1, 4, 12, { dtype: 'float64' });
  for (const exponent of [-0.5, 0.3, 1, 2]) expectClose(methods.inverseBoxCox(x.pow(exponent).sub(1).div(exponent), { exponent }), x, 1e-9);
  expectClose(methods.inverseBoxCox(x, { exponent: 1e-8 }), x.exp(), 1e-6);
  const at = (value: number, exponent: number) => methods.inverseBoxCox(torch.tensor([value], { dtype: 'float64' }), { exponent }).item();
  expect(at(-3, 1)).toBe(0);
  expect(at(3, -1)).toBe(Number.POSITIVE_INFINITY);
});

test('infinite draws are clipped, equal margins go by their place', () => {
  const noise = torch.tensor([5, 0, 100], { dtype: 'float32' });
  const g = methods.calibratedLossDerivatives(torch.zeros(3), noise, { exponent: -1, shift: 0 });
  expect(g.toArray()).toEqual([-1, -1, -1]);
  const tied = methods.calibratedLossDerivatives(torch.zeros(3), torch.tensor([-2, -1, -3]), { shift: 0 });
  expectClose(tied, torch.tensor([-1, -2, -3]).exp().neg(), 1e-6);
});

test('the schedule redraws the exponent every so many epochs, and goes on from its state', () => {
  const generator = new torch.Generator().manualSeed(3);
  const schedule = new methods.EnsLossSchedule({ period: 2, generator });
  const seen = Array.from({ length: 9 }, () => {
    const { exponent } = schedule;
    schedule.step();
    return exponent;
  });
  expect(seen.slice(0, 2)).toEqual([0, 0]);
  for (const k of [2, 4, 6]) expect(seen[k]).toBe(seen[k + 1]);
  expect(new Set(seen).size).toBe(5);
  expect(seen.every((exponent) => exponent >= -1 && exponent <= 1)).toBe(true);
  const other = new methods.EnsLossSchedule({ period: 2 });
  other.loadStateDict(schedule.stateDict());
  expect(other.exponent).toBe(schedule.exponent);
  const held = new methods.EnsLossSchedule({ exponent: 0.5 });
  for (let k = 0; k < 20; k++) held.step();
  expect(held.exponent).toBe(0.5);
});

describe('bad input is refused in a sentence', () => {
  const f = torch.tensor([0.2, -0.7]);
  const y = torch.tensor([0, 1]);
  test.each<[string, () => unknown, string]>([
    ['labels of -1', () => losses.ensLoss(f, torch.tensor([-1, 1]), f), 'Expected integer labels in [0, 2) but received -1 at index 0'],
    [
      'less noise',
      () => losses.ensLoss(f, y, torch.zeros(1)),
      'Expected shape [N] with N = 2 for noise but received tensor float32[1] cpu',
    ],
    [
      'outputs of two columns',
      () => losses.binaryMarginLoss(torch.zeros(2, 2), y),
      'Expected shape [N] or [N, 1] for outputs but received tensor float32[2, 2] cpu',
    ],
    [
      'another kind',
      () => losses.binaryMarginLoss(f, y, { kind: 'cubic' as 'hinge' }),
      "Expected one of 'logistic', 'hinge', 'exponential', 'focal' for kind but received string \"cubic\"",
    ],
    ['a clip of 0', () => methods.calibratedLossDerivatives(f, f, { clip: 0 }), 'Expected a number above 0 for clip but received number 0'],
    [
      'a negative shift',
      () => methods.calibratedLossDerivatives(f, f, { shift: -1 }),
      'Expected a number from 0 for shift but received number -1',
    ],
    [
      'an exponent that is no number',
      () => methods.inverseBoxCox(f, { exponent: Number.NaN }),
      'Expected a finite number for exponent but received number NaN',
    ],
    ['a period of 0', () => new methods.EnsLossSchedule({ period: 0 }), 'Expected a whole number from 1 for period but received number 0'],
  ])('%s', (_, call, message) => {
    expect(call).toThrow(message);
  });
});
