import * as torch from '../../lib';
import { nn } from '../../lib';
import { expectClose } from '../close';

test('a transposed convolution is the gradient of the convolution with the same weights', () => {
  const conv = new nn.Conv2d(3, 4, 3, { stride: 2, padding: 1, bias: false }).double();
  const back = new nn.ConvTranspose2d(4, 3, 3, { stride: 2, padding: 1, bias: false }).double();
  back.weight.data = conv.weight.detach();
  const x = torch.randn([2, 3, 6, 8], { dtype: 'float64' }).requiresGrad_();
  const y = conv.forward(x);
  const direction = torch.randn(y.shape, { dtype: 'float64' });
  y.backward(direction);
  const returned = back.forward(direction, { outputSize: x.shape });
  expect(returned.shape).toEqual(x.shape);
  expectClose(returned, x.grad?.flatten().toArray() as number[], 1e-12);
});

test('an output size chooses among the sizes that the convolution maps to the same, as the spatial size or the whole shape', () => {
  const layer = new nn.ConvTranspose1d(1, 1, 3, { stride: 3, dilation: 2 });
  const x = torch.randn(2, 1, 4);
  for (const length of [14, 15, 16]) {
    expect(layer.forward(x, { outputSize: [length] }).shape).toEqual([2, 1, length]);
    expect(layer.forward(x, { outputSize: [2, 1, length] }).shape).toEqual([2, 1, length]);
  }
  expect(layer.forward(x.select(0, 0), { outputSize: [15] }).shape).toEqual([1, 15]);
  for (const outputSize of [[13], [17], [1, 15], []])
    expect(() => layer.forward(x, { outputSize })).toThrow('Expected sizes from [14] to [16] for outputSize but received an array');
});

test('padding with the border equals padding by hand', () => {
  const x = torch.randn(1, 2, 5, 6);
  for (const [paddingMode, mode] of [
    ['zeros', 'constant'],
    ['reflect', 'reflect'],
    ['replicate', 'replicate'],
    ['circular', 'circular'],
  ] as const) {
    const layer = new nn.Conv2d(2, 3, [3, 2], { padding: [1, 2], paddingMode });
    const padded = nn.functional.pad(x, [2, 2, 1, 1], { mode });
    const wanted = nn.functional.conv2d(padded, layer.weight, layer.bias);
    expectClose(layer.forward(x), wanted.flatten().toArray() as number[], 1e-5);
  }
});

test.each([
  [() => new nn.Conv1d(1, 1, 0), 'Expected a whole number from 1 for kernelSize but received number 0'],
  [
    () => new nn.Conv3d(1, 1, [1, 2] as never),
    'Expected a whole number from 1, or three of them, for kernelSize but received an array of 2',
  ],
  [
    () => new nn.Conv2d(1, 1, 1, { padding: 'full' as 'same' }),
    "Expected sizes, 'same' or 'valid' for padding but received string \"full\"",
  ],
  [
    () => new nn.Conv2d(1, 1, 1, { paddingMode: 'mirror' as 'reflect' }),
    "Expected 'zeros', 'reflect', 'replicate' or 'circular' for paddingMode",
  ],
  [
    () => new nn.ConvTranspose1d(2, 3, 1, { groups: 2 }),
    'Expected channels that groups 2 divides but received inChannels 2 and outChannels 3',
  ],
  [() => new nn.ConvTranspose2d(1, 1, 1, { outputPadding: -1 }), 'Expected a whole number from 0, or two of them, for outputPadding'],
  [() => new nn.ConvTranspose2d(1, 1, 2, { outputPadding: 2 }).forward(torch.zeros(1, 1, 2, 2)), 'output padding must be smaller'],
  [() => new nn.Conv1d(2, 1, 1).forward(torch.zeros(1, 2, 3, 4)), 'Expected 2D (unbatched) or 3D (batched) input to conv1d'],
  [() => new nn.Conv2d(2, 1, 1).forward(torch.zeros(1, 3, 4, 4)), 'expected input[1, 3, 4, 4] to have 2 channels, but got 3 channels'],
])('bad arguments: %#', (call, message) => {
  expect(call).toThrow(message);
});
