/** Penalised logistic regression against scikit-learn, and by what tells a minimum: a gradient of zero, a loss that is larger all around. */

import * as torch from '../../../lib';
import { methods, nn } from '../../../lib';
import { expectClose } from '../../losses/random';
import { drawn, f64, problems } from './problems';

interface Fitted {
  readonly weight: torch.Tensor;
  readonly bias: torch.Tensor;
}

/** `C sum of cross-entropy + 1/2 |W|^2`, and its gradients by autograd. */
function objective(features: torch.Tensor, labels: torch.Tensor, { weight, bias }: Fitted, c: number) {
  const leaves = [weight, bias].map((t) => t.detach().clone().requiresGrad_()) as [torch.Tensor, torch.Tensor];
  const scores = features.matmul(leaves[0].t()).add(leaves[1]);
  const loss = nn.functional.crossEntropy(scores, labels, { reduction: 'sum' }).mul(c).add(leaves[0].square().sum(), { alpha: 0.5 });
  const gradients = torch.autograd.grad(loss, leaves) as [torch.Tensor, torch.Tensor];
  return { loss: Number(loss.item()), largest: Math.max(...gradients.map((g) => Number(g.abs().max().item()))) };
}

describe.each(problems)('%s', (_, { features, labels, logisticRegression, classes }) => {
  const scaled = methods.minMaxScale(features, features);

  test.each(logisticRegression.map((one) => [one.c, one] as const))('C = %d: scikit-learn’s minimum', (c, { weight, bias }) => {
    const received = methods.logisticRegressionFit(scaled, labels, { inverseRegularization: c });
    expectClose(received.weight, weight, 1e-7);
    expectClose(received.bias, bias, 1e-7);
  });

  test('the order of samples and classes does not matter', () => {
    const order = torch.randperm(labels.size(0));
    const renamed = torch.arange(classes).flip([0]);
    const [plain, other] = [
      methods.logisticRegressionFit(scaled, labels),
      methods.logisticRegressionFit(scaled.indexSelect(0, order), renamed.indexSelect(0, labels.indexSelect(0, order))),
    ];
    expectClose(other.weight.flip([0]), plain.weight, 1e-8);
    expectClose(other.bias.flip([0]), plain.bias, 1e-8);
  });

  test('features that are moved move the bias, features that are turned turn the weights', () => {
    const plain = methods.logisticRegressionFit(scaled, labels);
    const moved = methods.logisticRegressionFit(scaled.add(7), labels);
    expectClose(moved.weight, plain.weight, 1e-7);
    expectClose(moved.bias, plain.bias.sub(plain.weight.sum(1).mul(7)), 1e-6);
    const { Q } = torch.linalg.qr(torch.randn(scaled.size(1), scaled.size(1), f64));
    const turned = methods.logisticRegressionFit(scaled.matmul(Q), labels);
    expectClose(turned.weight, plain.weight.matmul(Q), 1e-7);
    expectClose(turned.bias, plain.bias, 1e-7);
  });
});

describe.each([
  ['separable', 60, 5, 3, { separation: 5 }],
  ['not separable', 400, 6, 4, { separation: 0.3 }],
  ['two classes', 50, 3, 2, {}],
  ['more features than samples', 12, 40, 3, {}],
  ['features a thousand times too large', 90, 4, 3, { scale: 1000 }],
  ['features a thousand times too small', 90, 4, 3, { scale: 0.001 }],
  ['many classes', 200, 8, 40, {}],
] as const)('%s', (_, samples, width, classes, how) => {
  const { features, labels } = drawn(samples, width, classes, how);

  test.each([1e-3, 1, 1e6])('C = %d: the gradient is zero, in the double precision that there is, and the loss larger all around', (c) => {
    const found = methods.logisticRegressionFit(features, labels, { inverseRegularization: c });
    const { loss, largest } = objective(features, labels, found, c);
    // What rounds in it: C times the sum of so many products.
    const rounding = 2 ** -50 * c * Number(features.abs().sum(0).max().item());
    expect(largest).toBeLessThan(2e-8 + rounding);
    expect(Math.abs(Number(found.bias.sum().item()))).toBeLessThan(1e-9);
    for (let k = 0; k < 5; k++) {
      const near = { weight: found.weight.add(torch.randn(classes, width, f64).mul(1e-3)), bias: found.bias };
      expect(objective(features, labels, near, c).loss).toBeGreaterThan(loss * (1 - 1e-12));
    }
  });

  test('it is there after a dozen steps or three, of a thousand that it may take', () => {
    const most = methods.logisticRegressionFit(features, labels, { inverseRegularization: 1e6 });
    const few = methods.logisticRegressionFit(features, labels, { inverseRegularization: 1e6, maxIterations: 40 });
    expectClose(few.weight, most.weight, 1e-12);
  });
});

test('without features that tell anything the biases are the logarithms of the classes’ shares', () => {
  const labels = torch.tensor([0, 0, 0, 0, 1, 1, 2]);
  const { weight, bias } = methods.logisticRegressionFit(torch.ones(7, 2, f64), labels);
  expectClose(weight, torch.zeros(3, 2, f64));
  expectClose(bias.softmax(0), torch.tensor([4 / 7, 2 / 7, 1 / 7], f64));
});

test('two samples, one feature: the weight solves w = 2 C sigmoid(-2 w)', () => {
  const c = 3;
  const { weight, bias } = methods.logisticRegressionFit(torch.tensor([[-1], [1]], f64), torch.tensor([0, 1]), {
    inverseRegularization: c,
  });
  const w = Number(weight.select(0, 1).item());
  // By symmetry the rows are -w and w: the loss is 2 C log(1 + exp(-2 w)) + w^2.
  expect(w).toBeCloseTo((2 * c) / (1 + Math.exp(2 * w)), 8);
  expectClose(bias, torch.zeros(2, f64), 1e-12);
});

test('a class without samples is never chosen, and the others are as without it; one class alone needs nothing', () => {
  const { features, labels } = drawn(30, 4, 3);
  const plain = methods.logisticRegressionFit(features, labels);
  const places = torch.tensor([1, 2, 4]);
  const { weight, bias } = methods.logisticRegressionFit(features, places.indexSelect(0, labels), { numClasses: 6 });
  expectClose(weight.indexSelect(0, places), plain.weight);
  expectClose(bias.indexSelect(0, places), plain.bias);
  for (const k of [0, 3, 5]) {
    expect(bias.select(0, k).item()).toBe(Number.NEGATIVE_INFINITY);
    expectClose(weight.select(0, k), torch.zeros(4, f64));
  }
  const alone = methods.logisticRegressionFit(features, torch.zeros(30, { dtype: 'int64' }));
  expect([alone.weight.abs().max().item(), alone.bias.item()]).toEqual([0, 0]);
});

test('the limit it goes to follows the tolerance and the number of steps', () => {
  const { features, labels } = drawn(80, 6, 3);
  const largest = (options: methods.LogisticRegressionFitOptions) =>
    objective(features, labels, methods.logisticRegressionFit(features, labels, options), 1).largest;
  expect(largest({ tolerance: 0.1 })).toBeLessThanOrEqual(0.1);
  expect(largest({ tolerance: 0.1 })).toBeGreaterThan(1e-8);
  expect(largest({ maxIterations: 1 })).toBeGreaterThan(largest({ maxIterations: 3 }));
  // No gradient is that small: it ends where rounding hides any progress.
  expect(largest({ tolerance: 1e-300 })).toBeLessThan(1e-11);
});

test('the result is of the features’ dtype, found in double precision, without a gradient and without leftovers', () => {
  const { features, labels } = drawn(40, 4, 3);
  const single = features.float().requiresGrad_();
  const before = torch.memory().tensors;
  const received = methods.logisticRegressionFit(single, labels.to('int32'));
  expect(torch.memory().tensors - before).toBe(2 + 1); // and the labels as int32
  expect([received.weight.dtype, received.bias.dtype, received.weight.requiresGrad]).toEqual(['float32', 'float32', false]);
  const double = methods.logisticRegressionFit(single.detach().double(), labels);
  expectClose(received.weight, double.weight.float(), 1e-7);
});

describe('bad input is refused in a sentence', () => {
  const { features, labels } = drawn(4, 2, 2);
  const nan = features.clone().maskedFill(features.eq(features.max()), Number.NaN);
  const fitted = (options: methods.LogisticRegressionFitOptions) => methods.logisticRegressionFit(features, labels, options);
  test.each<[string, () => unknown, string]>([
    ['C of 0', () => fitted({ inverseRegularization: 0 }), 'Expected a number above 0 for inverseRegularization but received number 0'],
    ['a tolerance of 0', () => fitted({ tolerance: 0 }), 'Expected a number above 0 for tolerance but received number 0'],
    ['no steps', () => fitted({ maxIterations: 0 }), 'Expected a whole number from 1 for maxIterations but received number 0'],
    ['too few classes', () => fitted({ numClasses: 1 }), 'Expected integer labels in [0, 1) but received 1 at index 1'],
    ['NaN', () => methods.logisticRegressionFit(nan, labels), 'Expected finite numbers for features but received tensor float64[4, 2] cpu'],
    [
      'no features',
      () => methods.logisticRegressionFit(features.narrow(1, 0, 0), labels),
      'Expected at least one element for features but received tensor float64[4, 0] cpu',
    ],
    [
      'too few labels',
      () => methods.logisticRegressionFit(features, labels.narrow(0, 0, 1)),
      'Expected shape [N] with N = 4 for labels but received tensor int64[1] cpu',
    ],
  ])('%s', (_, call, message) => {
    expect(call).toThrow(message);
  });
});
