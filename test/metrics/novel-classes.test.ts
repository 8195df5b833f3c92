import * as torch from '../../lib';
import { methods, metrics } from '../../lib';
import { expectClose } from '../losses/random';

const float64 = { dtype: 'float64' } as const;
const numbers = (scores: object): Record<string, number> =>
  Object.fromEntries(Object.entries(scores).map(([name, value]) => [name, typeof value === 'number' ? value : Number(value.item())]));

beforeEach(() => torch.manualSeed(0));

test('accuracies counted by hand', () => {
  const novel = torch.tensor(
    [
      [1, 0, 0],
      [0, 1, 0],
    ],
    float64,
  );
  const known = torch.tensor([[0, 0, 1]], float64);
  // The right class, the other one, the known class though the right one is second, and a tie of the right and the known class.
  const query = torch.tensor(
    [
      [3, 1, 1],
      [2, 1, 1],
      [0.1, 1, 2],
      [0, 1, 1],
    ],
    float64,
  );
  const labels = torch.tensor([0, 1, 1, 1]);
  expect(numbers(metrics.novelClassAccuracy(query, labels, novel))).toEqual({ disjoint: 3 / 4 });
  expect(numbers(metrics.novelClassAccuracy(query, labels, novel, null))).toEqual({ disjoint: 3 / 4 });
  expect(numbers(metrics.novelClassAccuracy(query, labels, novel, known))).toEqual({ disjoint: 3 / 4, joint: 1 / 4, leakage: 2 / 4 });
  // Without a known class nothing leaks.
  const none = numbers(metrics.novelClassAccuracy(query, labels, novel, torch.zeros(0, 3, float64)));
  expect(none).toEqual({ disjoint: 3 / 4, joint: 3 / 4, leakage: 0 });
});

test('a query with NaN is never right and never leaks', () => {
  const query = torch.tensor([
    [Number.NaN, 1],
    [1, 0],
  ]);
  const scores = numbers(metrics.novelClassAccuracy(query, torch.tensor([0, 0]), torch.eye(2), torch.eye(2).neg()));
  expect(scores).toEqual({ disjoint: 1 / 2, joint: 1 / 2, leakage: 0 });
});

test('many queries in blocks, as few at once', () => {
  const [novel, known] = [torch.randn(900, 3), torch.randn(100, 3)];
  const query = torch.randn(20_000, 3);
  const labels = torch.randint(900, [20_000]);
  const whole = metrics.novelClassAccuracy(query, labels, novel, known);
  const parts = [0, 5_000, 10_000, 15_000].map((from) =>
    metrics.novelClassAccuracy(query.narrow(0, from, 5_000), labels.narrow(0, from, 5_000), novel, known),
  );
  for (const name of ['disjoint', 'joint', 'leakage'] as const)
    expectClose(whole[name], torch.stack(parts.map((part) => part[name])).mean());
});

test('concentration is 1 for equal directions and one sample, 0 for opposed ones, and the length of the mean direction', () => {
  const x = torch.randn(7, 4, float64);
  const labels = torch.tensor([0, 0, 1, 1, 2, 2, 2]);
  const same = x.indexSelect(0, torch.tensor([0, 0, 1, 1, 2, 2, 2])).mul(torch.rand(7, 1, float64).add(0.1));
  expectClose(metrics.classConcentration(same, labels), torch.ones(3, float64));
  expectClose(metrics.classConcentration(x.narrow(0, 0, 3), torch.tensor([2, 0, 1])), torch.ones(3, float64));
  const opposed = torch.cat([x.narrow(0, 0, 2), x.narrow(0, 0, 2).neg()]);
  expectClose(metrics.classConcentration(opposed, torch.tensor([0, 1, 0, 1])), torch.zeros(2, float64));
  const unit = x.div(x.square().sum(1, true).sqrt());
  const wanted = [0, 1, 2].map((c) => unit.indexSelect(0, labels.eq(c).nonzero().squeeze(1)).mean([0]).square().sum().sqrt());
  const concentration = metrics.classConcentration(x, labels);
  expectClose(concentration, torch.stack(wanted));
  // It is also the mean cosine of the samples with the weight that is made of them.
  const weights = methods.novelClassWeights(x, labels);
  const cos = unit.mul(weights.indexSelect(0, labels)).sum(1);
  expectClose(
    torch
      .zeros(3, float64)
      .indexAdd(0, labels, cos)
      .div(torch.tensor([2, 2, 3])),
    concentration,
  );
});

test('spread of a simplex is what can be reached, of equal classes 1', () => {
  for (const classes of [2, 3, 9]) {
    const corners = torch.eye(classes, float64).sub(1 / classes);
    const spread = numbers(metrics.classSpread(corners.mul(torch.rand(classes, 1, float64).add(0.1))));
    expect(spread.simplex).toBe(-1 / (classes - 1));
    expect(spread.mean).toBeCloseTo(-1 / (classes - 1), 12);
    expect(spread.max).toBeCloseTo(-1 / (classes - 1), 12);
    const equal = numbers(metrics.classSpread(torch.ones(classes, 4, float64)));
    expect(equal.mean).toBeCloseTo(1, 12);
    expect(equal.max).toBeCloseTo(1, 12);
  }
});

test('spread is the mean and the largest of all cosines, also in blocks', () => {
  for (const classes of [6, 4500]) {
    const w = torch.randn(classes, 3);
    const { mean, max } = metrics.classSpread(w);
    const cos = torch.nn.functional.normalize(w.double());
    const all = cos.mm(cos.t()).fillDiagonal_(0);
    expectClose(mean.double(), all.sum().div(classes * (classes - 1)), 1e-6);
    expectClose(max.double(), all.fillDiagonal_(-1).amax(), 1e-6);
  }
});

test('no gradient flows', () => {
  const x = torch.randn(4, 3).requiresGrad_();
  const labels = torch.tensor([0, 1, 0, 1]);
  expect(metrics.classConcentration(x, labels).requiresGrad).toBe(false);
  expect(metrics.classSpread(x).mean.requiresGrad).toBe(false);
  expect(metrics.novelClassAccuracy(x, labels, x).disjoint.requiresGrad).toBe(false);
});

const [x, y] = [torch.randn(2, 3), torch.tensor([0, 1])];
test.each<[string, () => unknown, string]>([
  [
    'no query',
    () => metrics.novelClassAccuracy(torch.zeros(0, 3), torch.zeros(0, { dtype: 'int64' }), x),
    'Expected at least one element for query but received tensor float32[0, 3] cpu',
  ],
  [
    'a label of no novel class',
    () => metrics.novelClassAccuracy(x, torch.tensor([0, 2]), x),
    'Expected integer labels in [0, 2) but received 2 at index 1',
  ],
  [
    'known classes of another width',
    () => metrics.novelClassAccuracy(x, y, x, torch.zeros(2, 4)),
    'Expected shape [K, 3] with K = 2 for knownWeights but received tensor float32[2, 4] cpu',
  ],
  [
    'a concentration of a class without samples',
    () => metrics.classConcentration(x, y, { numClasses: 3 }),
    'Expected samples of each of the 3 classes, of class 2 too, for labels but received tensor int64[2] cpu',
  ],
  [
    'one class',
    () => metrics.classSpread(x.narrow(0, 0, 1)),
    'Expected at least two classes for weights but received tensor float32[1, 3] cpu',
  ],
])('refuses %s', (_, call, message) => {
  expect(call).toThrow(message);
});
