/** Gradients on a CUDA device: libtorch runs backward on threads of its own, callbacks still run on the JavaScript thread. */

import * as torch from '../../lib';
import { expectClose, type Numbers } from '../close';
import { describeCuda } from './gpu';

type Ctx = torch.autograd.FunctionContext;
type T = torch.Tensor;
const leaf = (values: torch.TensorData) => torch.tensor(values, { dtype: 'float64', device: 'cuda', requiresGrad: true });

class Square extends torch.autograd.Function {
  static forward(ctx: Ctx, x: T): T {
    ctx.saveForBackward(x);
    return x.mul(x);
  }
  static backward(ctx: Ctx, gradient: T): T {
    return gradient.mul(2).mul(ctx.savedTensors[0] as T);
  }
}

describeCuda('backward', () => {
  test('a plain graph', () => {
    const x = leaf([1, 2]);
    x.pow(3).sum().backward();
    expect((x.grad as T).device).toBe('cuda:0');
    expectClose(x.grad as T, [3, 12]);
  });

  test('functions and hooks in one graph', () => {
    const x = leaf([1, 2]);
    const y = Square.apply(x);
    y.registerHook((g) => g.mul(10));
    const sums: unknown[] = [];
    x.registerPostAccumulateGradHook((tensor) => sums.push(tensor.grad?.toArray()));
    Square.apply(y).sum().backward();
    expectClose(x.grad as T, [40, 320]);
    expect(sums).toEqual([[40, 320]]);
  });

  test('gradients that are differentiated again', () => {
    const x = leaf(3);
    const [first] = torch.autograd.grad(Square.apply(Square.apply(x)), x, { createGraph: true }) as [T];
    expectClose(first, 4 * 27);
    expectClose(torch.autograd.grad(first, x)[0] as T, 12 * 9);
    expect(torch.autograd.gradcheck((t) => Square.apply(t as T), leaf([0.3, -1]))).toBe(true);
    expect(torch.autograd.gradgradcheck((t) => Square.apply(t as T), leaf([0.3, -1]))).toBe(true);
  });

  test('a hook has the grad mode of the pass', () => {
    const x = leaf(2);
    const modes: boolean[] = [];
    const y = x.mul(x);
    y.registerHook((g) => {
      modes.push(torch.isGradEnabled());
      return g;
    });
    y.mul(y).backward({ retainGraph: true });
    torch.autograd.grad(y.mul(y), x, { createGraph: true });
    expect(modes).toEqual([false, true]);
    expect(torch.isGradEnabled()).toBe(true);
  });

  test('the error of a callback comes out as it is', () => {
    const problem = new Error('in the callback');
    const x = leaf(1);
    x.registerHook(() => {
      throw problem;
    });
    let caught: unknown;
    try {
      x.mul(2).backward();
    } catch (error) {
      caught = error;
    }
    expect(caught).toBe(problem);
    expectClose(torch.autograd.grad(Square.apply(leaf(3)).add(0), leaf(1), { allowUnused: true, materializeGrads: true })[0] as T, 0);
  });

  test('a graph over both devices', () => {
    const here = torch.tensor([1, 2], { dtype: 'float64', requiresGrad: true });
    Square.apply(Square.apply(here).to('cuda')).to('cpu').sum().backward();
    expectClose(here.grad as T, [4, 32]);
  });

  test('asynchronously, with callbacks', async () => {
    const x = leaf([1, 2]);
    await torch.backwardAsync(Square.apply(x).sum());
    expectClose(x.grad as T, [2, 4]);
  });

  test('a checkpoint with dropout draws the same numbers', () => {
    torch.manualSeed(1);
    const x = torch.ones(1000, { device: 'cuda', requiresGrad: true });
    const y = torch.autograd.checkpoint((t) => torch.dropout(t as T, 0.5, true), x);
    y.sum().backward();
    expect((x.grad as T).equal(y)).toBe(true);
  });
});

describeCuda('training', () => {
  test('a few steps give the losses of the CPU', () => {
    const losses = (device: torch.DeviceLike): number[] =>
      torch.scope(() => {
        torch.manualSeed(0);
        const { nn, optim } = torch;
        const model = new nn.Sequential(new nn.Conv2d(1, 4, 3), new nn.ReLU(), new nn.Flatten(), new nn.Linear(4 * 36, 3)).to(device);
        const x = torch
          .linspace(-1, 1, 10 * 64)
          .reshape(10, 1, 8, 8)
          .to(device);
        const y = torch.arange(10).remainder(3).to(device);
        const optimizer = new optim.SGD(model.parameters(), { lr: 0.1, momentum: 0.9 });
        return Array.from({ length: 5 }, () => {
          const loss = nn.functional.crossEntropy(model.forward(x), y);
          optimizer.zeroGrad();
          loss.backward();
          optimizer.step();
          return Number(loss.item());
        });
      });
    const wanted = losses('cpu');
    expectClose(torch.tensor(losses('cuda'), { dtype: 'float64' }), wanted as Numbers, 1e-3);
    expect(wanted.at(-1)).toBeLessThan(wanted[0] as number);
  });
});
