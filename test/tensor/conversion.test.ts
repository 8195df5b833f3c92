/** From one dtype to another to the last bit, and from tensors to JavaScript values and back. */

import type { DType } from '../../lib';
import * as torch from '../../lib';
import { flatten } from '../reference/compare';
import { decodeTensor, type EncodedTensor, isComplexDType } from '../reference/decode';
import { readTable, withTitles } from '../reference/tables';

function isWide(dtype: string): boolean {
  return dtype === 'int64' || dtype === 'uint64';
}

/** The stored elements: 64-bit integers as bigint, everything else as number or boolean. */
function exact({ data, dtype }: EncodedTensor): (number | boolean | bigint)[] {
  return data.map((value) => (typeof value === 'boolean' ? value : isWide(dtype) ? BigInt(value) : Number(value)));
}

function elements(tensor: torch.Tensor): unknown[] {
  return flatten(tensor).map((value) => (isWide(tensor.dtype) && typeof value === 'number' ? BigInt(value) : value));
}

describe('to', () => {
  const cases = withTitles(readTable('conversion'), ({ x, dtype }) => `${x.dtype} to ${dtype}`);
  test.each(cases)('%s', (_, { x, dtype, result, bits }) => {
    torch.scope(() => {
      const source = decodeTensor(x);
      const got = source.to(dtype as DType);
      expect(got.dtype).toBe(dtype);
      expect(elements(got)).toEqual(exact(result));
      if (bits !== undefined) {
        // A NaN has many patterns; which one is the processor's choice.
        const isNaNAt = exact(result).map((value) => Number.isNaN(value));
        const read = Array.from(got.toTypedArray(), Number);
        expect(read.map((value, i) => (isNaNAt[i] ? 0 : value))).toEqual(bits.map((value, i) => (isNaNAt[i] ? 0 : value)));
      }
      // What was stored comes back.
      if (!isComplexDType(x.dtype)) expect(elements(source)).toEqual(exact(x));
    });
  });

  test('to the same dtype gives the tensor itself, a copy on demand', () => {
    torch.scope(() => {
      const x = torch.tensor([1, 2], { dtype: 'float32' });
      x.to('float32').fill_(5);
      expect(x.toArray()).toEqual([5, 5]);
      x.to('float32', { copy: true }).fill_(7);
      expect(x.toArray()).toEqual([5, 5]);
    });
  });

  test('the short names', () => {
    torch.scope(() => {
      const x = torch.tensor([1.5, -2]);
      expect([x.float(), x.double(), x.half(), x.bfloat16(), x.int(), x.long(), x.bool()].map(({ dtype }) => dtype)).toEqual([
        'float32',
        'float64',
        'float16',
        'bfloat16',
        'int32',
        'int64',
        'bool',
      ]);
    });
  });
});

describe('from JavaScript values', () => {
  test.each(withTitles(readTable('constants'), ({ dtype }) => dtype))('%s', (_, { values, dtype, result }) => {
    torch.scope(() => {
      const numbers = values.map((value) => (typeof value === 'string' ? Number(value) : value));
      const got = torch.tensor(numbers, { dtype: dtype as DType });
      expect(elements(got)).toEqual(exact(result));
    });
  });

  test('dtypes that follow from the values', () => {
    torch.scope(() => {
      const dtypes = [[1.5], [true], [1n], [{ re: 1, im: 2 }], [1.5, 2], [true, 2.5]].map((values) => torch.tensor(values).dtype);
      expect(dtypes).toEqual(['float32', 'bool', 'int64', 'complex64', 'float32', 'float32']);
    });
  });
});

describe('int64 and bigint', () => {
  const wide = 2n ** 53n + 1n;

  test('numbers where all are exact, else bigints', () => {
    torch.scope(() => {
      const small = torch.tensor([1n, -(2n ** 53n - 1n)]);
      const large = torch.tensor([1n, wide]);
      expect(small.toArray()).toEqual([1, -(2 ** 53 - 1)]);
      expect(large.toArray()).toEqual([1n, wide]);
      expect([small.index(0).item(), large.index(0).item(), large.index(1).item()]).toEqual([1, 1, wide]);
    });
  });

  test('typed arrays hold bigints', () => {
    torch.scope(() => {
      const x = torch.tensor([wide, -(2n ** 63n), 2n ** 63n - 1n], { dtype: 'int64' });
      const read = x.toTypedArray();
      expect(read).toBeInstanceOf(BigInt64Array);
      expect(Array.from(read as BigInt64Array)).toEqual([wide, -(2n ** 63n), 2n ** 63n - 1n]);
    });
  });

  test('a bigint argument keeps every digit', () => {
    torch.scope(() => {
      expect(torch.zeros([1], { dtype: 'int64' }).add(wide).item()).toBe(wide);
      expect(torch.full([1], wide).item()).toBe(wide);
    });
  });

  test('beyond 64 bits: an error', () => {
    torch.scope(() => {
      expect(() => torch.tensor([2n ** 63n])).toThrow(/Expected/);
      expect(() => torch.zeros([1], { dtype: 'int64' }).add(2n ** 64n)).toThrow(/Expected/);
    });
  });
});
