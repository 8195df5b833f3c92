import * as torch from '../../lib';
import { nn } from '../../lib';
import { expectClose } from '../close';

const { functional } = nn;
const image = torch.randn([2, 3, 4, 5], { dtype: 'float64' });

test('the identity map reads an image where it is', () => {
  for (const alignCorners of [false, true]) {
    const theta = torch.eye(2, 3, { dtype: 'float64' }).expand([2, 2, 3]);
    const grid = functional.affineGrid(theta, image.shape, { alignCorners });
    expectClose(functional.gridSample(image, grid, { alignCorners }), image.flatten().toArray() as number[], 1e-12);
  }
});

test('shuffles and windows have a way back', () => {
  const channels = torch.randn(2, 8, 3, 4);
  expect(new nn.PixelUnshuffle(2).forward(new nn.PixelShuffle(2).forward(channels)).equal(channels)).toBe(true);
  expect(new nn.ChannelShuffle(4).forward(new nn.ChannelShuffle(2).forward(channels)).equal(channels)).toBe(true);
  const apart = { stride: 2 };
  const x = torch.randn(2, 3, 4, 6);
  expect(new nn.Fold([4, 6], 2, apart).forward(new nn.Unfold(2, apart).forward(x)).equal(x)).toBe(true);
  expect(new nn.Unflatten(1, [2, 3]).forward(new nn.Flatten().forward(torch.ones(2, 2, 3))).shape).toEqual([2, 2, 3]);
});

test('constant images stay constant in every mode', () => {
  const flat = torch.full([1, 1, 6, 6], 2, { dtype: 'float32' });
  const modes = ['nearest', 'nearest-exact', 'area', 'bilinear', 'bicubic'] as const;
  for (const mode of modes) expectClose(functional.interpolate(flat, { size: [4, 9], mode }), Array(36).fill(2), 1e-6);
  for (const mode of ['bilinear', 'bicubic'] as const)
    expectClose(functional.interpolate(flat, { size: 3, mode, antialias: true }), Array(9).fill(2), 1e-6);
});

test.each([
  [() => new nn.Upsample({}), 'Expected a size or a scaleFactor for Upsample but received an object'],
  [
    () => functional.interpolate(image, { size: 2, scaleFactor: 2 }),
    'Expected a size or a scaleFactor for interpolate but received an object',
  ],
  [
    () => functional.interpolate(image, { size: [2] }),
    "Expected one number, or 2 for the input's dimensions, for size but received an array of 1",
  ],
  [
    () => functional.interpolate(image, { size: 2, mode: 'trilinear' }),
    "Expected a tensor of 5 dimensions for mode 'trilinear' but received tensor float64[2, 3, 4, 5] cpu",
  ],
  [
    () => functional.interpolate(image, { size: 2, mode: 'cubic' as 'bicubic' }),
    'Expected one of nearest, nearest-exact, area, linear, bilinear, bicubic, trilinear for mode',
  ],
  [
    () => functional.interpolate(image, { size: 2, alignCorners: true }),
    "Expected alignCorners only with a linear or cubic mode for mode 'nearest' but received true",
  ],
  [
    () => functional.interpolate(image, { size: 2, antialias: true }),
    "Expected antialias only with mode 'bilinear', 'bicubic' or 'lanczos' for mode 'nearest'",
  ],
  [
    () => functional.interpolate(image, { size: 2, mode: 'lanczos' }),
    "Expected antialias and no alignCorners with a tensor [N, C, H, W] for mode 'lanczos'",
  ],
  [() => functional.interpolate(image, { size: 2, recomputeScaleFactor: true }), 'Expected a scaleFactor for recomputeScaleFactor'],
  [
    () => functional.interpolate(torch.zeros(2), { size: 2 }),
    "Expected a tensor of 3, 4, 5 dimensions for mode 'nearest' but received tensor float32[2] cpu",
  ],
  [
    () => functional.gridSample(image, image, { mode: 'cubic' as 'bicubic' }),
    "Expected 'bilinear', 'nearest' or 'bicubic' for mode of gridSample",
  ],
  [
    () => functional.gridSample(image, image, { paddingMode: 'reflect' as 'zeros' }),
    "Expected 'zeros', 'border' or 'reflection' for paddingMode",
  ],
  [
    () => functional.affineGrid(torch.zeros(1, 3, 4), [1, 1, 2, 2]),
    'Expected a tensor [N, 2, 3] for theta but received tensor float32[1, 3, 4] cpu',
  ],
  [() => functional.affineGrid(torch.zeros(1, 2, 3), [1, 1, 2]), 'Expected a size [N, C, H, W] or [N, C, D, H, W] for affineGrid'],
  [() => functional.affineGrid(torch.zeros(1, 2, 3), [1, 1, 0, 2]), 'Expected positive sizes for size of affineGrid'],
  [
    () =>
      functional.affineGrid(
        torch.tensor([
          [
            [1, 0, 0],
            [0, 1, 0],
          ],
        ]),
        [1, 1, 2, 2],
      ),
    'Expected a tensor of a floating-point type for theta',
  ],
  [
    () => functional.pad(image, [1, 1], { mode: 'mirror' as 'reflect' }),
    "Expected 'constant', 'reflect', 'replicate' or 'circular' for mode of pad",
  ],
  [() => new nn.ReflectionPad2d([1, 2] as never), 'Expected a whole number, or 4 of them, for padding but received an array of 2'],
  [() => new nn.ConstantPad1d(1, undefined as never), 'Expected a number for value but received nothing'],
  [
    () => new nn.CircularPad1d(1).forward(image),
    'Expected a tensor [C, L] or [N, C, L] for CircularPad1d but received tensor float64[2, 3, 4, 5] cpu',
  ],
  [() => new nn.ReflectionPad1d(4).forward(torch.zeros(1, 4)), 'Padding size should be less than the corresponding input dimension'],
  [() => new nn.PixelShuffle(0), 'Expected a positive whole number for upscaleFactor but received number 0'],
  [() => new nn.PixelShuffle(2).forward(torch.zeros(1, 3, 2, 2)), 'channel'],
  [() => new nn.ChannelShuffle(2).forward(torch.zeros(1, 3, 2, 2)), 'divisible'],
  [() => new nn.Unflatten(1, [2, 1.5]), 'Expected whole numbers from -1 for unflattenedSize but received an array of 2'],
  [() => new nn.Bilinear(2, 0, 1), 'Expected a positive whole number for in2Features but received number 0'],
  [() => new nn.Fold(4, 2).forward(torch.zeros(1, 4, 3)), 'blocks'],
])('bad arguments: %#', (call, message) => {
  expect(call).toThrow(message);
});
