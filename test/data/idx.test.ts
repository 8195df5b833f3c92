import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { parseIdx, readIdx } from '../../lib/data';

/** An IDX file from bytes: element type, sizes, big-endian elements. */
function idx(type: number, shape: readonly number[], elements: readonly number[]): Buffer {
  const sizes = Buffer.alloc(4 * shape.length);
  for (const [axis, size] of shape.entries()) sizes.writeUInt32BE(size, 4 * axis);
  return Buffer.concat([Buffer.from([0, 0, type, shape.length]), sizes, Buffer.from(elements)]);
}

describe('parseIdx', () => {
  test.each([
    ['unsigned bytes', 0x08, [0, 255], new Uint8Array([0, 255])],
    ['signed bytes', 0x09, [0x80, 0x7f], new Int8Array([-128, 127])],
    ['16-bit integers', 0x0b, [0xff, 0xfe, 0x01, 0x00], new Int16Array([-2, 256])],
    ['32-bit integers', 0x0c, [0, 0, 1, 0, 0xff, 0xff, 0xff, 0xff], new Int32Array([256, -1])],
    ['floats', 0x0d, [0x3f, 0xc0, 0, 0, 0xc0, 0, 0, 0], new Float32Array([1.5, -2])],
    ['doubles', 0x0e, [0x3f, 0xf8, 0, 0, 0, 0, 0, 0, 0xc0, 0, 0, 0, 0, 0, 0, 0], new Float64Array([1.5, -2])],
  ])('reads %s', (_, type, elements, wanted) => {
    expect(parseIdx(idx(type, [2], elements))).toEqual({ shape: [2], data: wanted });
  });

  test('keeps the shape, also a scalar and an empty one', () => {
    expect(parseIdx(idx(8, [1, 2, 3], [1, 2, 3, 4, 5, 6]))).toEqual({ shape: [1, 2, 3], data: new Uint8Array([1, 2, 3, 4, 5, 6]) });
    expect(parseIdx(idx(8, [], [9]))).toEqual({ shape: [], data: new Uint8Array([9]) });
    expect(parseIdx(idx(8, [0, 5], []))).toEqual({ shape: [0, 5], data: new Uint8Array() });
  });

  test.each([
    ['an empty file', Buffer.alloc(0), 'Expected an IDX header of at least 4 bytes in x.idx but received 0 bytes'],
    ['another format', Buffer.from('PK\u0003\u0004'), 'Expected an IDX header that starts with two zero bytes in x.idx but received 50 4b'],
    ['an unknown type', idx(0x0a, [1], [1]), 'Expected one of the IDX element types 08, 09, 0b, 0c, 0d, 0e in x.idx but received 0a'],
    [
      'a cut header',
      idx(8, [2, 2], []).subarray(0, 9),
      'Expected an IDX header of 12 bytes for 2 dimensions in x.idx but received 9 bytes',
    ],
    ['too few elements', idx(8, [2, 2], [1, 2, 3]), 'Expected 4 bytes of elements for the shape [2, 2] in x.idx but received 3'],
    ['too many elements', idx(8, [1], [1, 2]), 'Expected 1 bytes of elements for the shape [1] in x.idx but received 2'],
    [
      'sizes that nobody has the memory for',
      idx(0x0e, [0xffffffff, 0xffffffff, 0xffffffff], [1]),
      'bytes of elements for the shape [4294967295, 4294967295, 4294967295]',
    ],
  ])('refuses %s', (_, bytes, message) => {
    expect(() => parseIdx(bytes, 'x.idx')).toThrow(message);
  });

  test('random bytes are refused or read, and never more is allocated than they warrant', () => {
    let state = 12345;
    const random = (below: number): number => {
      state = (Math.imul(state, 1103515245) + 12345) >>> 0;
      return Math.floor((state / 2 ** 32) * below);
    };
    for (let round = 0; round < 5000; round++) {
      const bytes = idx(
        [8, 9, 11, 12, 13, 14, 7][random(7)] as number,
        Array.from({ length: random(4) }, () => random(4)),
        [],
      );
      const noisy = Buffer.concat([bytes, Buffer.from(Array.from({ length: random(40) }, () => random(256)))]);
      if (random(3) === 0) noisy[random(noisy.length)] = random(256);
      try {
        const { shape, data } = parseIdx(noisy);
        expect(data.length).toBe(shape.reduce((product, size) => product * size, 1));
        expect(data.byteLength).toBeLessThanOrEqual(noisy.length);
      } catch (error) {
        expect((error as Error).message).toMatch(/^Expected .* but received /);
      }
    }
  });
});

describe('readIdx', () => {
  const folder = mkdtempSync(join(tmpdir(), 'idx-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  test('reads plain and compressed files alike, whatever their name', () => {
    const bytes = idx(8, [3], [1, 2, 3]);
    writeFileSync(join(folder, 'plain.gz'), bytes);
    writeFileSync(join(folder, 'packed'), gzipSync(bytes));
    expect(readIdx(join(folder, 'plain.gz'))).toEqual(readIdx(join(folder, 'packed')));
  });

  test('says so when a compressed file is damaged', () => {
    writeFileSync(join(folder, 'cut.gz'), gzipSync(Buffer.alloc(1000, 7)).subarray(0, 20));
    expect(() => readIdx(join(folder, 'cut.gz'))).toThrow('Expected a whole gzip file in cut.gz but unpacking it failed');
  });
});
