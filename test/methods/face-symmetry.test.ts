import * as torch from '../../lib';
import { methods } from '../../lib';
import { expectClose } from '../losses/random';

const float64 = { dtype: 'float64' } as const;

describe('orientation', () => {
  /** Eyes at 10 and 30, nose where it is. */
  const face = (nose: number): number[][] => [
    [10, 5],
    [30, 5],
    [nose, 20],
  ];

  test('rho falls from 1, nose in the middle, to 0, nose below an eye and beyond', () => {
    const noses = [20, 21, 15, 25, 10, 30, 45];
    const landmarks = torch.tensor(noses.map(face), { ...float64, requiresGrad: true });
    const { rho, discrepancy, symmetric, splitX } = methods.symmetricOrientation(landmarks);
    expectClose(rho, torch.tensor([1, 0.9, 0.5, 0.5, 0, 0, 0], float64));
    expect(discrepancy.toArray()).toEqual([0, 1, 5, 5, 10, 10, 25]);
    expect(symmetric.toArray()).toEqual([true, true, false, false, false, false, false]);
    expect(splitX.toArray()).toEqual(noses);
    for (const result of [rho, discrepancy, splitX]) expect(result.requiresGrad).toBe(false);
    expect(methods.symmetricOrientation(landmarks, { threshold: 0.5 }).symmetric.toArray()).toEqual([
      true,
      true,
      true,
      true,
      false,
      false,
      false,
    ]);
  });

  test('rows do not count, nor more landmarks, nor moving, scaling and mirroring the image', () => {
    torch.manualSeed(0);
    const landmarks = torch.randn(20, 5, 2, float64);
    const { rho } = methods.symmetricOrientation(landmarks);
    const others = landmarks.clone();
    others.select(2, 1).add_(3);
    others.narrow(1, 3, 2).zero_();
    expectClose(methods.symmetricOrientation(others).rho, rho);
    expectClose(methods.symmetricOrientation(landmarks.mul(7).add(40)).rho, rho);
    // In a mirror the left eye is the right one.
    const mirrored = landmarks.neg().indexSelect(1, torch.tensor([1, 0, 2]));
    expectClose(methods.symmetricOrientation(mirrored).rho, rho);
    expectClose(methods.symmetricOrientation(landmarks.mul(-1)).rho, rho);
  });

  test('eyes in one column are no frontal face, unless the nose is there too', () => {
    const landmarks = torch.tensor(
      [
        [
          [5, 0],
          [5, 3],
          [6, 1],
        ],
        [
          [5, 0],
          [5, 3],
          [5, 1],
        ],
      ],
      { dtype: 'int64' },
    );
    expect(methods.symmetricOrientation(landmarks).rho.toArray()).toEqual([0, 1]);
  });
});

describe('halves', () => {
  const images = torch.arange(2 * 1 * 2 * 5, float64).reshape([2, 1, 2, 5]);

  test('are the columns on both sides of the middle, the right ones mirrored', () => {
    const { left, right } = methods.splitFaceHalves(images);
    expect(left.select(0, 1).toArray()).toEqual([
      [
        [10, 11],
        [15, 16],
      ],
    ]);
    expect(right.select(0, 1).toArray()).toEqual([
      [
        [14, 13],
        [19, 18],
      ],
    ]);
    expectClose(methods.splitFaceHalves(images, null, { mirrorRight: false }).right, images.narrow(3, 3, 2));
  });

  test('of symmetric images are equal', () => {
    const half = torch.randn(3, 2, 4, 6, float64);
    for (const middle of [[], [torch.randn(3, 2, 4, 1, float64)]]) {
      const { left, right } = methods.splitFaceHalves(torch.cat([half, ...middle, half.flip([3])], 3));
      expect(left.equal(right)).toBe(true);
      expect(left.equal(half)).toBe(true);
    }
  });

  test('with a column to divide at are those of images that were moved', () => {
    torch.manualSeed(0);
    const [N, W] = [6, 9];
    const wide = torch.randn(N, 2, 3, W, float64).requiresGrad_();
    const splitX = torch.tensor([4, 4.4, 0, 8, 2.6, -3]);
    const moved = torch.stack(
      [0, 0, -4, 4, -1, -7].map((shift, n) => {
        const places = Array.from({ length: W }, (_, j) => Math.min(W - 1, Math.max(0, j + shift)));
        return wide.select(0, n).indexSelect(2, torch.tensor(places));
      }),
    );
    for (const mirrorRight of [true, false]) {
      const received = methods.splitFaceHalves(wide, splitX, { mirrorRight });
      const wanted = methods.splitFaceHalves(moved, null, { mirrorRight });
      expectClose(received.left, wanted.left, 0);
      expectClose(received.right, wanted.right, 0);
      expectClose(
        methods.splitFaceHalves(wide, torch.full([N], 4, float64), { mirrorRight }).right,
        methods.splitFaceHalves(wide, null, { mirrorRight }).right,
        0,
      );
    }
  });

  test('can be brought to a size', () => {
    const options = { size: [4, 3], mode: 'bilinear', alignCorners: false } as const;
    const resized = methods.splitFaceHalves(images, torch.tensor([2, 3]), { resize: [4, 3] });
    const plain = methods.splitFaceHalves(images, torch.tensor([2, 3]));
    expectClose(resized.left, torch.nn.functional.interpolate(plain.left, options));
    expectClose(resized.right, torch.nn.functional.interpolate(plain.right, options));
  });

  test('gradients agree with differences; the images stay as they are', () => {
    torch.manualSeed(0);
    const drawn = torch.randn(2, 1, 2, 5, float64).requiresGrad_();
    const before = drawn.detach().clone();
    for (const splitX of [null, torch.tensor([1, 4])])
      for (const resize of [null, [3, 4]] as const)
        for (const which of ['left', 'right'] as const)
          expect(torch.autograd.gradcheck((x) => methods.splitFaceHalves(x, splitX, { resize })[which], [drawn])).toBe(true);
    expect(drawn.equal(before)).toBe(true);
  });

  test('whole numbers and no images go through', () => {
    const bytes = images.to('uint8');
    expect(methods.splitFaceHalves(bytes, torch.tensor([2, 2])).left.dtype).toBe('uint8');
    expect(methods.splitFaceHalves(torch.zeros(0, 3, 4, 6), torch.zeros(0)).left.shape).toEqual([0, 3, 4, 3]);
  });
});

describe('bad input is refused in a sentence', () => {
  const images = torch.zeros(2, 1, 3, 6);
  test.each<[string, () => unknown, string]>([
    [
      'two landmarks',
      () => methods.symmetricOrientation(torch.zeros(4, 2, 2)),
      'Expected at least three landmarks of each face for landmarks but received tensor float32[4, 2, 2] cpu',
    ],
    [
      'landmarks with three coordinates',
      () => methods.symmetricOrientation(torch.zeros(4, 3, 3)),
      'Expected shape [N, L, 2] with N = 4, L = 3 for landmarks but received tensor float32[4, 3, 3] cpu',
    ],
    [
      'a threshold above 1',
      () => methods.symmetricOrientation(torch.zeros(4, 3, 2), { threshold: 2 }),
      'Expected a number in [0, 1] for threshold but received number 2',
    ],
    [
      'images of three dimensions',
      () => methods.splitFaceHalves(torch.zeros(1, 3, 6)),
      'Expected shape [N, C, H, W] for images but received tensor float32[1, 3, 6] cpu',
    ],
    [
      'images of one column',
      () => methods.splitFaceHalves(torch.zeros(1, 1, 3, 1)),
      'Expected images of at least two columns for images but received tensor float32[1, 1, 3, 1] cpu',
    ],
    [
      'a column for each of three images',
      () => methods.splitFaceHalves(images, torch.zeros(3)),
      'Expected shape [2] for splitX but received tensor float32[3] cpu',
    ],
    [
      'one number for the size',
      () => methods.splitFaceHalves(images, null, { resize: [3] as never }),
      'Expected a height and a width for resize but received an array of 1',
    ],
    [
      'a height of 0',
      () => methods.splitFaceHalves(images, null, { resize: [0, 3] }),
      'Expected a whole number from 1 for resize but received number 0',
    ],
  ])('%s', (_, call, message) => {
    expect(call).toThrow(message);
  });
});
