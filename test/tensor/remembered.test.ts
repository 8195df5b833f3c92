/** A call means the same whatever calls came before it: what is remembered of them is a matter of speed only. */

import * as torch from '../../lib';
import { liveTensors } from '../live';

const x = torch.tensor(
  [
    [1, 2, 3],
    [4, 5, 6],
  ],
  { dtype: 'float64' },
);
const w = torch.tensor([10, 20, 30], { dtype: 'float64' });

/** Calls of the same names in different forms, with what each must give. */
const calls: [string, () => unknown, unknown][] = [
  ['sum(1, keepdim)', () => x.sum(1, { keepdim: true }).toArray(), [[6], [15]]],
  ['sum(1)', () => x.sum(1).toArray(), [6, 15]],
  ['sum(1, no keepdim)', () => x.sum(1, { keepdim: false }).toArray(), [6, 15]],
  ['sum([0, 1])', () => x.sum([0, 1]).toArray(), 21],
  ['sum([0], keepdim)', () => x.sum([0], { keepdim: true }).toArray(), [[5, 7, 9]]],
  ['sum of dtype int32', () => x.sum({ dtype: 'int32' }).dtype, 'int32'],
  ['sum of dtype float32', () => x.sum({ dtype: 'float32' }).dtype, 'float32'],
  ['sum(0, dtype, keepdim)', () => x.sum(0, { dtype: 'float32', keepdim: true }).shape, [1, 3]],
  ['sum(0, keepdim, dtype)', () => x.sum(0, { keepdim: true, dtype: 'int64' }).dtype, 'int64'],
  ['sum of undefined options', () => x.sum(1, { keepdim: undefined, dtype: undefined }).toArray(), [6, 15]],
  ['add with alpha', () => x.add(w, { alpha: 2 }).toArray(), [[21, 42, 63], [24, 45, 66]]], // biome-ignore format: rows
  ['add with half alpha', () => x.add(w, { alpha: 0.5 }).toArray(), [[6, 12, 18], [9, 15, 21]]], // biome-ignore format: rows
  ['add of a number with alpha', () => w.add(1, { alpha: 2 }).toArray(), [12, 22, 32]],
  ['view(3, 2)', () => x.view(3, 2).shape, [3, 2]],
  ['view([6])', () => x.view([6]).shape, [6]],
  ['view(6)', () => x.view(6).shape, [6]],
  ['view(1, 2, 3, 1, 1)', () => x.view(1, 2, 3, 1, 1).shape, [1, 2, 3, 1, 1]],
  ['zeros(2, 3)', () => torch.zeros(2, 3).dtype, 'float32'],
  ['zeros([], int64)', () => torch.zeros([], { dtype: 'int64' }).shape, []],
  ['zeros(2, float64)', () => torch.zeros(2, { dtype: 'float64' }).dtype, 'float64'],
  ['zeros that require a gradient', () => torch.zeros([2], { requiresGrad: true }).requiresGrad, true],
  ['zeros that do not', () => torch.zeros([2]).requiresGrad, false],
  ['cat', () => torch.cat([w, w]).shape, [6]],
  ['cat along 1', () => torch.cat([x, x], { dim: 1 }).shape, [2, 6]],
  ['stack of three', () => torch.stack([w, w, w]).shape, [3, 3]],
  ['stack of two', () => torch.stack([w, w], { dim: 1 }).shape, [3, 2]],
  ['clamp from below', () => w.clamp({ min: 15 }).toArray(), [15, 20, 30]],
  ['clamp from above', () => w.clamp({ max: 15 }).toArray(), [10, 15, 15]],
  ['clamp by tensors', () => w.clamp({ min: w.add(1) }).toArray(), [11, 21, 31]],
  ['clamp with null', () => w.clamp({ min: null, max: 12.5 }).toArray(), [10, 12.5, 12.5]],
  ['out', () => torch.add(w, w, { out: torch.zeros(3, { dtype: 'float64' }) }).toArray(), [20, 40, 60]],
  ['in place', () => w.clone().add_(w, { alpha: 3 }).toArray(), [40, 80, 120]],
  ['topk', () => x.topk(2, { dim: 1 }).values.toArray(), [[3, 2], [6, 5]]], // biome-ignore format: rows
  ['topk of the smallest', () => x.topk(1, { largest: false }).values.toArray(), [[1], [4]]],
  ['foreach without results', () => torch._foreachAdd_([w.clone()], [w], { alpha: 2 }), undefined],
  ['options that call operators', () => x.sum({ get dim() { return [x.dim() - 1]; }, keepdim: true } as never).shape, [2, 1]], // biome-ignore format: short
];

const refusals: [string, () => unknown, string][] = [
  ['an unknown option', () => x.sum(1, { keepDim: true } as never), 'unknown option keepDim: it is called keepdim'],
  ['an option of a wrong kind', () => x.sum(1, { keepdim: 1 } as never), 'expected a boolean for keepdim but received number 1'],
  ['a hole in a list', () => torch.cat([w, undefined as never]), 'expected an array of tensors for tensors'],
  ['an option twice', () => x.sum(1, { dim: 1 } as never), 'dim was given twice'],
];

function shuffled<T>(list: readonly T[], seed: number): T[] {
  const order = [...list];
  let state = seed;
  for (let i = order.length - 1; i > 0; i--) {
    state = (state * 48271) % 2147483647;
    const j = state % (i + 1);
    [order[i], order[j]] = [order[j] as T, order[i] as T];
  }
  return order;
}

test.each([1, 2, 3, 4, 5, 6, 7, 8])('calls in any order and again and again (%i)', (seed) => {
  for (let round = 0; round < 3; round++) {
    for (const [name, call, value] of shuffled(calls, seed * 100 + round + 1)) expect([name, call()]).toEqual([name, value]);
    for (const [, call, message] of refusals) expect(call).toThrow(message);
  }
});

test('more forms of one call than are remembered', () => {
  const tensor = torch.zeros(2, 2, 2, 2);
  for (let round = 0; round < 3; round++) {
    for (const keepdim of [true, false, undefined]) {
      for (const dtype of ['float32', 'float64', 'int32', 'int64', 'int16', 'uint8', 'bool'] as const) {
        const sum = tensor.sum([0, 1], { keepdim, dtype });
        expect([sum.dim(), sum.dtype]).toEqual([keepdim === true ? 4 : 2, dtype]);
      }
    }
  }
});

test('no tensor of a call that is remembered is held', () => {
  const before = liveTensors();
  const call = () => {
    const [a, b] = [torch.ones(2), torch.ones(2)];
    torch.add(a, b, { alpha: 3 });
    torch.cat([a, b], { dim: 0 });
    torch.clamp(a, { min: b });
  };
  call();
  expect(liveTensors()).toBe(before);
});
