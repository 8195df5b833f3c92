/** Functions with a forward and a backward in TypeScript. */

import * as torch from '../../lib';
import { expectClose } from '../close';
import { thrownBy } from '../thrown';
import { leaf } from './leaf';

type Ctx = torch.autograd.FunctionContext;
type T = torch.Tensor;
const gradOf = (tensor: T) => tensor.grad as T;

class Cube extends torch.autograd.Function {
  static forward(ctx: Ctx, x: T): T {
    ctx.saveForBackward(x);
    return x.pow(3);
  }
  static backward(ctx: Ctx, gradient: T): T {
    const [x] = ctx.savedTensors as [T];
    return gradient.mul(x.pow(2)).mul(3);
  }
}

test('forward computes and backward gives the gradient', () => {
  const x = leaf([1, -2]);
  const y = Cube.apply(x);
  expectClose(y, [1, -8]);
  expect([y.requiresGrad, y.isLeaf, y.gradFn]).toEqual([true, false, 'CubeBackward']);
  y.mul(2).sum().backward();
  expectClose(gradOf(x), [6, 24]);
});

test('nothing is recorded for inputs without gradients, or under noGrad', () => {
  const plain = Cube.apply(torch.tensor([2], { dtype: 'float64' }));
  expect([plain.requiresGrad, plain.gradFn]).toEqual([false, null]);
  expect(torch.noGrad(() => Cube.apply(leaf([2]))).requiresGrad).toBe(false);
});

test('double and triple backward go through a backward made of operators', () => {
  const x = leaf(2);
  let y = Cube.apply(x) as T;
  for (const value of [12, 12, 6]) {
    y = torch.autograd.grad(y, x, { createGraph: true })[0] as T;
    expectClose(y, value);
  }
  expect(torch.autograd.gradcheck((t) => Cube.apply(t), leaf([0.3, -1.2]))).toBe(true);
  expect(torch.autograd.gradgradcheck((t) => Cube.apply(t), leaf([0.3, -1.2]))).toBe(true);
});

test('several inputs and outputs, arguments that are no tensors, fields of ctx', () => {
  class Scaled extends torch.autograd.Function {
    static forward(ctx: Ctx, a: T, factor: number, b: T, options: { plus: number }): [T, T] {
      ctx.saveForBackward(a, b);
      ctx.factor = factor;
      return [a.mul(b).mul(factor), a.add(b).add(options.plus)];
    }
    static backward(ctx: Ctx, product: T, sum: T): (T | null)[] {
      const [a, b] = ctx.savedTensors as [T, T];
      const factor = ctx.factor as number;
      return [product.mul(b).mul(factor).add(sum), null, product.mul(a).mul(factor).add(sum), null];
    }
  }
  const [a, b] = [leaf(3), leaf(5)];
  const [p, s] = Scaled.apply(a, 2, b, { plus: 1 });
  expectClose(p as T, 30);
  expectClose(s as T, 9);
  (p as T).add((s as T).mul(10)).backward();
  expectClose(gradOf(a), 10 + 10);
  expectClose(gradOf(b), 6 + 10);
});

test('needsInputGrad tells which gradients are asked for', () => {
  const seen: (readonly boolean[])[] = [];
  class Needs extends torch.autograd.Function {
    static forward(ctx: Ctx, a: T, _n: number, b: T): T {
      seen.push(ctx.needsInputGrad);
      return a.add(b);
    }
    static backward(ctx: Ctx, gradient: T): (T | null)[] {
      seen.push(ctx.needsInputGrad);
      return [ctx.needsInputGrad[0] ? gradient : null, null, ctx.needsInputGrad[2] ? gradient : null];
    }
  }
  Needs.apply(leaf(1), 7, torch.ones([], { dtype: 'float64' })).backward();
  expect(seen).toEqual([
    [true, false, false],
    [true, false, false],
  ]);
});

test('an output that saves itself', () => {
  class Exp extends torch.autograd.Function {
    static forward(ctx: Ctx, x: T): T {
      const y = x.exp();
      ctx.saveForBackward(y);
      return y;
    }
    static backward(ctx: Ctx, gradient: T): T {
      return gradient.mul(ctx.savedTensors[0] as T);
    }
  }
  expect(torch.autograd.gradcheck((x) => Exp.apply(x), leaf([0.5, -1]))).toBe(true);
  expect(torch.autograd.gradgradcheck((x) => Exp.apply(x), leaf([0.5, -1]))).toBe(true);
});

test('a saved tensor that was changed in place is found', () => {
  const x = leaf([1, 2]);
  const y = x.mul(1);
  const z = Cube.apply(y);
  y.add_(1);
  expect(() => z.sum().backward()).toThrow(/modified|inplace|in-place/i);
});

test('saved tensors outlive the scope of forward and go with the graph', () => {
  const x = leaf([1, 2]);
  const loss = torch.scope(() => Cube.apply(x.mul(2)).sum());
  loss.backward();
  expectClose(gradOf(x), [24, 96]);
  expect(() => loss.backward()).toThrow(/second time|freed/);
});

test('markDirty: an in-place function', () => {
  class Double extends torch.autograd.Function {
    static forward(ctx: Ctx, x: T): T {
      x.mul_(2);
      ctx.markDirty(x);
      return x;
    }
    static backward(_ctx: Ctx, gradient: T): T {
      return gradient.mul(2);
    }
  }
  const x = leaf([1, 2]);
  const y = x.mul(3);
  const z = Double.apply(y);
  expectClose(y, [6, 12]); // the very memory
  expectClose(z, [6, 12]);
  z.pow(2).sum().backward();
  expectClose(gradOf(x), [2 * 6 * 6, 2 * 12 * 6]);
});

test('markDirty of a leaf that requires gradients is refused', () => {
  class Dirty extends torch.autograd.Function {
    static forward(ctx: Ctx, x: T): T {
      ctx.markDirty(x);
      return x;
    }
    static backward(_ctx: Ctx, gradient: T): T {
      return gradient;
    }
  }
  expect(() => Dirty.apply(leaf([1]))).toThrow(/leaf|in-place/i);
});

test('an output that is an input comes back as a tensor of its own', () => {
  class Identity extends torch.autograd.Function {
    static forward(_ctx: Ctx, x: T): T {
      return x;
    }
    static backward(_ctx: Ctx, gradient: T): T {
      return gradient.mul(5);
    }
  }
  const x = leaf([1, 2]);
  Identity.apply(x).sum().backward();
  expectClose(gradOf(x), [5, 5]);
});

test('markNonDifferentiable: an output without gradient', () => {
  class SortWithOrder extends torch.autograd.Function {
    static forward(ctx: Ctx, x: T): [T, T] {
      const { values, indices } = x.sort();
      ctx.markNonDifferentiable(indices);
      ctx.saveForBackward(indices);
      return [values, indices];
    }
    static backward(ctx: Ctx, gradient: T): T {
      const [order] = ctx.savedTensors as [T];
      return torch.zerosLike(gradient).scatter_(0, order, gradient);
    }
  }
  const x = leaf([3, 1, 2]);
  const [values, order] = SortWithOrder.apply(x) as [T, T];
  expect([values.requiresGrad, order.requiresGrad]).toEqual([true, false]);
  expect(order.toArray()).toEqual([1, 2, 0]);
  values
    .mul(torch.tensor([10, 20, 30], { dtype: 'float64' }))
    .sum()
    .backward();
  expectClose(gradOf(x), [30, 10, 20]);
});

test('an unused output has zeros for a gradient, or null when they are not to be made', () => {
  const seen: unknown[] = [];
  const make = (materialize: boolean) =>
    class Two extends torch.autograd.Function {
      static forward(ctx: Ctx, x: T): [T, T] {
        ctx.setMaterializeGrads(materialize);
        return [x.mul(2), x.mul(3)];
      }
      static backward(_ctx: Ctx, first: T, second: T | null): T {
        seen.push(second === null ? null : second.toArray());
        return first.mul(2);
      }
    };
  for (const materialize of [true, false]) {
    const [used] = make(materialize).apply(leaf([1, 2])) as [T, T];
    used.sum().backward();
  }
  expect(seen).toEqual([[0, 0], null]);
});

test('null for an input means no gradient', () => {
  class First extends torch.autograd.Function {
    static forward(_ctx: Ctx, a: T, b: T): T {
      return a.add(b);
    }
    static backward(_ctx: Ctx, gradient: T): (T | null)[] {
      return [gradient, null];
    }
  }
  const [a, b] = [leaf(1), leaf(2)];
  First.apply(a, b).backward();
  expectClose(gradOf(a), 1);
  expect(b.grad).toBeNull();
});

test('operations in forward are not recorded, backward records only for createGraph', () => {
  const modes: boolean[] = [];
  class Modes extends torch.autograd.Function {
    static forward(_ctx: Ctx, x: T): T {
      modes.push(torch.isGradEnabled());
      return x.mul(1);
    }
    static backward(_ctx: Ctx, gradient: T): T {
      modes.push(torch.isGradEnabled());
      return gradient.mul(1);
    }
  }
  const x = leaf(1);
  Modes.apply(x).backward();
  torch.autograd.grad(Modes.apply(x), x, { createGraph: true });
  expect(modes).toEqual([false, false, false, true]);
  expect(torch.isGradEnabled()).toBe(true);
});

test('a function inside a function', () => {
  class Outer extends torch.autograd.Function {
    static forward(ctx: Ctx, x: T): T {
      const inner = x.detach().requiresGrad_();
      const y = torch.enableGrad(() => Cube.apply(inner).sum());
      ctx.inner = inner.keep();
      ctx.y = y.keep();
      return y.detach();
    }
    static backward(ctx: Ctx, gradient: T): T {
      const [dx] = torch.autograd.grad(ctx.y as T, ctx.inner as T);
      return (dx as T).mul(gradient);
    }
  }
  const x = leaf([1, 2]);
  torch.scope(() => Outer.apply(x).mul(2).backward());
  expectClose(gradOf(x), [6, 24]);
});

test('an instance that calls its own class variables through `this`', () => {
  class Power extends torch.autograd.Function {
    static exponent = 2;
    static forward(ctx: Ctx, x: T): T {
      ctx.saveForBackward(x);
      return x.pow(this.exponent);
    }
    static backward(ctx: Ctx, gradient: T): T {
      return gradient.mul((ctx.savedTensors[0] as T).pow(this.exponent - 1)).mul(this.exponent);
    }
  }
  class Fourth extends Power {
    static override exponent = 4;
  }
  const x = leaf(2);
  Power.apply(x).add(Fourth.apply(x)).backward();
  expectClose(gradOf(x), 4 + 32);
});

describe('what goes wrong comes out as an error', () => {
  const failing = (where: 'forward' | 'backward', problem: unknown) =>
    class Failing extends torch.autograd.Function {
      static forward(_ctx: Ctx, x: T): T {
        if (where === 'forward') throw problem;
        return x.mul(1);
      }
      static backward(_ctx: Ctx, gradient: T): T {
        if (where === 'backward') throw problem;
        return gradient;
      }
    };

  test.each(['forward', 'backward'] as const)('the very error that %s threw', (where) => {
    const problem = new RangeError('of mine');
    expect(thrownBy(() => failing(where, problem).apply(leaf(1)).backward())).toBe(problem);
  });

  test.each(['text', 7, null, undefined, { a: 1 }])('also when it is no Error: %p', (problem) => {
    for (const where of ['forward', 'backward'] as const) {
      expect(thrownBy(() => failing(where, problem).apply(leaf(1)).backward())).toEqual(problem);
    }
  });

  test('modes and later backwards are unharmed', () => {
    expect(() => failing('backward', new Error('x')).apply(leaf(1)).backward()).toThrow('x');
    expect(torch.isGradEnabled()).toBe(true);
    const x = leaf(3);
    Cube.apply(x).backward();
    expectClose(gradOf(x), 27);
  });

  test("libtorch's error inside backward", () => {
    class Shapes extends torch.autograd.Function {
      static forward(_ctx: Ctx, x: T): T {
        return x.mul(1);
      }
      static backward(_ctx: Ctx, gradient: T): T {
        return gradient.matmul(torch.ones(7, 7, { dtype: 'float64' }));
      }
    }
    expect(() =>
      Shapes.apply(leaf([1, 2]))
        .sum()
        .backward(),
    ).toThrow(/matmul|mat/);
  });

  test.each([
    ['too few', (g: T) => [g]],
    ['too many', (g: T) => [g, g, g, g]],
    ['one for several', (g: T) => g],
  ])('%s gradients', (_, answer) => {
    class Count extends torch.autograd.Function {
      static forward(_ctx: Ctx, a: T, b: T, c: T): T {
        return a.add(b).add(c);
      }
      static backward(_ctx: Ctx, gradient: T): T | T[] {
        return answer(gradient);
      }
    }
    expect(() => Count.apply(leaf(1), leaf(2), leaf(3)).backward()).toThrow(
      /Expected one gradient for each of the 3.*Count\.backward.*received \d/,
    );
  });

  test('a gradient of another shape', () => {
    class Wrong extends torch.autograd.Function {
      static forward(_ctx: Ctx, x: T): T {
        return x.mul(1);
      }
      static backward(): T {
        return torch.ones(3, { dtype: 'float64' });
      }
    }
    expect(() =>
      Wrong.apply(leaf([1, 2]))
        .sum()
        .backward(),
    ).toThrow(/shape|size/);
  });

  test('something else than tensors', () => {
    class Text extends torch.autograd.Function {
      static forward(_ctx: Ctx, x: T): T {
        return x.mul(1);
      }
      static backward(): T {
        return 'gradient' as unknown as T;
      }
    }
    expect(() => Text.apply(leaf(1)).backward()).toThrow(/Expected/);
    class Nothing extends torch.autograd.Function {
      static forward(_ctx: Ctx, _x: T): T {
        return undefined as unknown as T;
      }
      static backward(): null {
        return null;
      }
    }
    expect(() => Nothing.apply(leaf(1))).toThrow(/Expected a tensor or an array of tensors.*Nothing\.forward/);
    class Half extends torch.autograd.Function {}
    // @ts-expect-error there is no forward
    expect(() => Half.apply(leaf(1))).toThrow(/static methods forward and backward/);
  });

  test('once_differentiable is what a backward without operators is: the second derivative is refused or not there', () => {
    class ByHand extends torch.autograd.Function {
      static forward(ctx: Ctx, x: T): T {
        ctx.value = x.item();
        return x.mul(x);
      }
      static backward(ctx: Ctx, gradient: T): T {
        return torch.tensor(2 * (ctx.value as number) * (gradient.item() as number), { dtype: 'float64' });
      }
    }
    const x = leaf(3);
    const [dx] = torch.autograd.grad(ByHand.apply(x), x, { createGraph: true }) as [T];
    expectClose(dx, 6);
    expect(dx.requiresGrad).toBe(false);
  });

  test('ctx is of use only while forward or backward runs', () => {
    let kept: Ctx | null = null;
    class Keeper extends torch.autograd.Function {
      static forward(ctx: Ctx, x: T): T {
        kept = ctx;
        return x.mul(1);
      }
      static backward(_ctx: Ctx, gradient: T): T {
        return gradient;
      }
    }
    Keeper.apply(leaf(1));
    expect(() => (kept as unknown as Ctx).saveForBackward(leaf(1))).toThrow(/forward or backward/);
    expect(() => (kept as unknown as Ctx).savedTensors).toThrow(/forward or backward/);
  });
});

test('graphs with functions leave no tensors behind', () => {
  const x = leaf([1, 2, 3]);
  const step = () =>
    torch.scope(() => {
      Cube.apply(x).sum().backward();
      Cube.apply(x); // a graph that never runs backward
    });
  step();
  const before = torch.memory({ collect: true }).tensors;
  for (let i = 0; i < 500; i++) step();
  expect(torch.memory({ collect: true }).tensors).toBeLessThanOrEqual(before);
});

test('outside every scope they are left to garbage collection', () => {
  const x = leaf([1, 2, 3]);
  Cube.apply(x).sum().backward();
  const before = torch.memory({ collect: true }).tensors;
  for (let i = 0; i < 500; i++) Cube.apply(x).sum().backward();
  expect(torch.memory({ collect: true }).tensors).toBeLessThan(before + 50);
});
