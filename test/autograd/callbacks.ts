/** Graphs in which JavaScript takes part: hooks and custom functions. The bodies are the same wherever backward runs. */

import * as torch from '../../lib';
import { expectClose } from '../close';
import { thrownBy } from '../thrown';
import { leaf as leafOn } from './leaf';

type Ctx = torch.autograd.FunctionContext;
type T = torch.Tensor;

export class Square extends torch.autograd.Function {
  static forward(ctx: Ctx, x: T): T {
    ctx.saveForBackward(x);
    return x.mul(x);
  }
  static backward(ctx: Ctx, gradient: T): T {
    return gradient.mul(2).mul(ctx.savedTensors[0] as T);
  }
}

/** The tests, on tensors of a device. */
export function testCallbacks(device: torch.DeviceLike): void {
  const leaf = (values: torch.TensorData) => leafOn(values, device);

  test('a plain graph', () => {
    const x = leaf([1, 2]);
    x.exp().sum().backward();
    expect(x.grad?.device).toBe(x.device);
    expectClose(x.grad as T, [Math.E, Math.exp(2)]);
  });

  test('functions and hooks in one graph', () => {
    const x = leaf([1, 2]);
    const y = Square.apply(x);
    y.registerHook((g) => g.mul(10));
    const seen: unknown[] = [];
    x.registerPostAccumulateGradHook((tensor) => seen.push(tensor.grad?.toArray()));
    Square.apply(y).sum().backward();
    // d/dx (x^2)^2 = 4 x^3, times ten by the hook
    expectClose(x.grad as T, [40, 320]);
    expect(seen).toEqual([[40, 320]]);
  });

  test('gradients that are differentiated again', () => {
    const x = leaf(3);
    const [first] = torch.autograd.grad(Square.apply(Square.apply(x)), x, { createGraph: true }) as [T];
    expectClose(first, 4 * 27);
    const [second] = torch.autograd.grad(first, x) as [T];
    expectClose(second, 12 * 9);
    expect(torch.autograd.gradcheck((t) => Square.apply(t), leaf([0.3, -1]))).toBe(true);
    expect(torch.autograd.gradgradcheck((t) => Square.apply(t), leaf([0.4, -2]))).toBe(true);
  });

  test('the error of a callback comes out as it is, and the next backward works', () => {
    class Strange extends Error {}
    const problem = new Strange('in the callback');
    const x = leaf(1);
    const handle = x.registerHook(() => {
      throw problem;
    });
    expect(thrownBy(() => x.mul(2).backward())).toBe(problem);
    handle.remove();
    x.mul(2).backward();
    expectClose(x.grad as T, 2);
  });

  test("libtorch's own errors", () => {
    const y = leaf(1).exp();
    y.backward();
    expect(() => y.backward()).toThrow(/second time/);
    expect(() => torch.ones(1, { device }).backward()).toThrow(/require.*grad/i);
  });

  test('a backward inside a callback of a backward', () => {
    const [x, inner] = [leaf(2), leaf(5)];
    x.registerHook((g) => {
      torch.enableGrad(() => Square.apply(inner).backward());
      return g;
    });
    Square.apply(x).backward();
    expectClose(x.grad as T, 4);
    expectClose(inner.grad as T, 10);
  });

  test('the grad mode of the pass is the mode of its callbacks', () => {
    const x = leaf(2);
    const modes: boolean[] = [];
    const y = x.mul(x);
    y.registerHook((g) => {
      modes.push(torch.isGradEnabled());
      return g.mul(2);
    });
    y.mul(y).backward({ retainGraph: true });
    torch.autograd.grad(y.mul(y), x, { createGraph: true });
    expect(modes).toEqual([false, true]);
    expect(torch.isGradEnabled()).toBe(true);
    expect(x.mul(2).requiresGrad).toBe(true);
  });

  test('inside a scope: what callbacks make is freed with it, gradients stay', () => {
    const x = leaf([1, 2]);
    torch.scope(() => Square.apply(x).sum().backward());
    expectClose(x.grad as T, [2, 4]);
    const before = torch.memory({ collect: true }).tensors;
    for (let i = 0; i < 100; i++) torch.scope(() => Square.apply(x).sum().backward());
    expect(torch.memory({ collect: true }).tensors).toBeLessThanOrEqual(before);
  });

  test('checkpoints', () => {
    const x = leaf([0.5, 1]);
    torch.autograd
      .checkpoint((t) => Square.apply(t.sin()), x)
      .sum()
      .backward();
    expectClose(x.grad as T, [Math.sin(1), Math.sin(2)]);
  });

  test('a checkpoint with dropout draws the same numbers', () => {
    torch.manualSeed(1);
    const x = torch.ones(1000, { device, requiresGrad: true });
    const y = torch.autograd.checkpoint((t) => torch.dropout(t, 0.5, true), x);
    y.sum().backward();
    expect((x.grad as T).equal(y)).toBe(true);
  });

  test('anomaly detection', () => {
    const warn = jest.spyOn(process, 'emitWarning').mockImplementation();
    const x = leaf([0]);
    expect(() => torch.detectAnomaly(() => x.sqrt().mul(0).sum().backward())).toThrow(/SqrtBackward0/);
    expect(warn.mock.calls).toEqual([[expect.stringMatching(/SqrtBackward0.*callbacks\.ts:\d+/s), 'TorchWarning']]);
    warn.mockRestore();
  });

  test('backwardAsync: callbacks run here while the pass is elsewhere', async () => {
    const x = leaf([1, 2]);
    const here: number[] = [];
    const y = Square.apply(x);
    y.registerHook((g) => {
      here.push(1);
      return g.mul(3);
    });
    await torch.backwardAsync(y.sum());
    expect(here).toEqual([1]);
    expectClose(x.grad as T, [6, 12]);
  });

  test('backwardAsync: the error of a callback rejects the promise', async () => {
    const problem = new Error('in the callback');
    const x = leaf(1);
    x.registerHook(() => {
      throw problem;
    });
    await expect(torch.backwardAsync(x.mul(2))).rejects.toBe(problem);
  });

  test('several backwards at a time take turns in their callbacks', async () => {
    const leaves = [1, 2, 3, 4].map((value) => leaf(value));
    await Promise.all(leaves.map((x) => torch.backwardAsync(Square.apply(Square.apply(x)))));
    expect(leaves.map((x) => x.grad?.item())).toEqual([4, 32, 108, 256]);
  });
}
