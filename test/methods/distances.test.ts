import * as torch from '../../lib';
import { methods } from '../../lib';
import { expectClose } from '../losses/random';

/** Each by its definition, from all differences. */
function direct(x: torch.Tensor, y: torch.Tensor, metric: methods.Metric): torch.Tensor {
  if (metric === 'cosine') {
    const unit = (rows: torch.Tensor) => rows.div(rows.norm(2, [1], true));
    return unit(x).unsqueeze(1).mul(unit(y)).sum(2).neg().add(1);
  }
  const squares = x.unsqueeze(1).sub(y).square().sum(2);
  return metric === 'euclidean' ? squares.sqrt() : squares;
}

const METRICS = ['euclidean', 'squaredEuclidean', 'cosine'] as const;

describe.each([
  [1, 1, 1],
  [3, 5, 2],
  [4, 4, 7],
  [300, 40, 64], // by products
])('%d rows from %d, %d features', (n, m, d) => {
  test.each(METRICS)('%s', (metric) => {
    torch.manualSeed(n);
    const [x, y] = [torch.randn(n, d, { dtype: 'float64' }), torch.randn(m, d, { dtype: 'float64' })];
    expectClose(methods.pairwiseDistances(x, y, { metric }), direct(x, y, metric), 1e-9);
    const own = methods.pairwiseDistances(x, null, { metric });
    expectClose(own, direct(x, x, metric), 1e-7);
    expectClose(own, own.t(), 1e-12);
    if (metric !== 'cosine') expect(own.diag().eq(0).all().item()).toBe(true);
    expectClose(methods.pairwiseDistances(x.float(), y.float(), { metric }).double(), direct(x, y, metric), 1e-3);
  });
});

test.each(METRICS)('%s: gradients, and their gradients, agree with differences', (metric) => {
  torch.manualSeed(0);
  const [x, y] = [torch.randn(4, 3, { dtype: 'float64' }).requiresGrad_(), torch.randn(2, 3, { dtype: 'float64' }).requiresGrad_()];
  // Weights make the gradient of the distances unsymmetric.
  const weights = torch.randn(4, 4, { dtype: 'float64' });
  const between = (a: torch.Tensor, b: torch.Tensor) => methods.pairwiseDistances(a, b, { metric }).mul(weights.narrow(1, 0, 2));
  const within = (a: torch.Tensor) => methods.pairwiseDistances(a, null, { metric }).mul(weights);
  expect(torch.autograd.gradcheck(between, [x, y])).toBe(true);
  expect(torch.autograd.gradcheck(within, [x])).toBe(true);
  expect(torch.autograd.gradgradcheck(between, [x, y])).toBe(true);
  expect(torch.autograd.gradgradcheck(within, [x])).toBe(true);
});

test('by products the gradient is the same as by differences', () => {
  torch.manualSeed(1);
  const x = torch.randn(400, 16, { dtype: 'float64' }).requiresGrad_();
  const weights = torch.randn(400, 400, { dtype: 'float64' });
  const of = (distances: torch.Tensor) => torch.autograd.grad(distances.mul(weights).sum(), [x])[0] as torch.Tensor;
  const squares = x.unsqueeze(1).sub(x).square().sum(2);
  const apart = torch.eye(400).logicalNot();
  expectClose(of(methods.pairwiseDistances(x)), of(squares.maskedFill(apart.logicalNot(), 1).sqrt().mul(apart)), 1e-7);
});

test('equal rows: exactly 0, with gradient and second gradient 0', () => {
  for (const rows of [3, 400]) {
    const x = torch.ones(rows, 12, { dtype: 'float64' }).requiresGrad_();
    const d = methods.pairwiseDistances(x, torch.ones(rows, 12, { dtype: 'float64' }));
    expect(d.eq(0).all().item()).toBe(true);
    const [first] = torch.autograd.grad(d.sum(), [x], { createGraph: true });
    expect(first?.eq(0).all().item()).toBe(true);
    expect(
      torch.autograd
        .grad((first as torch.Tensor).sum(), [x])[0]
        ?.eq(0)
        .all()
        .item(),
    ).toBe(true);
  }
});

test('eps is the squared distance from which on there is one', () => {
  const x = torch.tensor(
    [
      [0, 0],
      [3, 4],
    ],
    { dtype: 'float64' },
  );
  expect(methods.pairwiseDistances(x, null, { eps: 25 }).toArray()).toEqual([
    [0, 0],
    [0, 0],
  ]);
  expect(methods.pairwiseDistances(x, null, { eps: 24 }).toArray()).toEqual([
    [0, 5],
    [5, 0],
  ]);
});

test('rows of zeros are at right angles to all', () => {
  expect(methods.pairwiseDistances(torch.zeros(1, 3), torch.randn(2, 3), { metric: 'cosine' }).toArray()).toEqual([[1, 1]]);
});

test('rows and gradients of other layouts and dtypes', () => {
  torch.manualSeed(0);
  const x = torch.randn(5, 6).t().requiresGrad_();
  methods.pairwiseDistances(x).sum().backward();
  expect(x.grad?.shape).toEqual([6, 5]);
  const half = torch.randn(4, 3).to('float16').requiresGrad_();
  const d = methods.pairwiseDistances(half);
  expect(d.dtype).toBe('float32');
  d.sum().backward();
  expect(half.grad?.dtype).toBe('float16');
});

test('no rows, no distances', () => {
  expect(methods.pairwiseDistances(torch.zeros(0, 3)).shape).toEqual([0, 0]);
  expect(methods.pairwiseDistances(torch.zeros(2, 3), torch.zeros(0, 3)).shape).toEqual([2, 0]);
});

test.each<[string, () => unknown, string]>([
  [
    'another width',
    () => methods.pairwiseDistances(torch.zeros(2, 3), torch.zeros(2, 4)),
    'Expected shape [M, 3] with M = 2 for y but received tensor float32[2, 4] cpu',
  ],
  ['a vector', () => methods.pairwiseDistances(torch.zeros(2)), 'Expected shape [N, D] for x but received tensor float32[2] cpu'],
  [
    'an unknown metric',
    () => methods.pairwiseDistances(torch.zeros(2, 3), null, { metric: 'l1' as 'cosine' }),
    "Expected one of 'euclidean', 'squaredEuclidean', 'cosine' for metric but received string \"l1\"",
  ],
  [
    'a negative eps',
    () => methods.pairwiseDistances(torch.zeros(2, 3), null, { eps: -1 }),
    'Expected a number from 0 for eps but received number -1',
  ],
])('%s is refused in a sentence', (_, call, message) => {
  expect(call).toThrow(message);
});
