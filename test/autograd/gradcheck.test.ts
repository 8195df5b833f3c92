/** gradcheck and gradgradcheck: they accept right gradients and find wrong ones. */

import * as torch from '../../lib';
import { leaf } from './leaf';

const { gradcheck, gradgradcheck } = torch.autograd;
type Ctx = torch.autograd.FunctionContext;
type T = torch.Tensor;

/** sin, whose gradient is `factor` times too large, and wrong only in the last element when `last`. */
function wrongSine(factor: number, last = false) {
  return class extends torch.autograd.Function {
    static forward(ctx: Ctx, x: T): T {
      ctx.saveForBackward(x);
      return x.sin();
    }
    static backward(ctx: Ctx, gradient: T): T {
      const right = gradient.mul((ctx.savedTensors[0] as T).cos());
      if (!last) return right.mul(factor);
      const out = right.clone();
      out.select(0, -1).mul_(factor);
      return out;
    }
  };
}

test.each<[string, (...inputs: T[]) => T | T[], T[]]>([
  ['an elementwise function', (x) => (x as T).tanh(), [leaf([0.3, -2])]],
  ['a matrix product', (a, b) => (a as T).matmul(b as T), [leaf([[1, 2]]), leaf([[0.5], [3]])]],
  ['several outputs', (x) => [(x as T).sum(), (x as T).exp()], [leaf([1, 2])]],
  ['an input without gradients beside', (x, y) => (x as T).mul(y as T), [leaf([1, 2]), torch.tensor([3, 4], { dtype: 'float64' })]],
  ['a complex output', (x) => torch.polar((x as T).abs(), x as T), [leaf([1, 2])]],
  ['an output that is no real number beside', (x) => [(x as T).sort().values, (x as T).argsort()], [leaf([3, 1, 2])]],
  ['a view', (x) => (x as T).t(), [leaf([[1, 2, 3]])]],
  ['an in-place change', (x) => (x as T).mul(2).add_(x as T), [leaf([1, 2])]],
  ['an output that depends on nothing', (x) => [(x as T).mul(2), torch.ones(2, { dtype: 'float64' })], [leaf([1, 2])]],
  ['a strided input', (x) => (x as T).pow(2), [leaf([[1, 2], [3, 4]]).t().detach().requiresGrad_()]], // biome-ignore format: one line
])('accepts %s', (_, fn, inputs) => {
  expect(gradcheck(fn, inputs)).toBe(true);
});

test.each([1.01, -1, 0])('finds a gradient that is %d times the right one', (factor) => {
  const Wrong = wrongSine(factor);
  expect(() => gradcheck((x) => Wrong.apply(x as T), leaf([0.3, 1]))).toThrow(/gradient of output 0 for input 0.*largest difference/);
  expect(gradcheck((x) => Wrong.apply(x as T), leaf([0.3, 1]), { raiseException: false })).toBe(false);
});

test('finds a single wrong element, and a wrong second input', () => {
  const Wrong = wrongSine(1.5, true);
  expect(gradcheck((x) => Wrong.apply(x as T), leaf([0.1, 0.2, 0.3]), { raiseException: false })).toBe(false);
  expect(() => gradcheck((a, b) => (a as T).add(Wrong.apply(b as T)), [leaf([1, 2]), leaf([0.3, 1])])).toThrow(/input 1/);
});

test('finds NaN', () => {
  const Wrong = wrongSine(Number.NaN);
  expect(gradcheck((x) => Wrong.apply(x as T), leaf([0.3]), { raiseException: false })).toBe(false);
});

test('tolerances are the caller’s', () => {
  const Wrong = wrongSine(1.01);
  expect(gradcheck((x) => Wrong.apply(x as T), leaf([0.3]), { rtol: 0.05 })).toBe(true);
  expect(gradcheck((x) => Wrong.apply(x as T), leaf([0.3]), { atol: 0.05 })).toBe(true);
});

test('finds a forward that is not the function whose gradient it has', () => {
  // round() has gradient zero, and steps: at 0.5 the differences show one.
  expect(gradcheck((x) => (x as T).round(), leaf([0.5]), { raiseException: false })).toBe(false);
  expect(gradcheck((x) => (x as T).round(), leaf([0.4]))).toBe(true);
});

test('needs float64 and an input with gradients', () => {
  expect(() => gradcheck((x) => x as T, torch.ones(2, { requiresGrad: true }))).toThrow(/float64/);
  expect(() => gradcheck((x) => x as T, torch.ones(2, { dtype: 'float64' }))).toThrow(/at least one input that requires gradients/);
});

test('leaves the inputs as they were', () => {
  const x = leaf([1, 2]);
  gradcheck((t) => (t as T).pow(2), x);
  expect([x.grad, x.toArray(), x._version]).toEqual([null, [1, 2], 0]);
});

describe('gradgradcheck', () => {
  test.each<[string, (...inputs: T[]) => T, T[]]>([
    ['a power', (x) => (x as T).pow(3), [leaf([0.5, -1.5])]],
    ['a product', (a, b) => (a as T).mul(b as T), [leaf([1, 2]), leaf([3, 4])]],
    ['a linear function, whose second derivative is zero', (x) => (x as T).mul(3), [leaf([1, 2])]],
    ['softmax', (x) => (x as T).softmax(0), [leaf([0.1, 0.7, -0.2])]],
  ])('accepts %s', (_, fn, inputs) => {
    expect(gradgradcheck(fn, inputs)).toBe(true);
  });

  test('finds a wrong second derivative behind a right first one', () => {
    // The gradient is right in value but hides half of its own dependence on x.
    class Detached extends torch.autograd.Function {
      static forward(ctx: Ctx, x: T): T {
        ctx.saveForBackward(x);
        return x.pow(2);
      }
      static backward(ctx: Ctx, gradient: T): T {
        const [x] = ctx.savedTensors as [T];
        return gradient.mul(x.add(x.detach()));
      }
    }
    const x = leaf([0.5, -1.5]);
    expect(gradcheck((t) => Detached.apply(t as T), x)).toBe(true);
    expect(gradgradcheck((t) => Detached.apply(t as T), x, { raiseException: false })).toBe(false);
    expect(() => gradgradcheck((t) => Detached.apply(t as T), x)).toThrow(/gradcheck/);
  });

  test('gradOutputs may be given', () => {
    expect(gradgradcheck((x) => (x as T).exp(), leaf([1, 2]), { gradOutputs: leaf([3, -1]) })).toBe(true);
  });
});
