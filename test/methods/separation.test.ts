import * as torch from '../../lib';
import { losses, methods, metrics } from '../../lib';
import { expectClose } from '../losses/random';

const f64 = { dtype: 'float64' } as const;

/** Samples that a random plane separates with a margin. */
function separable(n: number, d: number, seed: number): { features: torch.Tensor; labels: torch.Tensor; zero: torch.Tensor } {
  torch.manualSeed(seed);
  const normal = torch.nn.functional.normalize(torch.randn(d, f64), { dim: 0 });
  const plain = torch.randn(n, d, f64);
  const labels = torch.rand(n).lt(0.5).long().mul(2).sub(1);
  const onPlane = plain.sub(torch.outer(plain.mv(normal), normal));
  const features = onPlane.add(torch.outer(labels.double().mul(torch.rand(n, f64).add(0.3)), normal));
  return { features, labels, zero: torch.zeros(d, f64) };
}

const count = (result: methods.SeparationResult) => Number(result.iterations.item());

describe.each([
  [1, 1],
  [5, 3],
  [40, 6],
] as const)('%d samples of %d features', (n, d) => {
  test('a step is one of gradient descent on the loss; normalized, divided by the mean of sigmoid(-m)', () => {
    const { features, labels } = separable(n, d, n);
    const theta = torch.randn(d, f64).requiresGrad_();
    const loss = losses.logisticRegressionLoss(theta, features, labels);
    const [gradient] = torch.autograd.grad(loss, [theta]) as [torch.Tensor];
    expectClose(methods.logisticGradientDescentStep(theta, features, labels, { stepSize: 3 }), theta.sub(gradient.mul(3)));
    const margins = features.mv(theta).mul(labels);
    const scale = margins.neg().sigmoid().mean();
    expectClose(
      methods.logisticGradientDescentStep(theta, features, labels, { stepSize: 3, normalized: true }),
      theta.sub(gradient.mul(3).div(scale)),
    );
    expect(torch.autograd.gradcheck((t, x) => losses.logisticRegressionLoss(t, x, labels), [theta, features.clone().requiresGrad_()])).toBe(
      true,
    );
    expectClose(losses.logisticRegressionLoss(theta, features, labels, { reduction: 'none' }), margins.neg().exp().log1p());
  });

  test('with a step that grows without bound it is the batch perceptron', () => {
    const { features, labels, zero } = separable(n, d, n);
    for (let k = 1; k <= 6; k++) {
      const step = 1e9;
      const options = { iterations: k, stopWhenSolved: false };
      const { theta } = methods.logisticGradientDescent(zero, features, labels, { ...options, stepSize: step });
      const batch = methods.batchPerceptron(zero, features, labels, { iterations: k });
      if (count(batch) < k) break; // solved: there gradient descent stays where it is
      expectClose(theta.div(step), batch.theta, 1e-7);
    }
  });

  test('the bounds on the updates hold, and what is solved has its margin', () => {
    const { features, labels, zero } = separable(n, d, n);
    const radius = Number(features.norm(2, [1]).max().item());
    // Any separating plane gives a bound: the best one a lower one still.
    const found = methods.batchPerceptron(zero, features, labels, { normalized: true, iterations: 100_000 });
    const margin = Number(metrics.separationMargin(found.theta, features, labels).item());
    expect(found.solved.item()).toBe(1);
    expect(margin).toBeGreaterThan(0);
    const bound = (radius / margin) ** 2;
    const plain = methods.batchPerceptron(zero, features, labels, { iterations: 100_000 });
    expect(count(found)).toBeLessThanOrEqual(bound);
    expect(count(plain)).toBeLessThanOrEqual(n * bound);
    for (const selection of ['first', 'cyclic'] as const) {
      const result = methods.perceptron(zero, features, labels, { selection, iterations: 100_000 });
      expect(count(result)).toBeLessThanOrEqual(bound);
      expect(Number(metrics.separationMargin(result.theta, features, labels).item())).toBeGreaterThan(0);
    }
    for (const stepSize of [0.1, 1, 10]) {
      const result = methods.logisticGradientDescent(zero, features, labels, { stepSize, normalized: true, iterations: 100_000 });
      expect(count(result)).toBeLessThanOrEqual(bound + (2 * Math.log(2 * n - 1)) / (stepSize * margin ** 2) + 1);
      expect(result.losses.shape).toEqual([count(result) + 1]);
    }
  });
});

test('two samples on which the loss rises with the step, and the second update separates', () => {
  const features = torch.tensor(
    [
      [1, -1],
      [-1, -4],
    ],
    f64,
  );
  const labels = torch.tensor([1, -1]);
  const zero = torch.zeros(2, f64);
  const after = [1, 10, 1000].map((stepSize) =>
    methods.logisticGradientDescent(zero, features, labels, { stepSize, iterations: 1, stopWhenSolved: false }),
  );
  const values = after.map(({ losses: all }) => Number(all.select(0, 1).item()));
  expect(values[0]).toBeLessThan(values[1] as number);
  expect(values[1]).toBeLessThan(values[2] as number);
  const { theta } = methods.logisticGradientDescent(zero, features, labels, { stepSize: 1e8, iterations: 2, stopWhenSolved: false });
  expectClose(theta.div(1e8), torch.tensor([1, 0.25], f64), 1e-6);
  expect(Number(metrics.separationMargin(theta, features, labels).item())).toBeGreaterThan(0);
});

test('the paper’s lower-bound data: 308 updates plain, 2, 2, 16 and 157 normalized (Table 1)', () => {
  const n = 1000;
  const features = torch.tensor([[-0.5, -1]], f64).repeat([n, 1]);
  features.index(0, 0).fill_(0.5);
  const labels = torch.full([n], -1, { dtype: 'int64' });
  labels.index(0).fill_(1);
  const run = (stepSize: number, normalized: boolean) =>
    count(methods.logisticGradientDescent(torch.zeros(2, f64), features, labels, { stepSize, normalized }));
  expect([run(100, false), run(100, true), run(10, true), run(1, true), run(0.1, true)]).toEqual([308, 2, 2, 16, 157]);
});

test('theta that solves already makes no update; a margin of 0 is wrong; what cannot be solved ends', () => {
  const features = torch.tensor([[1], [-1]], f64);
  const labels = torch.tensor([1, -1]);
  expect(count(methods.perceptron(torch.ones(1, f64), features, labels))).toBe(0);
  expect(count(methods.perceptron(torch.zeros(1, f64), features, labels))).toBe(1);
  const never = methods.perceptron(torch.zeros(1, f64), features, torch.tensor([1, 1]), { iterations: 7 });
  expect([count(never), never.solved.item()]).toEqual([7, 0]);
});

test('where all margins are huge the normalized step still moves by one step', () => {
  const features = torch.tensor(
    [
      [1, 0],
      [1, 0.5],
    ],
    f64,
  );
  const moved = methods.logisticGradientDescentStep(torch.tensor([1e5, 0], f64), features, torch.tensor([1, 1]), { normalized: true });
  expect(moved.select(0, 0).item()).toBeCloseTo(1e5 + 1, 8);
});

describe('bad input is refused in a sentence', () => {
  const theta = torch.zeros(2, f64);
  const features = torch.zeros(3, 2, f64);
  const labels = torch.tensor([1, -1, 1]);
  test.each<[string, () => unknown, string]>([
    [
      'a label of 0',
      () => losses.logisticRegressionLoss(theta, features, torch.tensor([1, 0, 1])),
      'Expected labels of -1 and +1 for labels',
    ],
    [
      'a label of 2',
      () => losses.logisticRegressionLoss(theta, features, torch.tensor([1, 2, 1])),
      'Expected integer labels in [-1, 2) but received 2 at index 1',
    ],
    [
      'theta of another length',
      () => methods.perceptron(torch.zeros(3, f64), features, labels),
      'Expected shape [d] with d = 2 for theta but received tensor float64[3] cpu',
    ],
    [
      'no samples',
      () => methods.batchPerceptron(theta, torch.zeros(0, 2, f64), torch.zeros(0, { dtype: 'int64' })),
      'Expected at least one element for features',
    ],
    [
      'a step of 0',
      () => methods.logisticGradientDescentStep(theta, features, labels, { stepSize: 0 }),
      'Expected a number above 0 for stepSize but received number 0',
    ],
    [
      'iterations below 0',
      () => methods.batchPerceptron(theta, features, labels, { iterations: -1 }),
      'Expected a whole number from 0 for iterations but received number -1',
    ],
    [
      'another selection',
      () => methods.perceptron(theta, features, labels, { selection: 'random' as 'first' }),
      "Expected one of 'first', 'cyclic' for selection but received string \"random\"",
    ],
  ])('%s', (_, call, message) => {
    expect(call).toThrow(message);
  });
});
