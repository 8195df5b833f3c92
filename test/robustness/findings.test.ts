/** Calls with which the fuzz program ended the process once: each is an error now, or has a result. */

import * as torch from '../../lib';
import { resultOf } from './processes';

/** Any operator by name, with results of the kind that the test expects. */
type Raw = Record<string, Record<string, (...args: unknown[]) => never>>;
const aten = torch.ops.aten as unknown as Raw;
const raw = (name: string, overload: string, ...args: unknown[]) => torch.scope(() => aten[name]?.[overload]?.(...args));

describe('empty and unequal lists of tensors', () => {
  test.each<[string, () => unknown, RegExp]>([
    ['_stack', () => raw('_stack', 'default', []), /_stack: expected at least one tensor for tensors/],
    ['_stack with out', () => raw('_stack', 'out', [], 0, { out: torch.ones(1) }), /_stack: expected at least one tensor/],
    ['_foreach_copy', () => raw('_foreach_copy', 'default', [], [torch.ones(2)]), /_foreach_copy: expected 0 tensors for src/],
    ['_foreach_add_', () => raw('_foreach_add_', 'List', [torch.ones(2)], []), /_foreach_add_: expected 1 tensors/],
  ])('%s', (_, fn, message) => {
    expect(fn).toThrow(message);
  });
});

describe('lists of whole numbers that are too short', () => {
  const x = torch.ones(1, 2, 3, 4);
  test.each<[string, () => unknown]>([
    ['reflection_pad2d_backward', () => raw('reflection_pad2d_backward', 'default', x, x, [])],
    ['reflection_pad2d_backward of one', () => raw('reflection_pad2d_backward', 'default', x, x, [1])],
    ['reflection_pad1d_backward', () => raw('reflection_pad1d_backward', 'default', torch.ones(2, 3), torch.ones(2, 3), [])],
    [
      'fractional_max_pool3d_backward',
      () => raw('fractional_max_pool3d_backward', 'default', torch.ones(3), torch.ones(3), 3, [], torch.ones(3)),
    ],
    ['max_pool2d with three', () => torch.maxPool2d(x, [1, 1, 1])],
  ])('%s', (_, fn) => {
    expect(fn).toThrow(/expected \d whole numbers for \w+ but received an array of \d/);
  });

  test('what a default of nothing means still works', () => {
    expect(torch.scope(() => (raw('max_pool2d', 'default', x, [3, 2], []) as torch.Tensor).shape)).toEqual([1, 2, 1, 2]);
  });
});

test('the kernels of Fourier transforms with wrong dimensions', () => {
  const x = torch.ones(3, 4);
  for (const dims of [[], [-1], [2], [0, 0]]) {
    expect(() => raw('_fft_r2c', 'default', x, dims, 0, true)).toThrow(/_fft_r2c: expected/);
  }
});

test('a view beyond its memory', () => {
  expect(() => raw('_reshape_alias', 'default', torch.ones(4), [1000, 1000], [1000, 1])).toThrow(/inside the tensor's memory/);
  expect(() => raw('as_strided', 'default', torch.ones(4), [1000, 1000], [1000, 1])).toThrow(/as_strided: /);
  expect(torch.scope(() => (aten._reshape_alias?.default?.(torch.ones(4), [2, 2], [2, 1]) as torch.Tensor).shape)).toEqual([2, 2]);
});

test('null for a tensor that must be there, in backward operators too', () => {
  expect(() => raw('tanh_backward', 'default', torch.ones(2), null)).toThrow(
    /tanh_backward: expected a tensor for output but received null/,
  );
  expect(() => raw('_thnn_differentiable_lstm_cell_backward', 'default', null, null, null, null, null, null, null, null)).toThrow();
});

test('eigenvalues of a matrix that is not finite', () => {
  expect(() => torch.linalg.eigvals(torch.full([2, 2], Number.NaN))).toThrow(/linalg_eigvals: expected a matrix without infinities/);
});

describe('indices that lead outside', () => {
  const integers = (values: number[]) => torch.tensor(values, { dtype: 'int64' });
  test.each<[string, () => unknown, RegExp]>([
    [
      'embedding_dense_backward',
      () => raw('embedding_dense_backward', 'default', torch.ones(2, 3), integers([0, -1]), 3, -1, false),
      /from 0 to 2 for indices/,
    ],
    [
      'embedding_bag',
      () => raw('embedding_bag', 'default', torch.ones(4, 3), integers([0, 1]), integers([0, 9])),
      /from 0 to 2 for offsets/,
    ],
    ['replication_pad3d', () => raw('replication_pad3d', 'default', torch.ones(1, 2, 3, 4), 2n ** 63n - 1n), /moderate numbers/],
    [
      'batch_norm_backward',
      () =>
        raw('native_batch_norm_backward', 'default', torch.ones(4, 2), torch.ones(4, 2), null, null, null, null, null, true, 1e-5, [
          true,
          true,
          true,
        ]),
      /saved mean/,
    ],
  ])('%s', (_, fn, message) => {
    expect(fn).toThrow(message);
  });
});

test('an array with holes for a list of tensors', () => {
  expect(() => torch.cat(new Array(3) as never)).toThrow(/Expected a tensor for tensors\[0\]/);
});

test('a polynomial of a degree that would take for ever', () => {
  expect(() => torch.special.legendrePolynomialP(torch.ones(2), torch.tensor(2 ** 60))).toThrow(/expected a degree up to/);
  expect(torch.scope(() => torch.special.legendrePolynomialP(torch.tensor(0.5), torch.tensor(2)).item())).toBeCloseTo(-0.125);
});

// A division that ends the process would end the test runner: in a child.
test('integer division by zero inside kernels', async () => {
  const result = await resultOf<{ smooth: number[]; remainder: string; divided: string }>(`
    const i = torch.ones(3, { dtype: 'int64' }), zero = torch.zeros(3, { dtype: 'int64' });
    const smooth = torch.ops.aten.smooth_l1_loss_backward.default(i, i, i, 1, 0.3).toArray();
    const attempt = (fn) => { try { return String(fn()); } catch (error) { return error.message; } };
    console.log(JSON.stringify({ smooth, remainder: attempt(() => i.remainder(zero)), divided: attempt(() => i.floorDivide(zero)) }));`);
  expect(result.smooth).toHaveLength(3);
  expect(result.remainder).toMatch(/ZeroDivisionError/);
  expect(result.divided).toMatch(/ZeroDivisionError/);
});

describe('arguments that only the JavaScript engine complained about', () => {
  const loose = (value: unknown) => value as never;
  test.each<[string, () => unknown, RegExp]>([
    ['requiresGrad_ of a tensor', () => torch.ones(2).requiresGrad_(loose(torch.ones(1))), /Expected a boolean for requiresGrad/],
    ['setState of nothing', () => new torch.Generator().setState(loose(undefined)), /Expected a tensor for setState/],
    [
      'backward into what is no list',
      () => torch.autograd.backward(torch.ones(1, { requiresGrad: true }), { inputs: loose(9n) }),
      /Expected an array of tensors for inputs/,
    ],
    ['fromBlob without a shape', () => torch.fromBlob(new ArrayBuffer(8), loose({})), /Expected an array of whole numbers for shape/],
    ['a list longer than the block for lists', () => torch.ones(1).permute(loose(new Uint8Array(200_000_000))), /below 1 GiB/],
  ])('%s', (_, fn, message) => {
    expect(fn).toThrow(message);
  });
});
