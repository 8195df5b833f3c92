/** Misuse is an error that names the operator, and the shapes, dtypes and devices that met. */

import * as torch from '../../lib';

afterEach(() => {
  expect(torch.scope(() => torch.ones(2).add(1).toArray())).toEqual([2, 2]); // everything still works
});

function messageOf(fn: () => unknown): string {
  try {
    torch.scope(fn);
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error('expected an error');
}

const loose = (value: unknown) => value as never;

test.each<[string, () => unknown, RegExp[]]>([
  [
    'shapes that do not fit a product',
    () => torch.matmul(torch.ones(2, 3), torch.ones(4, 5)),
    [/^matmul: /, /float32\[2, 3\] cpu/, /float32\[4, 5\] cpu/],
  ],
  ['shapes that do not broadcast', () => torch.ones(2, 3).add(torch.ones(4)), [/^add: /, /float32\[2, 3\] cpu/, /float32\[4\] cpu/]],
  [
    'dtypes that do not fit',
    () => torch.matmul(torch.ones(2, 2), torch.ones(2, 2, { dtype: 'float64' })),
    [/^matmul: /, /float32\[2, 2\]/, /float64\[2, 2\]/],
  ],
  ['a dtype that the operator lacks', () => torch.ones(2, 2, { dtype: 'int64' }).inverse(), [/^inverse: /, /int64\[2, 2\] cpu/]],
  [
    'devices that do not fit',
    () => torch.ones(2).add(torch.ones(2, { device: 'meta' })),
    [/^add: /, /float32\[2\] cpu/, /float32\[2\] meta/],
  ],
  [
    'a list of tensors with one that does not fit',
    () => torch.cat([torch.ones(2, 2), torch.ones(3)]),
    [/^cat: /, /float32\[2, 2\] cpu, float32\[3\] cpu/],
  ],
  ['a dimension that is not there', () => torch.ones(2, 3).sum(5), [/^sum: /, /\b5\b/, /float32\[2, 3\]/]],
  ['an index out of range', () => torch.ones(3).indexSelect(0, torch.tensor([7])), [/^index_?[sS]elect: /, /int64\[1\] cpu/]],
  ['an in-place write to a leaf that requires gradients', () => torch.ones(2, { requiresGrad: true }).add_(1), [/^add_: .*leaf/]],
])('%s', (_, fn, patterns) => {
  const message = messageOf(fn);
  for (const pattern of patterns) expect(message).toMatch(pattern);
});

test.each<[string, () => unknown, RegExp]>([
  ['a string', () => torch.add(torch.ones(2), loose('1')), /add: .*received.*string "1"/s],
  ['an object', () => torch.matmul(torch.ones(2), loose({})), /matmul: expected a tensor for other/],
  ['nothing', () => torch.matmul(torch.ones(2), loose(undefined)), /matmul: expected a tensor for other but received nothing/],
  ['null', () => torch.matmul(torch.ones(2), loose(null)), /matmul: expected a tensor for other but received null/],
  ['a number that is not whole', () => torch.ones(2).sum(0.5), /sum: .*0\.5/s],
  ['NaN for a size', () => torch.zeros(Number.NaN), /zeros: .*NaN/s],
  ['infinity for a dimension', () => torch.ones(2).sum(Number.POSITIVE_INFINITY), /sum: .*Infinity/s],
  ['a size of 2^31 that is negative', () => torch.zeros(-(2 ** 31)), /zeros: .*non-negative/s],
  ['a bigint beyond 64 bits', () => torch.zeros(2n ** 64n), /zeros|18446744073709551616/],
  ['an unknown dtype', () => torch.zeros(2, { dtype: loose('float31') }), /zeros: .*"float31"/s],
  ['an unknown device', () => torch.zeros(2, { device: loose('gpu') }), /zeros: .*"gpu"/s],
  ['an unknown option, with the right one', () => torch.ones(2).sum(0, loose({ keep_dim: true })), /keepdim/],
  ['an option that is NaN', () => torch.nn.functional.hardtanh(torch.ones(2), loose({ minVal: 'NaN' })), /"NaN"/],
  [
    'an array that contains itself',
    () => {
      const cyclic: unknown[] = [1];
      cyclic[0] = cyclic;
      return torch.tensor(loose(cyclic));
    },
    /contains itself/,
  ],
  [
    'an array that contains itself as a size',
    () => {
      const cyclic: unknown[] = [2];
      cyclic.push(cyclic);
      return torch.zeros(loose(cyclic));
    },
    /zeros: /,
  ],
  ['ragged arrays', () => torch.tensor([[1, 2], [3]]), /Expected 2 elements at data\[1\].*received 1/],
  ['a typed array of another kind', () => torch.fromTypedArray(loose(new DataView(new ArrayBuffer(8)))), /Expected a typed array/],
  ['an object that only looks like a tensor', () => torch.add(torch.ones(2), Object.create(torch.Tensor.prototype)), /add: /],
  ['too many arguments', () => (torch.ones(2).relu as (...args: unknown[]) => unknown)(1, 2, 3), /relu: /],
])('%s', (_, fn, pattern) => {
  expect(messageOf(fn)).toMatch(pattern);
});

test('a proxy that throws: its own error', () => {
  const hostile = new Proxy(
    {},
    {
      get() {
        throw new Error('do not touch');
      },
    },
  );
  expect(() => torch.add(torch.ones(2), loose(hostile))).toThrow();
  expect(() => torch.tensor(loose([hostile]))).toThrow();
});

test('errors of libtorch carry its operator and its backtrace', () => {
  let error: (Error & { operator?: string; backtrace?: string }) | undefined;
  try {
    torch.matmul(torch.ones(2, 3), torch.ones(4, 5));
  } catch (problem) {
    error = problem as Error;
  }
  expect(error?.operator).toBe('aten::matmul');
  expect(error?.message).not.toMatch(/frame #|\n/);
  expect(error?.backtrace).toMatch(/frame #0/);
  expect(error?.stack).toMatch(/errors\.test\.ts/);
});

test('without CUDA, asking for it says so', () => {
  if (torch.cuda.isAvailable()) return;
  expect(messageOf(() => torch.zeros(2, { device: 'cuda' }))).toMatch(/CUDA/);
});

describe('operators that do not check their arguments', () => {
  const { aten } = torch.ops;

  test('refuse to run, and say how to let them', () => {
    expect(messageOf(() => aten._nnpack_spatial_convolution?.default?.(torch.ones(1), torch.ones(1), null, 0))).toMatch(
      /_nnpack_spatial_convolution: .*does not check its arguments.*torch\.ops\.allowUnchecked\(true\)/,
    );
  });

  test('run when they are allowed to', () => {
    torch.ops.allowUnchecked(true);
    try {
      const [values, indices] = torch.scope(() => [torch.zeros(3), torch.zeros(3, { dtype: 'int64' })]);
      aten._cummin_helper?.default?.(torch.tensor([3, 1, 2], { dtype: 'float32' }), values, indices, 0);
      expect(values?.toArray()).toEqual([3, 1, 1]);
    } finally {
      torch.ops.allowUnchecked(false);
    }
    expect(() => torch.ops.allowUnchecked(loose('yes'))).toThrow(/Expected a boolean/);
  });
});
