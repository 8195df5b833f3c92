/** Tensors back to JavaScript: without a copy where the memory allows it. */

import * as torch from '../../lib';

test('toTypedArray shares the memory of a contiguous tensor, and copies on demand', () => {
  const x = torch.zeros(3);
  (x.toTypedArray() as Float32Array)[1] = 5;
  (x.toTypedArray({ copy: true }) as Float32Array)[2] = 9;
  expect(x.toArray()).toEqual([0, 5, 0]);
});

test('it keeps the memory when the tensor is gone', () => {
  const array = torch.scope(() => torch.full([50_000], 3).to('float32').toTypedArray());
  torch.scope(() => torch.zeros(50_000));
  torch.memory({ collect: true });
  expect((array as Float32Array).every((value) => value === 3)).toBe(true);
});

test('transposed, strided and conjugated tensors come in their own order', () => {
  torch.scope(() => {
    const x = torch.tensor([
      [1.5, 2],
      [3, 4],
    ]);
    expect([...(x.T.toTypedArray() as Float32Array)]).toEqual([1.5, 3, 2, 4]);
    expect(
      torch
        .tensor([{ re: 1, im: 2 }])
        .conj()
        .toArray(),
    ).toEqual([{ re: 1, im: -2 }]);
    expect(torch.arange(10).slice(0, 1, null, 3).toArray()).toEqual([1, 4, 7]);
  });
});

test('item wants exactly one element', () => {
  expect(torch.tensor([[2.5]]).item()).toBe(2.5);
  expect(torch.tensor(true).item()).toBe(true);
  for (const x of [torch.zeros(0), torch.zeros(2)]) expect(() => x.item()).toThrow(/one element.*float32/);
});

test('empty tensors keep their shape', () => {
  expect([torch.zeros(0).toArray(), torch.zeros(2, 0).toArray(), torch.zeros(0, 2).toArray()]).toEqual([[], [[], []], []]);
});

test('what has no values is an error', () => {
  expect(() => torch.zeros(2, { device: 'meta' }).toArray()).toThrow(/meta/i);
  expect(() => torch.zeros([], { device: 'meta' }).item()).toThrow(/meta/i);
});
