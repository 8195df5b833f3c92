/** jacobian, hessian and the products with them, against closed forms. */

import * as torch from '../../lib';
import { expectClose } from '../close';

const { jacobian, hessian, vjp, jvp, hvp } = torch.autograd;
type T = torch.Tensor;
const real = (values: torch.TensorData) => torch.tensor(values, { dtype: 'float64' });

const matrix = [
  [1, 2, 3],
  [4, 5, 7],
];

describe('jacobian', () => {
  test('of a linear map is its matrix', () => {
    expectClose(
      jacobian((x) => real(matrix).matmul(x), real([1, 0, -1])),
      matrix,
    );
  });

  test('of an elementwise function is diagonal', () => {
    expectClose(
      jacobian((x) => x.sin(), real([0, 1])),
      [
        [1, 0],
        [0, Math.cos(1)],
      ],
    );
  });

  test('has the shape of the output and then of the input', () => {
    const j = jacobian((x) => x.t(), real(matrix));
    expect(j.shape).toEqual([3, 2, 2, 3]);
    // out[a][b] = in[b][a]
    for (const [a, b] of [
      [0, 1],
      [2, 0],
    ] as const) {
      expect(j.index(a, b, b, a).item()).toBe(1);
      expect(j.index(a, b).sum().item()).toBe(1);
    }
  });

  test('of a scalar function is its gradient', () => {
    expectClose(
      jacobian((x) => x.pow(2).sum(), real([1, 2])),
      [2, 4],
    );
  });

  test('for several inputs: one for each', () => {
    const [da, db] = jacobian((a, b) => (a as T).mul(b as T), [real([1, 2]), real([3, 4])]) as [T, T];
    expectClose(da, [
      [3, 0],
      [0, 4],
    ]);
    expectClose(db, [
      [1, 0],
      [0, 2],
    ]);
  });

  test('for several outputs: one for each', () => {
    const parts = jacobian((x) => [(x as T).sum(), (x as T).mul(2)], real([1, 2])) as T[];
    expectClose(parts[0] as T, [1, 1]);
    expectClose(parts[1] as T, [
      [2, 0],
      [0, 2],
    ]);
  });

  test('is zero where the output does not depend on the input', () => {
    const [, db] = jacobian((a) => a.mul(2), [real([1, 2]), real([1, 2, 3])]) as [T, T];
    expect(db.shape).toEqual([2, 3]);
    expectClose(db, Array(6).fill(0));
    expectClose(
      jacobian(() => real([1, 2]), real([5])),
      [0, 0],
    );
  });

  test('of an empty output is empty', () => {
    expect(jacobian((x) => x.index(torch.slice(0)), real([1, 2])).shape).toEqual([0, 2]);
  });

  test('leaves the inputs alone', () => {
    const x = real([1, 2]);
    x.requiresGrad_();
    jacobian((t) => t.pow(2), x);
    expect([x.grad, x.requiresGrad]).toEqual([null, true]);
    const y = real([1]);
    jacobian((t) => t, y);
    expect(y.requiresGrad).toBe(false);
  });

  test('createGraph makes it differentiable', () => {
    const x = real([1, 2]).requiresGrad_();
    const j = jacobian((t) => t.pow(3), x, { createGraph: true }); // diag(3x^2)
    j.sum().backward();
    expectClose(x.grad as T, [6, 12]);
  });

  test('without createGraph the result is not recorded', () => {
    const x = real([1, 2]).requiresGrad_();
    expect(jacobian((t) => t.pow(3), x).requiresGrad).toBe(false);
  });

  test('works under noGrad', () => {
    expectClose(
      torch.noGrad(() => jacobian((x) => x.exp(), real([0]))),
      [1],
    );
  });

  test('refuses a function without a tensor', () => {
    // @ts-expect-error the function gives a number
    expect(() => jacobian(() => 1, real([1]))).toThrow(/Expected a function that returns a tensor/);
  });
});

describe('hessian', () => {
  test('of a quadratic form is the symmetric part of its matrix, twice', () => {
    const a = real([
      [1, 2],
      [6, 3],
    ]);
    const h = hessian((x) => x.matmul(a).dot(x), real([0.3, -1]));
    expectClose(h, [
      [2, 8],
      [8, 6],
    ]);
  });

  test('of a product of powers', () => {
    // f = x^2 y^3 at (2, 3)
    const h = hessian((t) => t.select(0, 0).pow(2).mul(t.select(0, 1).pow(3)), real([2, 3]));
    expectClose(h, [
      [2 * 27, 6 * 2 * 9],
      [6 * 2 * 9, 6 * 4 * 3],
    ]);
  });

  test('for several inputs: a block for each pair', () => {
    const blocks = hessian(
      (a, b) =>
        (a as T)
          .pow(2)
          .sum()
          .add((a as T).mul(b as T).sum()),
      [real([1, 2]), real([3, 4])],
    ) as T[][];
    expectClose(blocks[0]?.[0] as T, [
      [2, 0],
      [0, 2],
    ]);
    expectClose(blocks[0]?.[1] as T, [
      [1, 0],
      [0, 1],
    ]);
    expectClose(blocks[1]?.[1] as T, [0, 0, 0, 0]);
  });

  test('of a linear function is zero', () => {
    expectClose(
      hessian((x) => x.sum(), real([1, 2])),
      [0, 0, 0, 0],
    );
  });

  test('createGraph: the third derivative', () => {
    const x = real([2]).requiresGrad_();
    hessian((t) => t.pow(4).sum(), x, { createGraph: true })
      .sum()
      .backward();
    expectClose(x.grad as T, [24 * 2]);
  });

  test('needs one output element', () => {
    expect(() => hessian((x) => x.mul(2), real([1, 2]))).toThrow(/one output element/);
  });
});

describe('products', () => {
  const v = real([1, 10]);
  const w = real([1, -1, 2]);

  test('vjp of a linear map: v^T A', () => {
    const [out, product] = vjp((x) => real(matrix).matmul(x as T), real([1, 1, 1]), v);
    expectClose(out as T, [6, 16]);
    expectClose(product as T, [41, 52, 73]);
  });

  test('jvp of a linear map: A w', () => {
    const [out, product] = jvp((x) => real(matrix).matmul(x as T), real([1, 1, 1]), w);
    expectClose(out as T, [6, 16]);
    expectClose(product as T, [1 - 2 + 6, 4 - 5 + 14]);
  });

  test('hvp of a quadratic form: (A + A^T) v', () => {
    const a = real([
      [1, 2],
      [6, 3],
    ]);
    const [out, product] = hvp((x) => x.matmul(a).dot(x), real([1, 2]), v);
    expectClose(out, 1 + 2 * 2 + 6 * 2 + 3 * 4);
    expectClose(product as T, [2 + 80, 8 + 60]);
  });

  test('vjp and jvp agree with the jacobian of a function that is not linear', () => {
    const f = (x: T) => x.outer(x).sin().sum(0).mul(x.exp());
    const at = real([0.2, -0.7, 1.1]);
    const j = jacobian(f, at);
    const direction = real([1, -2, 0.5]);
    expectClose(vjp((x) => f(x as T), at, direction)[1] as T, direction.matmul(j).toArray() as number[], 1e-10);
    expectClose(jvp((x) => f(x as T), at, direction)[1] as T, j.matmul(direction).toArray() as number[], 1e-10);
  });

  test('hvp agrees with the hessian', () => {
    const f = (x: T) => x.pow(3).sum().mul(x.sin().prod());
    const at = real([0.2, -0.7, 1.1]);
    const direction = real([1, -2, 0.5]);
    expectClose(hvp(f, at, direction)[1] as T, hessian(f, at).matmul(direction).toArray() as number[], 1e-10);
  });

  test('v may be left out where there is one element only', () => {
    expectClose(vjp((x) => (x as T).pow(2).sum(), real([1, 2]))[1] as T, [2, 4]);
    expectClose(jvp((x) => (x as T).mul(real([1, 2])), real(3))[1] as T, [1, 2]);
    expect(() => vjp((x) => x as T, real([1, 2]))).toThrow(/Expected v/);
    expect(() => jvp((x) => x as T, real([1, 2]))).toThrow(/Expected v/);
  });

  test('v must have the shape of what it multiplies', () => {
    expect(() => vjp((x) => x as T, real([1, 2]), real([1, 2, 3]))).toThrow(/Expected a tensor of shape \[2\] for v\[0\]/);
    expect(() => jvp((x) => x as T, real([1, 2]), real([1]))).toThrow(/Expected a tensor of shape \[2\]/);
  });

  test('several inputs and outputs', () => {
    const f = (a: T, b: T) => [a.mul(b), a.sum()];
    const at = [real([1, 2]), real([3, 4])];
    const [, [da, db]] = vjp(f as never, at, [real([1, 1]), real(10)]) as [T[], [T, T]];
    expectClose(da, [13, 14]);
    expectClose(db, [1, 2]);
    const [, [first, second]] = jvp(f as never, at, [real([1, 0]), real([0, 1])]) as [T[], [T, T]];
    expectClose(first, [3, 2]);
    expectClose(second, 1);
  });

  test('createGraph makes products differentiable', () => {
    const x = real([1, 2]).requiresGrad_();
    const [, product] = vjp((t) => (t as T).pow(3), x, real([1, 1]), { createGraph: true });
    (product as T).sum().backward();
    expectClose(x.grad as T, [6, 12]);
    const again = real([1, 2]).requiresGrad_();
    const [, forward] = jvp((t) => (t as T).pow(3), again, real([1, 1]), { createGraph: true });
    (forward as T).sum().backward();
    expectClose(again.grad as T, [6, 12]);
  });

  test('without createGraph nothing is recorded', () => {
    const x = real([1, 2]).requiresGrad_();
    const [output, product] = vjp((t) => (t as T).pow(3), x, real([1, 1]));
    expect([(output as T).requiresGrad, (product as T).requiresGrad, x.grad]).toEqual([false, false, null]);
  });

  test('a direction that does not matter gives zeros', () => {
    expectClose(jvp(() => real([1, 2]), real([1, 2]), real([1, 1]))[1] as T, [0, 0]);
    expectClose(jvp((t) => (t as T).mul(2), real([1, 2]), real([1, 1]))[1] as T, [2, 2]);
    expectClose(hvp((t) => t.sum(), real([1, 2]), real([1, 1]))[1] as T, [0, 0]);
  });
});
