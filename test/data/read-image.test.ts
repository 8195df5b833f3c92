import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Transformer } from '@napi-rs/image';
import { data } from '../../lib';
import { png } from './support/png';

const SIZE = { width: 2, height: 1 };

test('RGB: planes of red, green and blue by rows', () => {
  const rows = [
    [1, 2, 3, 4, 5, 6],
    [7, 8, 9, 10, 11, 12],
    [13, 14, 15, 16, 17, 18],
  ];
  const image = data.decodeImage(png({ width: 2, height: 3, colorType: 2, bitDepth: 8, rows }));
  expect([image.dtype, image.shape, image.isContiguous()]).toEqual(['uint8', [3, 3, 2], true]);
  expect(image.flatten().toArray()).toEqual([1, 4, 7, 10, 13, 16, 2, 5, 8, 11, 14, 17, 3, 6, 9, 12, 15, 18]);
});

test.each([
  ['grey of 8 bits', { colorType: 0, bitDepth: 8, rows: [[10, 200]] }, [10, 200, 10, 200, 10, 200], [10, 200]],
  ['grey of 1 bit', { colorType: 0, bitDepth: 1, rows: [[0b01000000]] }, [0, 255, 0, 255, 0, 255], [0, 255]],
  ['grey of 16 bits', { colorType: 0, bitDepth: 16, rows: [[10, 99, 200, 1]] }, [10, 200, 10, 200, 10, 200], [10, 200]],
  ['grey with alpha', { colorType: 4, bitDepth: 8, rows: [[10, 0, 200, 9]] }, [10, 200, 10, 200, 10, 200], [10, 200]],
  ['RGB with alpha', { colorType: 6, bitDepth: 8, rows: [[255, 0, 0, 5, 0, 255, 0, 0]] }, [255, 0, 0, 255, 0, 0], [76, 150]],
  ['RGB of 16 bits', { colorType: 2, bitDepth: 16, rows: [[1, 9, 2, 9, 3, 9, 4, 9, 5, 9, 6, 9]] }, [1, 4, 2, 5, 3, 6], [2, 5]],
  ['a palette', { colorType: 3, bitDepth: 8, rows: [[1, 0]], palette: [7, 8, 9, 0, 0, 255] }, [0, 7, 0, 8, 255, 9], [29, 8]],
])('%s', (_, picture, colours, greys) => {
  const bytes = png({ ...SIZE, ...picture });
  const [rgb, grey] = [data.decodeImage(bytes), data.decodeImage(bytes, { mode: 'grey' })];
  expect([rgb.shape, grey.shape]).toEqual([
    [3, 1, 2],
    [1, 1, 2],
  ]);
  // The greys are Pillow's: (19595 R + 38470 G + 7471 B + 32768) >> 16.
  expect([rgb.dtype, rgb.flatten().toArray(), grey.dtype, grey.flatten().toArray()]).toEqual(['uint8', colours, 'uint8', greys]);
});

describe('JPEG', () => {
  const pixels = Uint8Array.from({ length: 4 * 40 * 24 }, (_, k) => [200, 100, 50, 255][k % 4] as number);
  const jpeg = Transformer.fromRgbaPixels(pixels, 40, 24).jpegSync(100);

  test('comes out in its colours and size', () => {
    const image = data.decodeImage(jpeg);
    expect(image.shape).toEqual([3, 24, 40]);
    for (const [channel, colour] of [200, 100, 50].entries()) {
      const difference = image.select(0, channel).to('float32').sub(colour).abs().max();
      expect(Number(difference.item())).toBeLessThanOrEqual(2);
    }
  });

  test('that claims to be huge is refused', () => {
    const huge = Buffer.from(jpeg);
    huge.writeUInt32BE(0xffff_ffff, huge.indexOf(Buffer.of(0xff, 0xc0, 0x00, 0x11)) + 5);
    expect(() => data.decodeImage(huge)).toThrow(`but received 65535 x 65535 pixels in ${huge.length} bytes`);
  });

  test('that was cut is refused, wherever', () => {
    for (let length = 0; length < jpeg.length - 1; length += 7)
      expect(() => data.decodeImage(jpeg.subarray(0, length))).toThrow('Expected a whole PNG or JPEG file in the buffer but received');
  });
});

test('files that are none, are cut, or claim to be huge are refused', () => {
  const whole = png({ ...SIZE, colorType: 0, bitDepth: 8, rows: [[1, 2]] });
  const refused = (bytes: Buffer, message: string): void => expect(() => data.decodeImage(bytes, { name: 'a.png' })).toThrow(message);
  refused(Buffer.alloc(0), 'Expected a whole PNG or JPEG file in a.png but received no bytes');
  refused(Buffer.from('GIF89a and more'), 'Expected a whole PNG or JPEG file in a.png but received something else');
  for (const length of [8, 20, 40, 50]) refused(whole.subarray(0, length), 'Expected a whole PNG or JPEG file in a.png');
  const broken = Buffer.from(whole);
  broken[45] = (broken[45] as number) ^ 0xff;
  refused(broken, 'Expected a whole PNG or JPEG file in a.png');
  const huge = png({ width: 10000, height: 10000, colorType: 2, bitDepth: 8, rows: [[1]] });
  refused(huge, `received 10000 x 10000 pixels in ${huge.length} bytes`);
  // @ts-expect-error no such mode
  expect(() => data.decodeImage(whole, { mode: 'cmyk' })).toThrow("Expected 'rgb' or 'grey' for mode but received string \"cmyk\"");
  // @ts-expect-error no bytes
  expect(() => data.decodeImage('a.png')).toThrow('Expected the bytes of a picture for bytes');
});

test('damaged files give pictures or one kind of error, never a crash', () => {
  const pixels = Uint8Array.from({ length: 4 * 64 * 48 }, (_, k) => (37 * k) & 255);
  const sources = [Transformer.fromRgbaPixels(pixels, 64, 48).jpegSync(80), Transformer.fromRgbaPixels(pixels, 64, 48).pngSync()];
  let state = 1;
  const random = (below: number): number => {
    state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff;
    return (state >> 8) % below;
  };
  for (let round = 0; round < 1000; round++) {
    const bytes = Buffer.from(sources[round % 2] as Buffer);
    for (let k = random(4); k >= 0; k--) bytes[random(k % 2 === 0 ? 600 : bytes.length)] = random(256);
    try {
      expect(data.decodeImage(bytes).shape[0]).toBe(3);
    } catch (error) {
      expect((error as Error).message).toMatch(/^Expected a whole PNG or JPEG file in the buffer/);
    }
  }
});

test('files are named in errors', () => {
  const folder = mkdtempSync(join(tmpdir(), 'image-'));
  try {
    writeFileSync(join(folder, 'a.png'), png({ ...SIZE, colorType: 0, bitDepth: 8, rows: [[1, 2]] }));
    writeFileSync(join(folder, 'b.jpg'), 'no picture');
    expect(data.readImage(join(folder, 'a.png'), { mode: 'grey' }).flatten().toArray()).toEqual([1, 2]);
    expect(() => data.readImage(join(folder, 'b.jpg'))).toThrow('Expected a whole PNG or JPEG file in b.jpg but received something else');
    expect(() => data.readImage(join(folder, 'c.png'))).toThrow('but found none');
  } finally {
    rmSync(folder, { recursive: true });
  }
});
