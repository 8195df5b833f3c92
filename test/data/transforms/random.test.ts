/** Random transforms: what they draw, and that each image of a batch gets its own. */

import * as torch from '../../../lib';
import { data } from '../../../lib';
import { expectClose, type Numbers } from '../../close';
import { liveTensors } from '../../live';

const { transforms } = data;
const { functional } = transforms;

const seeded = (seed: number) => new torch.Generator().manualSeed(seed);
const noise = (...shape: number[]) => torch.rand(shape, { generator: seeded(1), dtype: 'float64' });
const bytes = (...shape: number[]) => torch.randint(0, 256, shape, { dtype: 'uint8', generator: seeded(1) });
const column = (...values: number[]) => torch.tensor(values, { dtype: 'float64' });
const rows = (images: torch.Tensor): torch.Tensor[] => images.unbind(0);

describe('values per image do what one call for each image does', () => {
  const images = noise(3, 3, 9, 8);
  type Call = (image: torch.Tensor, k: number | null) => torch.Tensor;
  const value = (all: readonly number[], k: number | null) => (k === null ? column(...all) : (all[k] as number));
  const CALLS: readonly [string, Call][] = [
    ['crop', (x, k) => functional.crop(x, value([0, 3, 1], k), value([2, 0, 4], k), 5, 4)],
    ['resizedCrop', (x, k) => functional.resizedCrop(x, value([0, 3, 1], k), value([2, 0, 4], k), value([9, 4, 5], k), value([3, 8, 2], k), [4, 5])],
    ['resizedCrop without antialias', (x, k) =>
      functional.resizedCrop(x, value([0, 3, 1], k), value([2, 0, 4], k), value([9, 4, 5], k), value([3, 8, 2], k), [4, 5], { antialias: false })],
    ['resizedCrop to the nearest', (x, k) =>
      functional.resizedCrop(x, value([0, 3, 1], k), value([2, 0, 4], k), value([9, 4, 5], k), value([3, 8, 2], k), [4, 5], { interpolation: 'nearest' })],
    ['rotate', (x, k) => functional.rotate(x, value([10, -33, 122], k), { interpolation: 'bilinear', fill: [0.1, 0.2, 0.3] })],
    ['affine', (x, k) =>
      functional.affine(x, value([10, -33, 122], k), [value([1, 0, -2], k), value([0, 3, 1], k)], value([1, 0.5, 1.7], k), [value([0, 9, 3], k), 2])],
    ['adjustBrightness', (x, k) => functional.adjustBrightness(x, value([0, 0.5, 1.6], k))],
    ['adjustContrast', (x, k) => functional.adjustContrast(x, value([0, 0.5, 1.6], k))],
    ['adjustSaturation', (x, k) => functional.adjustSaturation(x, value([0, 0.5, 1.6], k))],
    ['adjustSharpness', (x, k) => functional.adjustSharpness(x, value([0, 0.5, 1.6], k))],
    ['adjustHue', (x, k) => functional.adjustHue(x, value([-0.4, 0, 0.2], k))],
    ['gaussianBlur', (x, k) => functional.gaussianBlur(x, [3, 5], { sigma: value([0.3, 1, 3], k) })],
    ['erase', (x, k) => functional.erase(x, value([0, 3, 1], k), value([2, 0, 4], k), value([9, 0, 5], k), value([3, 8, 2], k), 7)],
  ]; // biome-ignore format: a table

  test.each(CALLS)('%s', (_, call) => {
    const together = call(images, null);
    for (const [k, image] of rows(images).entries()) expectClose(together.select(0, k), call(image, k).toArray() as Numbers, 1e-6);
  });

  test('perspective', () => {
    const start = [[0, 0], [7, 0], [7, 8], [0, 8]]; // biome-ignore format: points
    const ends = [[[1, 1], [7, 0], [6, 7], [0, 8]], [[0, 0], [7, 0], [7, 8], [0, 8]], [[2, 0], [7, 2], [7, 7], [0, 6]]]; // biome-ignore format: points
    const together = functional.perspective(images, torch.tensor(start).expand([3, 4, 2]), torch.tensor(ends));
    for (const [k, image] of rows(images).entries()) {
      const one = functional.perspective(image, start as never, ends[k] as never);
      expectClose(together.select(0, k), one.toArray() as Numbers, 1e-6);
    }
    expectClose(together.select(0, 1), images.select(0, 1).toArray() as Numbers, 1e-5); // corners that stay: nothing changes
  });

  test('of whole numbers too', () => {
    const whole = bytes(3, 3, 9, 8);
    const together = functional.adjustBrightness(whole, column(0.3, 1, 2));
    expect(together.dtype).toBe('uint8');
    for (const [k, factor] of [0.3, 1, 2].entries()) {
      expect(torch.equal(together.select(0, k), functional.adjustBrightness(whole.select(0, k), factor))).toBe(true);
    }
  });
});

describe('flips', () => {
  test.each([
    ['RandomHorizontalFlip', -1],
    ['RandomVerticalFlip', -2],
  ] as const)('%s mirrors about p of the images, the others stay', (name, axis) => {
    const images = noise(2000, 1, 2, 3);
    const made = new transforms[name]({ p: 0.3, generator: seeded(5) }).forward(images);
    const same = made.eq(images).flatten(1).all(1);
    const mirrored = made
      .eq(images.flip([axis]))
      .flatten(1)
      .all(1);
    expect(same.logicalXor(mirrored).all().item()).toBe(true);
    // Binomial(2000, 0.3): deviation 20.5.
    expect(Math.abs(Number(mirrored.sum().item()) - 600)).toBeLessThan(5 * 20.5);
    expect(torch.equal(new transforms[name]({ p: 1 }).forward(images), images.flip([axis]))).toBe(true);
    expect(new transforms[name]({ p: 0 }).forward(images)).toBe(images);
  });
});

describe('RandomCrop', () => {
  // Pixel (y, x) of image n is 10000 n + 100 y + x.
  const images = torch
    .arange(500)
    .mul(10_000)
    .reshape(-1, 1, 1, 1)
    .add(torch.arange(6).mul(100).reshape(1, 1, 6, 1))
    .add(torch.arange(8).reshape(1, 1, 1, 8));

  test('takes a part of each image, at places that are uniform and independent', () => {
    const made = new transforms.RandomCrop([3, 4], { generator: seeded(2) }).forward(images);
    expect(made.shape).toEqual([500, 1, 3, 4]);
    const corners = (made.select(-1, 0).select(-1, 0).flatten().toArray() as number[]).map((value, n) => value - 10_000 * n);
    const counts = new Map<number, number>();
    for (const [n, corner] of corners.entries()) {
      const [top, left] = [Math.floor(corner / 100), corner % 100];
      counts.set(corner, (counts.get(corner) ?? 0) + 1);
      if (n % 50 === 0) expect(torch.equal(made.select(0, n), images.select(0, n).narrow(-2, top, 3).narrow(-1, left, 4))).toBe(true);
    }
    expect(counts.size).toBe(4 * 5);
    // Binomial(500, 1/20): mean 25, deviation 4.9.
    for (const count of counts.values()) expect(Math.abs(count - 25)).toBeLessThan(5 * 4.9);
  });

  test('puts on a border first, of any kind', () => {
    for (const paddingMode of ['constant', 'reflect', 'edge', 'symmetric'] as const) {
      const options = { padding: 2, fill: -1, paddingMode };
      const made = new transforms.RandomCrop([6, 8], { ...options, generator: seeded(2) }).forward(images);
      const padded = functional.pad(images, 2, options);
      const found = torch.zeros(500, { dtype: 'bool' });
      for (let top = 0; top < 5; top++) {
        for (let left = 0; left < 5; left++) {
          found.logicalOr_(
            made
              .eq(padded.narrow(-2, top, 6).narrow(-1, left, 8))
              .flatten(1)
              .all(1),
          );
        }
      }
      expect(found.all().item()).toBe(true);
    }
  });

  test('of an image that is too small is refused, or given a border', () => {
    expect(() => new transforms.RandomCrop(7).forward(images)).toThrow(
      'Expected images of at least 7 x 7 for RandomCrop but received string "6 x 8"',
    );
    expect(new transforms.RandomCrop(9, { padIfNeeded: true }).forward(images).shape).toEqual([500, 1, 9, 9]);
  });
});

test('RandomResizedCrop: areas and shapes are in range, places inside', () => {
  // The image is its own coordinates, so that the result tells where it comes from.
  const [height, width] = [60, 80];
  const y = torch.arange(height, { dtype: 'float64' }).reshape(-1, 1).expand([height, width]);
  const x = torch.arange(width, { dtype: 'float64' }).expand([height, width]);
  const images = torch.stack([y, x], 0).unsqueeze(0).expand([400, 2, height, width]);
  const made = new transforms.RandomResizedCrop(4, { scale: [0.1, 0.5], antialias: false, generator: seeded(3) }).forward(images);
  // New pixels 1 and 2 of 4 lie a quarter of the part from each other, away from its border.
  const h = made
    .index(torch.slice(), 0, 2, 0)
    .sub(made.index(torch.slice(), 0, 1, 0))
    .mul(4);
  const w = made
    .index(torch.slice(), 1, 0, 2)
    .sub(made.index(torch.slice(), 1, 0, 1))
    .mul(4);
  const top = made.index(torch.slice(), 0, torch.slice(1, 3), 0).mean(1).add(0.5).sub(h.div(2));
  expect(h.sub(h.round()).abs().max().item()).toBeLessThan(1e-6);
  const [share, ratio] = [h.mul(w).div(height * width), w.div(h)];
  // Sides are rounded to whole pixels.
  expect([Number(share.min().item()) > 0.09, Number(share.max().item()) < 0.52]).toEqual([true, true]);
  expect([Number(ratio.min().item()) > 0.71, Number(ratio.max().item()) < 1.4]).toEqual([true, true]);
  expect(Math.abs(Number(share.mean().item()) - 0.3)).toBeLessThan(0.03);
  expect(top.ge(-1e-6).all().item()).toBe(true);
  expect(
    top
      .add(h)
      .le(height + 1e-6)
      .all()
      .item(),
  ).toBe(true);
  // No rectangle fits: the largest in the middle that has the shape.
  const wide = new transforms.RandomResizedCrop([30, 60], { scale: [1, 1], ratio: [2, 2], antialias: false }).forward(images);
  expectClose(
    wide.select(0, 0),
    functional.resizedCrop(images.select(0, 0), 10, 0, 40, 80, [30, 60], { antialias: false }).toArray() as Numbers,
    1e-9,
  );
});

describe('with one value in range a random transform is its function', () => {
  const images = noise(3, 3, 8, 8);
  const CASES: readonly [string, data.transforms.Transform, (x: torch.Tensor) => torch.Tensor][] = [
    ['RandomRotation', new transforms.RandomRotation([30, 30]), (x) => functional.rotate(x, 30, { fill: 0 })],
    ['RandomAffine', new transforms.RandomAffine([20, 20], { scale: [2, 2], shear: [3, 3, 4, 4], interpolation: 'bilinear' }), (x) =>
      functional.affine(x, 20, [0, 0], 2, [3, 4], { interpolation: 'bilinear', fill: 0 })],
    ['RandomPerspective', new transforms.RandomPerspective({ distortionScale: 0, p: 1 }), (x) => x],
    ['ColorJitter brightness', new transforms.ColorJitter({ brightness: [2, 2] }), (x) => functional.adjustBrightness(x, 2)],
    ['ColorJitter hue', new transforms.ColorJitter({ hue: [0.2, 0.2] }), (x) => functional.adjustHue(x, 0.2)],
    ['RandomGrayscale', new transforms.RandomGrayscale({ p: 1 }), (x) => functional.rgbToGrayscale(x, { numOutputChannels: 3 })],
    ['GaussianBlur', new transforms.GaussianBlur([3, 5], { sigma: 0.7 }), (x) => functional.gaussianBlur(x, [3, 5], { sigma: 0.7 })],
    ['RandAugment of nothing', new transforms.RandAugment({ numOps: 0 }), (x) => x],
    ['Compose', new transforms.Compose([new transforms.Resize(6), new transforms.CenterCrop(4)]), (x) => functional.centerCrop(functional.resize(x, 6), 4)],
    ['Grayscale', new transforms.Grayscale(), (x) => functional.rgbToGrayscale(x)],
    ['Pad', new transforms.Pad([1, 2], { paddingMode: 'edge' }), (x) => functional.pad(x, [1, 2], { paddingMode: 'edge' })],
    ['Normalize', new transforms.Normalize(0.5, [1, 2, 3]), (x) => functional.normalize(x, [0.5, 0.5, 0.5], [1, 2, 3])],
    ['ConvertDtype', new transforms.ConvertDtype('uint8'), (x) => functional.toDtype(x, 'uint8', { scale: true })],
  ]; // biome-ignore format: a table

  test.each(CASES)('%s', (_, transform, wanted) => {
    expectClose(transform.forward(images), wanted(images).toArray() as Numbers, 1e-5);
    expectClose(transform.forward(images.select(0, 1)), wanted(images.select(0, 1)).toArray() as Numbers, 1e-5);
  });
});

test('ColorJitter keeps black and white, and its factors are spread evenly over the range', () => {
  const images = torch.full([2000, 3, 1, 1], 0.25, { dtype: 'float64' });
  const made = new transforms.ColorJitter({ brightness: 0.4, generator: seeded(1) }).forward(images);
  const factors = made.select(1, 0).flatten().div(0.25);
  expect([Number(factors.min().item()) >= 0.6, Number(factors.max().item()) <= 1.4]).toEqual([true, true]);
  expect(Math.abs(Number(factors.mean().item()) - 1)).toBeLessThan((5 * 0.231) / Math.sqrt(2000));
  const all = new transforms.ColorJitter({ brightness: 0.9, contrast: 0.9, saturation: 0.9, hue: 0.5 }).forward(noise(50, 3, 4, 4));
  expect([all.ge(0).all().item(), all.le(1).all().item()]).toEqual([true, true]);
});

describe('RandomErasing', () => {
  test('erases rectangles whose area and shape are in range, in about p of the images', () => {
    const images = torch.ones(1000, 2, 30, 40);
    const made = new transforms.RandomErasing({ p: 0.6, scale: [0.05, 0.2], generator: seeded(8) }).forward(images);
    const gone = made.eq(0);
    expect(torch.equal(gone.select(1, 0), gone.select(1, 1))).toBe(true);
    const [h, w] = [gone.select(1, 0).any(2).sum(1), gone.select(1, 0).any(1).sum(1)];
    const area = gone.select(1, 0).sum([1, 2]);
    expect(torch.equal(area, h.mul(w))).toBe(true);
    const erased = area.gt(0);
    expect(Math.abs(Number(erased.sum().item()) - 600)).toBeLessThan(5 * 15.5);
    const share = area.maskedSelect(erased).double().div(1200);
    const ratio = h.double().div(w).maskedSelect(erased);
    expect([Number(share.min().item()) > 0.04, Number(share.max().item()) < 0.216]).toEqual([true, true]);
    expect([Number(ratio.min().item()) > 0.25, Number(ratio.max().item()) < 3.8]).toEqual([true, true]);
  });

  test('writes a value for each channel, or noise', () => {
    const images = torch.zeros(200, 2, 10, 10);
    const made = new transforms.RandomErasing({ p: 1, value: [1, 2] }).forward(images);
    expect([made.select(1, 0).max().item(), made.select(1, 1).max().item()]).toEqual([1, 2]);
    const noisy = new transforms.RandomErasing({ p: 1, value: 'random', generator: seeded(0) }).forward(images);
    const written = noisy.maskedSelect(noisy.ne(0));
    expect(Math.abs(Number(written.mean().item()))).toBeLessThan(5 / Math.sqrt(written.numel()));
    expect(Math.abs(Number(written.std().item()) - 1)).toBeLessThan(0.05);
  });
});

describe('mixing', () => {
  const images = noise(4, 1, 8, 6);
  const labels = torch.tensor([0, 2, 1, 2]);

  test('MixUp: one share for images and labels', () => {
    const [mixed, probabilities] = new transforms.MixUp({ numClasses: 3, alpha: 0.4, generator: seeded(2) }).forward([images, labels]);
    const share = Number((probabilities.select(0, 0).toArray() as number[])[0]); // label 0 mixed with label 2
    expect(share).toBeGreaterThan(0);
    expect(share).toBeLessThan(1);
    expectClose(
      mixed,
      images
        .mul(share)
        .add(images.roll(1, 0).mul(1 - share))
        .toArray() as Numbers,
      1e-6,
    );
    expectClose(probabilities.sum(1), [1, 1, 1, 1], 1e-6);
    expectClose(probabilities.select(0, 1), [1 - share, 0, share], 1e-6);
  });

  test('CutMix: the labels count by area', () => {
    for (let seed = 0; seed < 10; seed++) {
      const [mixed, probabilities] = new transforms.CutMix({ numClasses: 3, generator: seeded(seed) }).forward([images, labels]);
      const foreign = mixed.ne(images);
      const [h, w] = [foreign.select(0, 0).select(0, 0).any(1).sum().item(), foreign.select(0, 0).select(0, 0).any(0).sum().item()];
      expect(foreign.select(0, 0).sum().item()).toBe(Number(h) * Number(w));
      expect(torch.equal(mixed, torch.where(foreign, images.roll(1, 0), images))).toBe(true);
      expectClose(probabilities.select(0, 1), [1 - (1 - (Number(h) * Number(w)) / 48), 0, 1 - (Number(h) * Number(w)) / 48], 1e-6);
    }
  });

  test('shares follow Beta(alpha, alpha)', () => {
    const mix = new transforms.MixUp({ alpha: 2, numClasses: 2, generator: seeded(4) });
    const one = torch.ones(2, 1, 1, 1);
    const shares = Array.from({ length: 1000 }, () =>
      Number((mix.forward([one, torch.tensor([0, 1])])[1].toArray() as number[][])[0]?.[0]),
    );
    const mean = shares.reduce((a, b) => a + b) / 1000;
    const variance = shares.reduce((a, b) => a + (b - mean) ** 2, 0) / 1000;
    expect(Math.abs(mean - 0.5)).toBeLessThan(5 * Math.sqrt(0.05 / 1000)); // variance of Beta(2, 2): 1 / 20
    expect(Math.abs(variance - 0.05)).toBeLessThan(0.01);
  });

  test('labels may be probabilities', () => {
    const soft = torch.tensor([[1, 0], [0.5, 0.5], [0, 1], [1, 0]]); // biome-ignore format: rows
    const [, mixed] = new transforms.MixUp().forward([images, soft]);
    expectClose(mixed.sum(1), [1, 1, 1, 1], 1e-6);
  });
});

test('RandAugment: every image is changed by one of the operations, each drawn as often', () => {
  // So many pixels that equalize does something.
  const image = torch.randint(20, 200, [3, 24, 24], { dtype: 'uint8', generator: seeded(1) });
  const count = 1400;
  const images = image.expand([count, 3, 24, 24]).contiguous();
  const made = new transforms.RandAugment({ numOps: 1, magnitude: 9, generator: seeded(6) }).forward(images);
  expect([made.dtype, made.shape]).toEqual(['uint8', [count, 3, 24, 24]]);
  const [s, slope] = [0.9 * 0.3, (Math.atan(0.3 * 0.3) * 180) / Math.PI];
  const move = Math.trunc((150 / 331) * 24 * 0.3);
  const both = (f: (sign: number) => torch.Tensor) => [f(1), f(-1)];
  const wanted: torch.Tensor[][] = [
    [image],
    both((sign) => functional.affine(image, 0, [0, 0], 1, [sign * slope, 0], { center: [0, 0] })),
    both((sign) => functional.affine(image, 0, [0, 0], 1, [0, sign * slope], { center: [0, 0] })),
    both((sign) => functional.affine(image, 0, [sign * move, 0], 1, [0, 0])),
    both((sign) => functional.affine(image, 0, [0, sign * move], 1, [0, 0])),
    both((sign) => functional.rotate(image, sign * 9)),
    ...[functional.adjustBrightness, functional.adjustSaturation, functional.adjustContrast, functional.adjustSharpness].map((f) =>
      both((sign) => f(image, 1 + sign * s)),
    ),
    [functional.posterize(image, 7)],
    [functional.solarize(image, 255 * 0.7)],
    [functional.autocontrast(image)],
    [functional.equalize(image)],
  ];
  const found = torch.zeros(count, { dtype: 'int64' });
  for (const [k, choices] of wanted.entries()) {
    const distances = choices.map((choice) => made.to('int16').sub(choice.to('int16')).abs().flatten(1).amax(1));
    // A last digit of a float may decide for the next whole number; but by one is how far 7 bits are from the image itself.
    const hit = distances.reduce((a, b) => a.minimum(b)).le(k === 0 || k === 10 ? 0 : 1);
    found.add_(hit.to('int64'));
    // Binomial(1400, 1/14): mean 100, deviation 9.6.
    expect(Math.abs(Number(hit.sum().item()) - 100)).toBeLessThan(5 * 9.6);
  }
  expect(found.eq(1).all().item()).toBe(true);
});

const RANDOM: readonly [string, (generator?: torch.Generator) => data.transforms.Transform][] = [
  ['RandomHorizontalFlip', (generator) => new transforms.RandomHorizontalFlip({ generator })],
  ['RandomCrop', (generator) => new transforms.RandomCrop(8, { padding: 2, generator })],
  ['RandomResizedCrop', (generator) => new transforms.RandomResizedCrop(8, { generator })],
  ['RandomRotation', (generator) => new transforms.RandomRotation(30, { generator })],
  ['RandomAffine', (generator) => new transforms.RandomAffine(30, { translate: [0.2, 0.2], scale: [0.5, 2], shear: 10, generator })],
  ['RandomPerspective', (generator) => new transforms.RandomPerspective({ generator })],
  ['ColorJitter', (generator) => new transforms.ColorJitter({ brightness: 0.5, contrast: 0.5, saturation: 0.5, hue: 0.2, generator })],
  ['RandomGrayscale', (generator) => new transforms.RandomGrayscale({ p: 0.5, generator })],
  ['GaussianBlur', (generator) => new transforms.GaussianBlur(3, { generator })],
  ['RandomErasing', (generator) => new transforms.RandomErasing({ generator })],
  ['RandAugment', (generator) => new transforms.RandAugment({ generator })],
];

describe.each(RANDOM)('%s', (_, make) => {
  const images = noise(16, 3, 10, 10).float();

  test('is reproducible by its generator, by the global seed and by the loader', () => {
    const own = () => make(seeded(3)).forward(images);
    expect(torch.equal(own(), own())).toBe(true);
    const global = () => {
      torch.manualSeed(3);
      return make().forward(images);
    };
    expect(torch.equal(global(), global())).toBe(true);
    const transform = make();
    const loaded = () => {
      const loader = new data.DataLoader(new data.TensorDataset(images), {
        batchSize: 8,
        seed: 1,
        transform: ([x]) => transform.forward(x),
      });
      return torch.cat(Array.from(loader, (x) => x.clone().keep()));
    };
    expect(torch.equal(loaded(), loaded())).toBe(true);
  });

  test('treats each image differently, keeps the dtype, leaves the input alone, and no tensor behind', () => {
    const same = images.narrow(0, 0, 1).expand([16, 3, 10, 10]);
    const made = make(seeded(1)).forward(same);
    const kinds = new Set(rows(made).map((image) => JSON.stringify(image.toArray())));
    expect(kinds.size).toBeGreaterThan(1);
    const whole = bytes(4, 3, 10, 10);
    const before = whole.clone();
    expect(make().forward(whole).dtype).toBe('uint8');
    expect(torch.equal(whole, before)).toBe(true);
    const transform = make();
    const run = () => torch.scope(() => void transform.forward(images));
    run();
    const tensors = liveTensors();
    run();
    expect(liveTensors()).toBe(tensors);
  });
});

describe('bad arguments get one clear sentence', () => {
  const image = noise(3, 4, 4);
  test.each<[() => unknown, string]>([
    [() => new transforms.RandomCrop(0), 'Expected a positive whole number, or two of them, for size but received number 0'],
    [() => new transforms.RandomCrop(2, { padding: [1, 2, 3] as never }), 'Expected 1, 2 or 4 whole numbers from 0 for padding'],
    [
      () => new transforms.RandomCrop(2).forward(torch.ones(4)),
      'Expected an image [C, H, W] or images [N, C, H, W] for RandomCrop but received tensor',
    ],
    [() => new transforms.RandomHorizontalFlip({ p: 2 }), 'Expected a number in [0, 1] for p but received number 2'],
    [() => new transforms.RandomResizedCrop(2, { scale: [1, 0] }), 'Expected two numbers from 0 to 1, the smaller first, for scale'],
    [() => new transforms.RandomRotation(-1), 'Expected a number from 0, or two numbers, for degrees but received number -1'],
    [() => new transforms.RandomAffine(1, { translate: [2, 0] }), 'Expected numbers in [0, 1] for translate'],
    [() => new transforms.ColorJitter({ hue: 0.6 }), 'for hue'],
    [() => new transforms.GaussianBlur(2), 'Expected odd numbers for kernelSize but received number 2'],
    [() => new transforms.RandAugment({ magnitude: 31 }), 'Expected a whole number in [0, 31) for magnitude but received number 31'],
    [() => new transforms.Compose([{} as never]), 'Expected a transform for transform 0 of Compose but received an object'],
    [() => new transforms.MixUp({ alpha: 0 }), 'Expected a number above 0 for alpha but received number 0'],
    [
      () => new transforms.MixUp().forward([noise(2, 1, 2, 2), torch.tensor([0, 1])]),
      'Expected labels [N, classes], or [N] and numClasses, for MixUp',
    ],
    [
      () => new transforms.RandomHorizontalFlip({ generator: 3 as never }),
      'Expected a torch.Generator for generator but received number 3',
    ],
    [
      () => functional.normalize(bytes(3, 2, 2), 0, 1),
      'Expected an image of a floating-point dtype for normalize but received tensor uint8',
    ],
    [() => functional.normalize(image, 0, 0), 'Expected numbers other than 0 for std but received number 0'],
    [() => functional.normalize(image, [1, 2], 1), 'Expected 1 or 3 numbers for mean but received an array of 2'],
    [() => functional.adjustHue(image, 0.6), 'Expected a number in [-0.5, 0.5] for hueFactor but received number 0.6'],
    [() => functional.adjustBrightness(image, -1), 'Expected a number from 0 for brightnessFactor but received number -1'],
    [() => functional.adjustBrightness(noise(2, 4, 4), 1), 'Expected an image with 1 or 3 channels for adjustBrightness'],
    [() => functional.adjustBrightness(image, column(1, 2)), 'Expected a number for brightnessFactor but received tensor float64[2] cpu'],
    [
      () => functional.pad(image, 4, { paddingMode: 'reflect' }),
      'Expected at most 3 for an image of 4 for padding (reflect) but received number 4',
    ],
    [
      () => functional.pad(image, 1, { paddingMode: 'x' as never }),
      "Expected 'constant', 'edge', 'reflect' or 'symmetric' for paddingMode",
    ],
    [() => functional.resize(image, [2, 3], { maxSize: 5 }), 'Expected one number for size beside maxSize for resize'],
    [
      () => functional.resize(image, [2, 3], { interpolation: 'x' as never }),
      "Expected 'nearest', 'bilinear' or 'bicubic' for interpolation",
    ],
    [() => functional.affine(image, 10, undefined as never, 1, [0, 0]), 'Expected [x, y] for translate but received nothing'],
    [() => functional.affine(image, 10, [0, 0], 1, [1] as never), 'Expected [x, y] for shear but received an array of 1'],
    [() => functional.rotate(image, 10, { fill: [1, 2] }), 'Expected 1 or 3 numbers for fill but received an array of 2'],
    [() => functional.toDtype(image.float(), 'int64', { scale: true }), 'Expected a dtype of at most 15 bits for scaling a float32 image'],
  ])('%#', (call, message) => {
    expect(call).toThrow(message);
  });
});
