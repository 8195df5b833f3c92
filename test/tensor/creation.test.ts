/** Tensors from JavaScript memory: views and copies, offsets, alignment, other realms. */

import vm from 'node:vm';
import * as torch from '../../lib';

test('fromTypedArray sees the array, and the array sees it', () => {
  const array = new Float32Array([1, 2, 3, 4]);
  const x = torch.fromTypedArray(array, { shape: [2, 2] });
  array[0] = 9;
  x.index(1, 1).fill_(7);
  expect(x.toArray()).toEqual([
    [9, 2],
    [3, 7],
  ]);
  expect([...array]).toEqual([9, 2, 3, 7]);
});

test('with copy it does not', () => {
  const array = new Float32Array([1, 2]);
  const x = torch.fromTypedArray(array, { copy: true });
  array[0] = 9;
  expect(x.toArray()).toEqual([1, 2]);
});

test('every kind of typed array, and a part of one', () => {
  const pairs: [ArrayBufferView, torch.DType][] = [
    [new Float32Array(2), 'float32'],
    [new Float64Array(2), 'float64'],
    [new Int8Array(2), 'int8'],
    [new Int16Array(2), 'int16'],
    [new Int32Array(2), 'int32'],
    [new BigInt64Array(2), 'int64'],
    [new Uint8Array(2), 'uint8'],
    [Buffer.alloc(2), 'uint8'],
  ];
  for (const [array, dtype] of pairs) expect(torch.fromTypedArray(array).dtype).toBe(dtype);
  expect(torch.fromTypedArray(new Float32Array([1, 2, 3, 4]).subarray(2)).toArray()).toEqual([3, 4]);
});

test('bits of another dtype', () => {
  // 1.0 as bfloat16 is 0x3f80, as float16 0x3c00
  expect(torch.fromTypedArray(new Uint16Array([0x3f80]), { dtype: 'bfloat16' }).item()).toBe(1);
  expect(torch.fromTypedArray(new Uint16Array([0x3c00]), { dtype: 'float16' }).item()).toBe(1);
  expect(torch.fromTypedArray(new Float32Array([1, 2]), { dtype: 'complex64' }).toArray()).toEqual([{ re: 1, im: 2 }]);
});

test('shared memory, and arrays of another realm', () => {
  const shared = new Float32Array(new SharedArrayBuffer(8));
  const x = torch.fromTypedArray(shared);
  x.fill_(3);
  expect([...shared]).toEqual([3, 3]);
  const foreign = vm.runInNewContext('new Float32Array([5, 6])') as Float32Array;
  expect(torch.fromTypedArray(foreign).toArray()).toEqual([5, 6]);
});

test('fromBlob with an offset', () => {
  const { buffer } = new Float64Array([1, 2, 3]);
  expect(torch.fromBlob(buffer, [2], { dtype: 'float64', byteOffset: 8 }).toArray()).toEqual([2, 3]);
});

test('the array outlives its last JavaScript reference as long as the tensor lives', () => {
  const x = (() => torch.fromTypedArray(new Float32Array(100_000).fill(4)))();
  for (let i = 0; i < 3; i++) torch.memory({ collect: true });
  expect(x.sum().item()).toBe(400_000);
});

test.each<[string, () => unknown, RegExp]>([
  ['a shape of another size', () => torch.fromTypedArray(new Float32Array(4), { shape: [3] }), /product of 4/],
  ['memory that is not aligned', () => torch.fromBlob(new ArrayBuffer(12), [1], { dtype: 'float64', byteOffset: 4 }), /aligned to 8 bytes/],
  ['too small a buffer', () => torch.fromBlob(new ArrayBuffer(8), [100]), /at least 400 bytes/],
  ['a negative size', () => torch.fromBlob(new ArrayBuffer(8), [-1]), /from 0/],
  ['an offset behind the end', () => torch.fromBlob(new ArrayBuffer(8), [1], { byteOffset: 1e9 }), /bytes at offset/],
])('%s is an error', (_, fn, message) => {
  expect(fn).toThrow(message);
});
