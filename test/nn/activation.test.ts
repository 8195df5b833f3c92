import * as torch from '../../lib';
import { nn } from '../../lib';
import { expectClose } from '../close';
import { type StoredTensor, valuesOf } from './reference';

const { inplace } = valuesOf<{ inplace: Record<string, string> }>('activation');
const { gumbel } = valuesOf<{ gumbel: readonly { options: object; outputs: StoredTensor }[] }>('random');

test.each(Object.entries(inplace))('%s overwrites its input when told, and prints it as PyTorch does', (name, repr) => {
  const type = nn[name as 'ReLU'];
  const layer = new type({ inplace: true }).eval();
  const x = torch.linspace(-4, 4, 9);
  const wanted = new type().eval().forward(x);
  expect(layer.forward(x)).toBe(x);
  expect(x.equal(wanted)).toBe(true);
  expect(layer.toString()).toBe(repr);
});

test('Threshold and the functions overwrite in place too', () => {
  const x = torch.tensor([0, 2], { dtype: 'float32' });
  expect(new nn.Threshold(1, 5, { inplace: true }).forward(x)).toBe(x);
  expect(x.toArray()).toEqual([5, 2]);
  expect(nn.functional.rrelu(x, { inplace: true })).toBe(x);
  expect(new nn.Threshold(1, 5, { inplace: true }).toString()).toBe('Threshold(threshold=1, value=5, inplace=True)');
});

test('RReLU draws slopes between its bounds while training and takes their mean in evaluation', () => {
  const layer = new nn.RReLU({ lower: 0.2, upper: 0.4 });
  const slopes = layer.forward(torch.ones(1000).neg()).neg();
  expect(Number(slopes.min().item())).toBeGreaterThanOrEqual(0.2);
  expect(Number(slopes.max().item())).toBeLessThanOrEqual(0.4);
  expect(Number(slopes.std().item())).toBeCloseTo(0.2 / Math.sqrt(12), 2);
  expectClose(layer.eval().forward(torch.ones(2).neg()), [-0.3, -0.3], 1e-6);
});

test.each(gumbel)('gumbelSoftmax draws as PyTorch does under the same seed ($options)', ({ options, outputs }) => {
  torch.manualSeed(7);
  expectClose(nn.functional.gumbelSoftmax(torch.linspace(-1, 1, 12).reshape(3, 4), options), outputs.data as number[], 1e-6);
});

test.each([
  [() => new nn.LeakyReLU(0.2 as never), 'Expected an options object for LeakyReLU but received number 0.2'],
  [() => new nn.ELU({ alpha: '1' as never }), 'Expected a number for alpha but received string "1"'],
  [() => new nn.Softmax(undefined as never), 'Expected a dimension such as { dim: 1 } for Softmax but received nothing'],
  [() => new nn.Softmax(1 as never), 'Expected a dimension such as { dim: 1 } for Softmax but received number 1'],
  [
    () => new nn.Softmax2d().forward(torch.zeros(2, 3)),
    'Expected a tensor [C, H, W] or [N, C, H, W] for Softmax2d but received tensor float32[2, 3] cpu',
  ],
  [() => new nn.PReLU({ numParameters: 0 }), 'Expected a positive whole number for numParameters but received number 0'],
  [() => nn.functional.rrelu(torch.zeros(1), { lower: 1, upper: 0 }), 'Expected an interval [lower, upper] for rrelu'],
  [() => new nn.GLU().forward(torch.zeros(3)), 'Halving dimension must be even'],
  [() => new nn.PReLU({ numParameters: 3 }).forward(torch.zeros(2, 2)), 'Mismatch of parameter numbers and input channel size'],
])('bad arguments: %#', (call, message) => {
  expect(call).toThrow(message);
});
