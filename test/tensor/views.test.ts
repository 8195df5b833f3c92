/** Shapes, strides, offsets and shared memory of views. */

import type { Tensor } from '../../lib';
import * as torch from '../../lib';
import { difference, flatten } from '../reference/compare';
import { decode, decodeTensor } from '../reference/decode';
import { readTable, withTitles } from '../reference/tables';

const cases = withTitles(readTable('views'), ({ x, steps }) => {
  const calls = steps.map(([name, ...args]) => `${name}(${args.map((arg) => JSON.stringify(arg)).join(', ')})`);
  return `[${x.shape}].${calls.join('.')}`;
});

test.each(cases)('%s', (_, { x, steps, result, stride, offset, contiguous, view }) => {
  torch.scope(() => {
    const base = decodeTensor(x);
    const got = steps.reduce<Tensor>((tensor, [name, ...args]) => {
      const member = (tensor as unknown as Record<string, unknown>)[name];
      const value = typeof member === 'function' ? (member.call(tensor, ...args.map(decode)) as Tensor | Tensor[]) : (member as Tensor);
      return Array.isArray(value) ? (value.at(-1) as Tensor) : value;
    }, base);
    expect(difference(got, result)).toBeNull();
    expect({ stride: got.stride(), offset: got.storageOffset(), contiguous: got.isContiguous() }).toEqual({ stride, offset, contiguous });
    const before = flatten(base);
    got.fill_(77);
    expect(flatten(base).some((value, i) => value !== before[i])).toBe(view);
  });
});

test('a size and a stride may be asked for by dimension, from the end too', () => {
  torch.scope(() => {
    const x = torch.zeros(2, 3, 4);
    expect([x.size(0), x.size(-1), x.stride(0), x.stride(-2)]).toEqual([2, 4, 12, 4]);
    expect([x.size(), x.stride(), x.shape]).toEqual([
      [2, 3, 4],
      [12, 4, 1],
      [2, 3, 4],
    ]);
    expect([x.dim(), x.numel()]).toEqual([3, 24]);
    expect(() => x.size(3)).toThrow(/Expected/);
  });
});

test('iteration goes over the first dimension, in views', () => {
  torch.scope(() => {
    const x = torch.tensor([
      [1, 2],
      [3, 4],
    ]);
    const rows = [...x];
    expect(rows.map((row) => row.toArray())).toEqual([
      [1, 2],
      [3, 4],
    ]);
    rows[1]?.fill_(0);
    expect(x.toArray()).toEqual([
      [1, 2],
      [0, 0],
    ]);
    expect(() => [...torch.tensor(1)]).toThrow(/Expected/);
  });
});
