import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inflateSync } from 'node:zlib';
import { PNG } from 'pngjs';
import type { Tensor } from '../../../lib';
import * as torch from '../../../lib';
import { io } from '../../../lib';
import { liveTensors } from '../../live';

interface Case {
  readonly name: string;
  readonly dtype: 'float32' | 'float64' | 'uint8';
  readonly input: torch.NestedArray;
  readonly options: io.MakeGridOptions;
  readonly grid: torch.NestedArray;
  /** RGB or RGBA bytes of the file; null where torchvision makes nothing sensible. */
  readonly pixels: number[][][] | null;
}
const cases: Case[] = JSON.parse(readFileSync(join(__dirname, 'make-grid.json'), 'utf8'));
const titled = cases.map((stored) => [`${stored.name} ${stored.dtype} ${JSON.stringify(stored.options)}`, stored] as const);

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'image-'));
  path = join(folder, 'x.png');
});
afterEach(() => rmSync(folder, { recursive: true }));

/** What another decoder finds: RGBA, [4, height, width], and the file's own colour type. */
function decode(bytes: Uint8Array): { colorType: number; rgba: Tensor } {
  const { width, height, data } = PNG.sync.read(Buffer.from(bytes));
  return {
    colorType: bytes[25] as number,
    rgba: torch
      .tensor([...data], { dtype: 'uint8' })
      .view([height, width, 4])
      .permute([2, 0, 1]),
  };
}

/** As RGBA, from [1, 3 or 4, height, width]. */
function toRgba(image: Tensor): Tensor {
  if (image.shape[0] === 4) return image;
  const [, height, width] = image.shape as [number, number, number];
  return torch.cat([image.expand([3, -1, -1]), torch.full([1, height, width], 255, { dtype: 'uint8' })]);
}

describe('makeGrid', () => {
  test.each(titled)('equals torchvision: %s', (_, { dtype, input, options, grid }) => {
    const images = torch.tensor(input as number[], { dtype });
    const made = io.makeGrid(images, options);
    expect(made.dtype).toBe(dtype);
    expect(made.shape).toEqual(torch.tensor(grid as number[]).shape);
    expect(made.equal(torch.tensor(grid as number[], { dtype }))).toBe(true);
  });

  test('takes a list, leaves its input as it was, and has no gradient', () => {
    const images = torch.rand([3, 3, 4, 5], { requiresGrad: true });
    const before = images.detach().clone();
    const whole = io.makeGrid(images, { normalize: true });
    expect(io.makeGrid(images.unbind(0), { normalize: true }).equal(whole)).toBe(true);
    expect(images.detach().equal(before)).toBe(true);
    expect(whole.requiresGrad).toBe(false);
    const one = io.makeGrid(images.detach().narrow(0, 0, 1));
    one.fill_(9);
    expect(images.detach().equal(before)).toBe(true);
  });

  test('lays each image where it should be', () => {
    const images = torch.rand([7, 3, 2, 4]);
    const grid = io.makeGrid(images, { nrow: 3, padding: 1, padValue: 2 });
    expect(grid.shape).toEqual([3, 3 * 3 + 1, 3 * 5 + 1]);
    for (let k = 0; k < 7; k++) {
      const cell = grid.narrow(1, Math.floor(k / 3) * 3 + 1, 2).narrow(2, (k % 3) * 5 + 1, 4);
      expect(cell.equal(images.select(0, k))).toBe(true);
    }
    expect(grid.eq(2).sum().item()).toBe(3 * 10 * 16 - 7 * 3 * 8);
  });

  test.each([
    [[[1]], {}, 'Expected a tensor for image 0 but received an array of 1'],
    [[], {}, 'Expected at least one image for images but received an array of 0'],
    ['x', {}, 'Expected a tensor or a list of them for images but received string "x"'],
    [
      [torch.ones(3, 2, 2), torch.ones(3, 2, 1)],
      {},
      'Expected [3, 2, 2] as of image 0 for image 1 but received tensor float32[3, 2, 1] cpu',
    ],
    [torch.ones(4), {}, 'Expected [batch, channels, height, width], [channels, height, width] or [height, width] with pixels for images'],
    [torch.ones(0, 3, 2, 2), {}, 'with pixels for images but received tensor float32[0, 3, 2, 2] cpu'],
    [torch.ones(2, 3, 2, 2), { nrow: 0 }, 'Expected a positive whole number for nrow but received number 0'],
    [torch.ones(2, 3, 2, 2), { padding: -1 }, 'Expected a whole number of at least 0 for padding but received number -1'],
    [torch.ones(2, 3, 2, 2), { padValue: 'x' }, 'Expected a number for padValue but received string "x"'],
    [
      torch.ones(2, 3, 2, 2),
      { normalize: true, valueRange: [1] },
      'Expected two numbers, [low, high] for valueRange but received an array of 1',
    ],
    [torch.ones(2, 2, { dtype: 'uint8' }), { normalize: true }, 'Expected images of a floating point dtype for makeGrid with normalize'],
  ])('refuses %#', (images, options, message) => {
    expect(() => io.makeGrid(images as Tensor, options as io.MakeGridOptions)).toThrow(message);
  });
});

describe('encodePng', () => {
  // Noise, slopes and flat areas have rows for which each of the five filters is the best.
  const slope = torch
    .arange(40)
    .mul(3)
    .view([1, 1, 40])
    .add(torch.arange(30).mul(5).view([1, 30, 1]))
    .remainder(256)
    .to('uint8');
  const images = {
    noise: (channels: number) => torch.randint(0, 256, [channels, 30, 40], { dtype: 'uint8' }),
    slope: (channels: number) => slope.expand([channels, -1, -1]),
    bent: (channels: number) => slope.to('int32').square().bitwiseRightShift(6).bitwiseAnd(255).to('uint8').expand([channels, -1, -1]),
    flat: (channels: number) => torch.full([channels, 30, 40], 77, { dtype: 'uint8' }),
    pixel: (channels: number) => torch.full([channels, 1, 1], 200, { dtype: 'uint8' }),
    row: (channels: number) => torch.randint(0, 256, [channels, 1, 9], { dtype: 'uint8' }),
    column: (channels: number) => torch.randint(0, 256, [channels, 9, 1], { dtype: 'uint8' }),
    view: (channels: number) => torch.randint(0, 256, [40, 30, channels], { dtype: 'uint8' }).permute([2, 1, 0]),
  };

  test.each(Object.entries(images))('%s: another decoder finds the same pixels, whatever the channels and the level', (_, make) => {
    for (const [channels, type] of [
      [1, 0],
      [3, 2],
      [4, 6],
    ] as const) {
      for (const compressionLevel of [0, 6, 9]) {
        const image = make(channels);
        const { colorType, rgba } = decode(io.encodePng(image, { compressionLevel }));
        expect(colorType).toBe(type);
        expect(rgba.equal(toRgba(image))).toBe(true);
      }
    }
  });

  test('these images need each of the five filters', () => {
    const used = new Set<number>();
    for (const make of Object.values(images)) {
      const image = make(3);
      const bytes = io.encodePng(image);
      const rows = inflateSync(bytes.subarray(8 + 25 + 8, -12 - 4));
      const length = 1 + 3 * (image.shape[2] as number);
      for (let at = 0; at < rows.length; at += length) used.add(rows[at] as number);
    }
    expect([...used].sort()).toEqual([0, 1, 2, 3, 4]);
  });

  test('smooth images take far less room than they have bytes', () => {
    const image = torch
      .linspace(0, 255, 256)
      .view([1, 1, -1])
      .add(torch.linspace(0, 200, 200).view([1, -1, 1]))
      .div(2)
      .to('uint8');
    expect(io.encodePng(image.expand([3, -1, -1])).length).toBeLessThan((3 * 256 * 200) / 50);
  });

  test.each([
    [torch.ones(3, 2, 2), {}, 'Expected a uint8 tensor for image but received tensor float32[3, 2, 2] cpu'],
    [torch.ones(2, 2, 2).to('uint8'), {}, 'Expected [1, 3 or 4 channels, height, width] with pixels for image'],
    [torch.ones(3, 0, 2).to('uint8'), {}, 'Expected [1, 3 or 4 channels, height, width] with pixels for image'],
    [torch.ones(3, 2).to('uint8'), {}, 'Expected [1, 3 or 4 channels, height, width] with pixels for image'],
    [
      torch.ones(3, 2, 2).to('uint8'),
      { compressionLevel: 10 },
      'Expected a whole number from 0 to 9 for compressionLevel but received number 10',
    ],
  ])('refuses %#', (image, options, message) => {
    expect(() => io.encodePng(image, options)).toThrow(message);
  });
});

describe('saveImage', () => {
  test.each(titled.filter(([, { pixels }]) => pixels !== null))(
    'has the pixels of torchvision: %s',
    (_, { dtype, input, options, pixels }) => {
      io.saveImage(torch.tensor(input as number[], { dtype }), path, options);
      const { rgba } = decode(readFileSync(path));
      expect(rgba.equal(toRgba(torch.tensor(pixels as number[][][], { dtype: 'uint8' })))).toBe(true);
      expect(readdirSync(folder)).toEqual(['x.png']);
    },
  );

  test('takes bytes as they are, and writes one channel as gray', () => {
    const bytes = torch.arange(8, { dtype: 'uint8' }).mul(30).view([2, 1, 2, 2]);
    io.saveImage(bytes, path, { padding: 0 });
    const { colorType, rgba } = decode(readFileSync(path));
    expect(colorType).toBe(0);
    expect(rgba.select(0, 0).toArray()).toEqual([
      [0, 30, 120, 150],
      [60, 90, 180, 210],
    ]);
  });

  test.each([
    [torch.ones(3, 2, 2), 'x.jpg', 'Expected a path that ends in .png for saveImage but received string "x.jpg"'],
    [
      torch.ones(3, 2, 2).long(),
      'x.png',
      'Expected images of a floating point dtype or uint8 for saveImage but received tensor int64[3, 2, 2] cpu',
    ],
    [
      torch.ones(2, 2, 2),
      'x.png',
      'Expected [1, 3 or 4 channels, height, width] with pixels for image but received tensor uint8[2, 2, 2] cpu',
    ],
  ])('refuses %#', (image, name, message) => {
    expect(() => io.saveImage(image, name)).toThrow(message);
  });

  test('leaves no tensors behind', () => {
    const images = torch.rand([3, 3, 4, 4]);
    const before = liveTensors();
    for (let k = 0; k < 5; k++) io.saveImage(images, path, { normalize: true, scaleEach: true });
    expect(liveTensors()).toBe(before);
  });
});
