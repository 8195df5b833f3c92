import * as torch from '../../lib';
import { nn } from '../../lib';
import { expectClose } from '../close';
import { type StoredTensor, valuesOf } from './reference';

interface Drawn {
  readonly layer: string;
  readonly repr: string;
  readonly shape: readonly number[];
  readonly outputs: StoredTensor;
  readonly grad: StoredTensor;
}

const { layers } = valuesOf<{ layers: readonly Drawn[] }>('random');

test.each(layers)('$layer on $shape draws as PyTorch does under the same seed', ({ layer: name, repr, shape, outputs, grad }) => {
  torch.manualSeed(6);
  const layer = new nn[name as 'Dropout1d']();
  const x = torch.randn(shape).requiresGrad_();
  const y = layer.forward(x);
  y.sum().backward();
  expect(y.shape).toEqual(shape);
  expectClose(y, outputs.data as number[], 1e-6);
  expectClose(x.grad as torch.Tensor, grad.data as number[], 1e-6);
  expect(layer.toString()).toBe(repr);
});

test.each([
  ['Dropout1d', [2, 3, 4]],
  ['Dropout1d', [3, 4]],
  ['Dropout2d', [2, 3, 2, 2]],
  ['Dropout3d', [2, 3, 1, 2, 2]],
  ['Dropout3d', [3, 1, 2, 2]],
  ['AlphaDropout', [3, 4]],
  ['FeatureAlphaDropout', [2, 3, 4]],
] as const)('%s on [%s] overwrites its input when told, and is the identity in evaluation', (name, shape) => {
  const layer = new nn[name]({ p: 0.4, inplace: true });
  const ones = torch.ones(shape);
  torch.manualSeed(2);
  const wanted = new nn[name]({ p: 0.4 }).forward(ones);
  torch.manualSeed(2);
  const x = ones.clone();
  expect(layer.forward(x)).toBe(x);
  expect(x.equal(wanted)).toBe(true);
  expect(layer.eval().forward(x)).toBe(x);
});

test('channels are dropped whole', () => {
  const y = new nn.Dropout2d().forward(torch.ones(8, 16, 3, 3));
  expect(y.amin([2, 3]).equal(y.amax([2, 3]))).toBe(true);
  expect(Number(y.mean().item())).toBeGreaterThan(0.7);
});

test('AlphaDropout keeps mean and variance of a standard normal input', () => {
  const y = new nn.AlphaDropout({ p: 0.3 }).forward(torch.randn(100_000));
  expect(Number(y.mean().item())).toBeCloseTo(0, 1);
  expect(Number(y.std().item())).toBeCloseTo(1, 1);
});

test.each([
  [() => new nn.Dropout1d().forward(torch.zeros(2, 3, 4, 5)), 'Expected a tensor [C, L] or [N, C, L] for dropout1d'],
  [() => new nn.AlphaDropout({ p: -0.1 }), 'Expected a probability in [0, 1] for p but received number -0.1'],
  [() => nn.functional.dropout2d(torch.zeros(1, 1, 1, 1), { p: 2 }), 'Expected a probability in [0, 1] for p but received number 2'],
])('bad arguments: %#', (call, message) => {
  expect(call).toThrow(message);
});
