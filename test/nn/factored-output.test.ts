import * as torch from '../../lib';
import { losses, nn, optim } from '../../lib';
import { measureDrift } from '../../scripts/factored-drift/measure';
import { expectClose } from '../losses/random';

const PLAIN = {
  z: losses.zLoss,
  taylor: losses.taylorSoftmaxLoss,
  spherical: losses.sphericalSoftmaxLoss,
  mse: losses.sphericalMseLoss,
} as const;

beforeEach(() => torch.manualSeed(0));

const batch = (samples: number, features: number, classes: number) =>
  [torch.randn([samples, features], { dtype: 'float64' }), torch.randint(classes, [samples])] as const;

describe.each(['z', 'taylor', 'spherical', 'mse'] as const)('%s', (loss) => {
  test.each(['mean', 'sum'] as const)('60 steps, reduction %s: loss, gradient and weights of a plain layer', (reduction) => {
    const learningRate = reduction === 'mean' ? 0.1 : 0.01;
    const layer = new nn.FactoredOutputLayer(8, 60, { loss, dtype: 'float64', reduction, learningRate });
    const weights = layer.weights().requiresGrad_();
    const plain = new optim.SGD([weights], { lr: learningRate });
    for (let k = 0; k < 60; k++) {
      const [hidden, labels] = batch(12, 8, 60);
      const below = hidden.clone().requiresGrad_();
      const wanted = PLAIN[loss](below.mm(weights.t()), labels, { reduction });
      plain.zeroGrad();
      wanted.backward();
      plain.step();
      const { loss: value, gradHidden } = layer.step(hidden, labels);
      expectClose(value, wanted, 1e-7);
      expectClose(gradHidden, below.grad as torch.Tensor, 1e-7);
    }
    expectClose(layer.weights(), weights, 1e-7);
    expect(layer.numSteps.item()).toBe(60);
  });

  test('forward is the loss of its logits, differentiable with respect to hidden, and learns nothing', () => {
    const layer = new nn.FactoredOutputLayer(5, 30, { loss, dtype: 'float64', b: 0 });
    const [hidden, labels] = batch(7, 5, 30);
    layer.step(hidden, labels);
    const before = layer.weights();
    const below = hidden.clone().requiresGrad_();
    const value = layer.forward(below, labels);
    expectClose(layer.logits(hidden), hidden.mm(before.t()));
    expectClose(value, PLAIN[loss](layer.logits(hidden), labels), 1e-8);
    value.backward();
    expectClose(layer.weights(), before, 0);
    expectClose(layer.step(hidden, labels).gradHidden, below.grad as torch.Tensor, 1e-9);
  });
});

test('the squared error wears U out, and stabilising keeps the weights exact', () => {
  const run = (stabilizePeriod: number) => {
    torch.manualSeed(3);
    const layer = new nn.FactoredOutputLayer(6, 50, { loss: 'mse', dtype: 'float64', stabilizePeriod, learningRate: 0.05 });
    const weights = layer.weights().requiresGrad_();
    const plain = new optim.SGD([weights], { lr: 0.05 });
    for (let k = 0; k < 400; k++) {
      const [hidden, labels] = batch(10, 6, 50);
      plain.zeroGrad();
      losses.sphericalMseLoss(hidden.mm(weights.t()), labels).backward();
      plain.step();
      layer.step(hidden, labels);
    }
    return {
      error: Number(layer.weights().sub(weights).norm().div(weights.norm()).item()),
      least: Number(torch.linalg.svdvals(layer.u).min().item()),
    };
  };
  const [kept, left] = [run(10), run(1_000_000)];
  expect(kept.error).toBeLessThan(1e-12);
  expect(kept.least).toBeGreaterThan(0.1);
  expect(left.least).toBeLessThan(1e-12);
});

test.each(['float32', 'float64', 'bfloat16'] as const)('to stabilise few or many directions changes no weight, V in %s', (dtype) => {
  for (const corrected of [1, 3, 8]) {
    const layer = new nn.FactoredOutputLayer(8, 40, { dtype });
    const { U: left, Vh: right } = torch.linalg.svd(torch.randn([8, 8], { dtype: 'float64' }));
    const values = torch.ones([8], { dtype: 'float64' });
    values.narrow(0, 0, corrected).fill_(0.01);
    torch.noGrad(() => {
      layer.u.copy_(left.mul(values).mm(right));
      layer.uInverseTransposed.copy_(layer.u.inverse().t());
      layer.omega.normal_();
    });
    layer.refresh();
    const exact = () => layer.v.double().mm(layer.u).add(layer.omega);
    const before = exact();
    expect(layer.stabilize()).toBe(corrected);
    const rounding = { float64: 1e-13, float32: 1e-6, bfloat16: 3e-2 }[dtype];
    expectClose(exact(), before, rounding);
    expectClose(layer.uInverseTransposed, layer.u.inverse().t(), 1e-12);
    expect(torch.linalg.svdvals(layer.u).min().item()).toBeCloseTo(1, 12);
    expect(layer.stabilize()).toBe(0);
  }
});

test('a thousand and a half steps: V in float32 drifts less than a plain layer in float32, in float64 not at all', () => {
  const last = measureDrift({ steps: 1500, loss: 'z', classes: 200, features: 12, batch: 12 }).slice(-3);
  const [single, mixed, double] = last as [(typeof last)[0], (typeof last)[0], (typeof last)[0]];
  expect(mixed.weights).toBeLessThan(single.weights);
  expect(mixed.weights).toBeLessThan(1e-6);
  expect(mixed.moments).toBeLessThan(1e-6);
  expect(double.weights).toBeLessThan(1e-12);
  expect(double.moments).toBeLessThan(1e-12);
});

test('refreshing gives the sums of the weights as they are; every refreshPeriod steps', () => {
  const layer = new nn.FactoredOutputLayer(4, 30, { refreshPeriod: 3 });
  const [hidden, labels] = batch(6, 4, 30);
  for (let k = 1; k <= 3; k++) layer.step(hidden, labels);
  const weights = layer.v.double().mm(layer.u).add(layer.omega);
  expectClose(layer.qMatrix, weights.t().mm(weights), 1e-14);
  expectClose(layer.wBar, weights.sum(0), 1e-14);
});

test('a layer goes on from its state dict as if there had been no break', () => {
  const [one, other] = [0, 1].map(() => new nn.FactoredOutputLayer(4, 25, { loss: 'mse', learningRate: 0.1 })) as [
    nn.FactoredOutputLayer,
    nn.FactoredOutputLayer,
  ];
  const batches = Array.from({ length: 30 }, () => batch(6, 4, 25));
  for (const [hidden, labels] of batches.slice(0, 15)) one.step(hidden, labels);
  other.loadStateDict(one.stateDict());
  for (const [hidden, labels] of batches.slice(15)) for (const layer of [one, other]) layer.step(hidden, labels);
  for (const [name, tensor] of Object.entries(one.stateDict())) expectClose(other.stateDict()[name] as torch.Tensor, tensor, 0);
  expect([...one.parameters()]).toEqual([]);
});

test('weights of a Linear are taken over', () => {
  const linear = new nn.Linear(4, 25, { bias: false });
  const layer = new nn.FactoredOutputLayer(4, 25);
  layer.step(...batch(6, 4, 25));
  layer.setWeights(linear.weight);
  expectClose(layer.weights(), linear.weight, 0);
  const hidden = torch.randn(3, 4);
  expectClose(layer.logits(hidden), linear.forward(hidden), 1e-5);
});

test('a step gives gradients for the layers below, of the dtype of hidden, and leaves nothing else behind', () => {
  const layer = new nn.FactoredOutputLayer(4, 25);
  const below = new nn.Linear(3, 4);
  const [x, labels] = [torch.randn(6, 3), torch.randint(25, [6])];
  const hidden = below.forward(x);
  const { loss, gradHidden } = layer.step(hidden, labels);
  hidden.backward(gradHidden);
  expect([loss.dtype, gradHidden.dtype, gradHidden.shape, loss.requiresGrad]).toEqual(['float64', 'float32', [6, 4], false]);
  expect(below.weight.grad?.abs().sum().item()).toBeGreaterThan(0);
  const step = () =>
    torch.scope(() => {
      layer.step(hidden.detach(), labels);
    });
  step();
  const before = torch.memory().tensors;
  for (let k = 0; k < 20; k++) step();
  expect(torch.memory().tensors).toBe(before);
});

test('a step that would make U singular is refused before anything has changed', () => {
  // Squared error of one sample: gradSquares is 1, and learningRate * 2 * |h|^2 = 1.
  const layer = new nn.FactoredOutputLayer(2, 10, { loss: 'mse', learningRate: 0.02, dtype: 'float64' });
  const before = Object.values(layer.stateDict()).map((tensor) => tensor.clone());
  const call = () => layer.step(torch.tensor([[3, 4]]), torch.tensor([1]));
  expect(call).toThrow('Expected a step that leaves U invertible but learningRate 0.02 makes it singular: take another one');
  for (const [k, tensor] of Object.values(layer.stateDict()).entries()) expectClose(tensor, before[k] as torch.Tensor, 0);
});

test('what has become NaN shows in the loss', () => {
  const layer = new nn.FactoredOutputLayer(3, 10, { stabilizePeriod: 1 });
  const labels = torch.tensor([1, 2]);
  layer.step(torch.full([2, 3], Number.NaN), labels);
  expect(layer.step(torch.ones(2, 3), labels).loss.item()).toBeNaN();
});

test('it prints itself', () => {
  expect(String(new nn.FactoredOutputLayer(3, 10, { loss: 'taylor' }))).toBe(
    'FactoredOutputLayer(in_features=3, num_classes=10, loss=taylor, reduction=mean)',
  );
});

describe('bad input is refused in a sentence', () => {
  const make = (options: object) => new nn.FactoredOutputLayer(3, 10, options);
  test.each<[string, () => unknown, string]>([
    ['no features', () => new nn.FactoredOutputLayer(0, 10), 'for inFeatures but received number 0'],
    ['a period of 0', () => make({ stabilizePeriod: 0 }), 'Expected a whole number from 1 for stabilizePeriod but received number 0'],
    ['another loss', () => make({ loss: 'x' }), "Expected one of 'z', 'taylor', 'spherical', 'mse' for loss but received string \"x\""],
    ['no spread at the start', () => make({ std: 0 }), 'Expected a number above 0 for std but received number 0'],
    [
      'whole numbers',
      () => make({ dtype: 'int64' }),
      "Expected one of 'float32', 'float64', 'bfloat16' for dtype but received string \"int64\"",
    ],
    [
      'a state in half precision',
      () => make({ stateDtype: 'bfloat16' }),
      "Expected one of 'float32', 'float64' for stateDtype but received string \"bfloat16\"",
    ],
    [
      'a class too high',
      () => make({}).step(torch.zeros(2, 3), torch.tensor([0, 10])),
      'Expected integer labels in [0, 10) but received 10 at index 1',
    ],
    [
      'another width',
      () => make({}).forward(torch.zeros(2, 4), torch.tensor([0, 1])),
      'Expected shape [m, 3] with m = 2 for hidden but received tensor float32[2, 4] cpu',
    ],
    [
      'no samples',
      () => make({}).step(torch.zeros(0, 3), torch.zeros(0, { dtype: 'int64' })),
      'Expected at least one sample for hidden but received tensor float32[0, 3] cpu',
    ],
    [
      'weights of another shape',
      () => make({}).setWeights(torch.zeros(3, 10)),
      'Expected shape [10, 3] for weights but received tensor float32[3, 10] cpu',
    ],
  ])('%s', (_, call, message) => {
    expect(call).toThrow(message);
  });
});
