/** `x.index(...)` and `x.indexPut_([...], value)` against Python's `x[...]` and `x[...] = value`. */

import * as torch from '../../lib';
import { slice } from '../../lib';
import { difference, flatten } from '../reference/compare';
import { decode, decodeTensor } from '../reference/decode';
import { decodeIndex, indexText, readTable, withTitles } from '../reference/tables';

describe('reading', () => {
  const cases = withTitles(readTable('indexing'), ({ x, index }) => `[${x.shape}] at ${indexText(index)}`);
  test.each(cases)('%s', (_, { x, index, result, view }) => {
    torch.scope(() => {
      const base = decodeTensor(x);
      const got = base.index(...index.map(decodeIndex));
      expect(difference(got, result)).toBeNull();
      // A view shares its memory, a copy does not.
      if (got.numel() > 0) {
        const before = flatten(base);
        got.zero_();
        expect(flatten(base).some((value, i) => value !== before[i])).toBe(view);
      }
    });
  });

  test('gradients reach what was read, as often as it was read', () => {
    torch.scope(() => {
      const x = torch.tensor([1, 2, 3, 4], { dtype: 'float64', requiresGrad: true });
      x.index([0, 2, 2]).sum().backward();
      x.index(slice(1, null, 2))
        .sum()
        .backward();
      expect(x.grad?.toArray()).toEqual([1, 1, 2, 1]);
    });
  });

  test.each([
    ['too many', [0, 0, 0]],
    ['out of range', [2]],
    ['out of range from the end', [-3]],
    ['two ellipses', ['...', '...']],
    ['a fraction', [0.5]],
  ] as const)('%s: an error', (_, items) => {
    torch.scope(() => expect(() => torch.zeros(2, 3).index(...items)).toThrow(/Expected/));
  });

  test('a mask of another shape and index tensors that do not broadcast: an error', () => {
    torch.scope(() => {
      const x = torch.zeros(2, 3);
      expect(() => x.index(torch.tensor([true, false, true]))).toThrow();
      expect(() => x.index(torch.tensor([0, 1]), torch.tensor([0, 1, 2]))).toThrow();
      expect(() => x.index(torch.tensor([0.5]))).toThrow(/Expected/);
    });
  });
});

describe('assignment', () => {
  const cases = withTitles(readTable('assignment'), ({ x, index, value }) => {
    const what = typeof value === 'object' ? `${value.dtype}[${value.shape}]` : value;
    return `[${x.shape}] at ${indexText(index)} = ${what}`;
  });
  test.each(cases)('%s', (_, { x, index, value, accumulate, result }) => {
    torch.scope(() => {
      const base = decodeTensor(x);
      const options = accumulate === undefined ? {} : { accumulate };
      const returned = base.indexPut_(index.map(decodeIndex), decode(value) as torch.Tensor | number | boolean, options);
      expect(returned).toBe(base);
      expect(difference(base, result)).toBeNull();
    });
  });

  test('gradients: what was overwritten gets none', () => {
    torch.scope(() => {
      const x = torch.tensor([1, 2, 3], { dtype: 'float64', requiresGrad: true });
      const value = torch.tensor(5, { dtype: 'float64', requiresGrad: true });
      const y = x.mul(2);
      y.indexPut_([slice(0, 2)], value);
      y.sum().backward();
      expect(x.grad?.toArray()).toEqual([0, 0, 2]);
      expect(value.grad?.item()).toBe(2);
    });
  });

  test('a value of the wrong shape: an error', () => {
    torch.scope(() => {
      expect(() => torch.zeros(2, 3).indexPut_([0], torch.zeros(2))).toThrow();
      expect(() => torch.zeros(2, 3).indexPut_([torch.tensor([0, 1])], torch.zeros(2))).toThrow();
    });
  });
});
