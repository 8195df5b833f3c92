import * as torch from '../../lib';
import { nn } from '../../lib';
import { expectClose } from '../close';
import { restore, type StoredTensor, valuesOf } from './reference';

interface Fractional {
  readonly inputs: StoredTensor;
  readonly samples: StoredTensor;
  readonly outputs: readonly [StoredTensor, StoredTensor];
  readonly drawn: StoredTensor;
}

const { fractional, infinite, images } = valuesOf<{
  fractional: readonly [Fractional, Fractional];
  infinite: Record<string, StoredTensor>;
  images: StoredTensor;
}>('pooling');
const { functional } = nn;

const layers = [
  (options: object) => new nn.FractionalMaxPool2d<boolean>(2, { outputSize: [3, 2], ...options }),
  (options: object) => new nn.FractionalMaxPool3d<boolean>(2, { outputRatio: 0.6, ...options }),
] as const;

test.each([0, 1] as const)('fractional max pooling is as in PyTorch at given places, and draws the same places (%#)', (k) => {
  const { inputs, samples, outputs, drawn } = fractional[k];
  const x = restore(inputs);
  const fixed = (layers[k] as (typeof layers)[0])({ randomSamples: restore(samples), returnIndices: true });
  const [values, indices] = fixed.forward(x) as nn.Pooled<true>;
  expectClose(values, outputs[0].data as number[]);
  expect(indices.flatten().toArray()).toEqual(outputs[1].data);
  expect(Object.keys(fixed.stateDict())).toEqual(['_random_samples']);

  const layer = (layers[k] as (typeof layers)[0])({});
  torch.manualSeed(6);
  const random = layer.forward(x.float()) as torch.Tensor;
  expectClose(random, drawn.data as number[], 1e-6);
  expect(layer.toString()).toBe(`FractionalMaxPool${k + 2}d()`);
});

test('the p-norm for p = Infinity and -Infinity is the largest and the smallest absolute value', () => {
  for (const [p, wanted] of [
    [Number.POSITIVE_INFINITY, 'inf'],
    [Number.NEGATIVE_INFINITY, '-inf'],
  ] as const)
    expectClose(new nn.LPPool2d(p, 2).forward(restore(images)), infinite[wanted]?.data as number[]);
});

test('unpooling puts the largest values back where they stood', () => {
  const x = torch.randn(2, 3, 7, 6);
  const [pooled, indices] = new nn.MaxPool2d(2, { returnIndices: true }).forward(x);
  const back = new nn.MaxUnpool2d(2).forward(pooled, indices, { outputSize: x.shape });
  expect(back.shape).toEqual(x.shape);
  expectClose(back.sum([2, 3]), pooled.sum([2, 3]).flatten().toArray() as number[], 1e-5);
  const kept = back.ne(0);
  expect(torch.equal(back.index(kept), x.index(kept))).toBe(true);
});

test('null keeps the size of a dimension in adaptive pooling', () => {
  const x = torch.randn(1, 2, 5, 3);
  expectClose(new nn.AdaptiveAvgPool2d([null, 1]).forward(x), x.mean(3, { keepdim: true }).flatten().toArray() as number[], 1e-6);
  expect(new nn.AdaptiveMaxPool2d([null, null]).forward(x).equal(x)).toBe(true);
});

test('sizes can stand in place, as for other operators', () => {
  const x = torch.randn(1, 1, 6, 6);
  expect(functional.maxPool2d(x, 2, 3).equal(functional.maxPool2d(x, 2, { stride: 3 }))).toBe(true);
  expect(functional.avgPool2d(x, 2, 3).equal(functional.avgPool2d(x, 2, { stride: 3 }))).toBe(true);
});

const unpool2d = (kernelSize: unknown, options?: object) =>
  functional.maxUnpool2d(torch.zeros(1, 1, 2, 2), torch.zeros(1, 1, 2, 2).long(), kernelSize as number, options);

test.each([
  [() => new nn.MaxPool3d([1, 2] as never), 'Expected a whole number from 1, or three of them, for kernelSize but received an array of 2'],
  [() => new nn.AvgPool2d(2, { divisorOverride: 0 }), 'Expected a number other than 0 for divisorOverride but received number 0'],
  [() => new nn.AdaptiveAvgPool2d([1, 2, 3] as never), 'Expected a whole number, or 2 of them or null, for outputSize'],
  [() => new nn.AdaptiveMaxPool1d(-1), 'Expected a whole number, or 1 of them or null, for outputSize but received number -1'],
  [() => new nn.FractionalMaxPool2d(2, {}), 'Expected an outputSize or an outputRatio for FractionalMaxPool2d but received an object'],
  [() => new nn.FractionalMaxPool3d(2, { outputRatio: 1.5 }), 'Expected shares in (0, 1) for outputRatio but received number 1.5'],
  [() => functional.fractionalMaxPool2d(torch.zeros(1, 1, 4, 4), 2, {}), 'Expected an outputSize or an outputRatio'],
  [() => functional.lpPool1d(torch.zeros(1, 1, 4), 0, 2), 'Expected a number other than 0 for normType but received number 0'],
  [
    () => new nn.MaxUnpool1d(2).forward(torch.zeros(1, 1, 2), torch.tensor([[[0, 2]]]), { outputSize: [7] }),
    'Expected sizes less than a step from [4] for outputSize but received an array of 1',
  ],
  [() => new nn.MaxUnpool2d(2).forward(torch.zeros(1, 1, 1, 1), torch.tensor([[[[9]]]])), /indices/],
  [() => unpool2d([9n, 4]), 'Expected a whole number from 1, or two of them, for kernelSize but received an array of 2'],
  [() => unpool2d(2, { stride: 0 }), 'Expected a whole number from 1, or two of them, for stride but received number 0'],
  [() => unpool2d(2, { padding: [1] }), 'Expected a whole number from 0, or two of them, for padding but received an array of 1'],
  [() => unpool2d(2, { outputSize: 4 }), 'Expected an array of whole numbers for outputSize but received number 4'],
  [() => unpool2d(2, { outputSize: [4n, 4n] }), 'Expected whole numbers from 0 for outputSize but received an array of 2'],
  [
    () => functional.fractionalMaxPool2d(torch.zeros(1, 1, 4, 4), 2, { outputRatio: [0.5, 1n] as never }),
    'Expected a number, or 2 of them, for outputRatio of fractionalMaxPool2d but received an array of 2',
  ],
  [
    () => functional.interpolate(torch.zeros(1, 1, 4, 4), { scaleFactor: [2n, 2] as never, recomputeScaleFactor: true }),
    "Expected one number, or 2 for the input's dimensions, for scaleFactor but received an array of 2",
  ],
])('bad arguments: %#', (call, message) => {
  expect(call).toThrow(message);
});
