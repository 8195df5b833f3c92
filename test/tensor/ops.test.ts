/** `torch.ops`: every operator of the dispatcher by its schema name. */

import * as torch from '../../lib';

/** Any operator by name, with results of the kind that the test expects. */
type Raw = Record<string, Record<string, (...args: unknown[]) => never>>;
const aten = torch.ops.aten as unknown as Raw;

test('lists the whole dispatcher', () => {
  const names = torch.ops.list();
  expect(names.length).toBeGreaterThan(3_400);
  expect(names).toEqual(expect.arrayContaining(['aten::add.Tensor', 'aten::relu', 'aten::topk']));
});

test('positional and keyword arguments, defaults and null', () => {
  torch.scope(() => {
    const a = torch.tensor([1.5, 2]);
    expect((aten.add?.Tensor?.(a, a) as torch.Tensor).toArray()).toEqual([3, 4]);
    expect((aten.add?.Tensor?.(a, a, { alpha: 2 }) as torch.Tensor).toArray()).toEqual([4.5, 6]);
    expect((aten.clamp?.default?.(a, null, 1.75) as torch.Tensor).toArray()).toEqual([1.5, 1.75]);
    expect((aten.sum?.dim_IntList?.(a, [0], true, { dtype: 'float64' }) as torch.Tensor).dtype).toBe('float64');
  });
});

test('several results come as an array, none as null', () => {
  torch.scope(() => {
    const [values, indices] = aten.topk?.default?.(torch.tensor([1, 5, 3]), 2) as torch.Tensor[];
    expect([values?.toArray(), indices?.toArray()]).toEqual([
      [5, 3],
      [1, 2],
    ]);
    expect(aten._foreach_add_?.Scalar?.([torch.ones(1)], 1)).toBeNull();
  });
});

test('what is not there is undefined, and wrong calls name the schema', () => {
  expect(torch.ops.aten.noSuchOperator).toBeUndefined();
  expect(aten.add?.noSuchOverload).toBeUndefined();
  expect(() => aten.add?.Tensor?.(torch.ones(1))).toThrow(/aten::add\.Tensor: expected a tensor for other/);
  expect(() => aten.add?.Tensor?.(torch.ones(1), torch.ones(1), { beta: 1 })).toThrow(
    /unknown argument beta; its schema is aten::add\.Tensor\(/,
  );
  expect(() => aten.relu?.default?.(torch.ones(1), 1)).toThrow(/at most 1 arguments? but received 2/);
});

test('a packet takes the first overload that fits', () => {
  torch.scope(() => {
    const add = torch.ops.aten.add as (...args: unknown[]) => unknown;
    expect((add(torch.ones(2), 1) as torch.Tensor).toArray()).toEqual([2, 2]);
  });
});
