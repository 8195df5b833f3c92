/** Hooks on tensors: they see gradients, may replace them, and can be taken away. */

import * as torch from '../../lib';
import { expectClose } from '../close';
import { leaf } from './leaf';

test('a hook sees the gradient of a leaf and of a tensor inside the graph', () => {
  const x = leaf([1, 2]);
  const y = x.mul(3);
  const seen: Record<string, unknown> = {};
  x.registerHook((g) => {
    seen.x = g.toArray();
    return undefined;
  });
  y.registerHook((g) => {
    seen.y = g.toArray();
    return undefined;
  });
  y.pow(2).sum().backward();
  expect(seen).toEqual({ x: [18, 36], y: [6, 12] });
});

test('a hook that returns a tensor replaces the gradient', () => {
  const x = leaf([1, 2]);
  const y = x.mul(3);
  y.registerHook((g) => g.mul(10));
  y.sum().backward();
  expectClose(x.grad as torch.Tensor, [30, 30]);
});

test('hooks run in the order in which they were registered, each on what the last one left', () => {
  const x = leaf(1);
  x.registerHook((g) => g.add(1));
  x.registerHook((g) => g.mul(10));
  x.mul(1).backward();
  expectClose(x.grad as torch.Tensor, 20);
});

test('a removed hook is silent, others stay', () => {
  const x = leaf(1);
  const calls: string[] = [];
  const first = x.registerHook(() => {
    calls.push('first');
    return undefined;
  });
  x.registerHook(() => {
    calls.push('second');
    return undefined;
  });
  first.remove();
  first.remove();
  x.mul(2).backward();
  expect(calls).toEqual(['second']);
});

test('tensors that a hook keeps live on when it runs in a scope', () => {
  const x = leaf([1, 2]);
  let kept: torch.Tensor | null = null;
  torch.scope(() => {
    x.registerHook((g) => {
      kept = g.clone().keep();
      return undefined;
    });
    x.mul(4).sum().backward();
  });
  expectClose(kept as unknown as torch.Tensor, [4, 4]);
});

test('a hook needs a function and a tensor that requires gradients', () => {
  // @ts-expect-error not a function
  expect(() => leaf(1).registerHook(1)).toThrow(/Expected a function/);
  expect(() => torch.ones(1).registerHook(() => undefined)).toThrow(/require/);
});

test('what a hook returns must fit the gradient', () => {
  const x = leaf([1, 2]);
  const y = x.mul(1);
  y.registerHook(() => torch.ones(3, { dtype: 'float64' }));
  expect(() => y.sum().backward()).toThrow(/size|shape|\[3\]/i);
});

test('after a gradient was added a post-accumulate hook sees the whole sum', () => {
  const x = leaf([1, 2]);
  const sums: unknown[] = [];
  const handle = x.registerPostAccumulateGradHook((tensor) => {
    sums.push(tensor.grad?.toArray());
  });
  x.sum().backward();
  x.sum().backward();
  handle.remove();
  x.sum().backward();
  expect(sums).toEqual([
    [1, 1],
    [2, 2],
  ]);
});

test('several post-accumulate hooks run one after the other', () => {
  const x = leaf(1);
  const calls: number[] = [];
  const first = x.registerPostAccumulateGradHook(() => calls.push(1));
  x.registerPostAccumulateGradHook(() => calls.push(2));
  x.mul(2).backward();
  first.remove();
  x.mul(2).backward();
  expect(calls).toEqual([1, 2, 2]);
});

test('a post-accumulate hook may drop the gradient: an optimizer step inside backward', () => {
  const x = leaf(10);
  x.registerPostAccumulateGradHook((tensor) => {
    torch.noGrad(() => tensor.sub_((tensor.grad as torch.Tensor).mul(0.5)));
    tensor.grad = null;
  });
  x.mul(4).backward();
  expectClose(x, 8);
  expect(x.grad).toBeNull();
});

test('hooks that nothing holds any more leave no tensors behind', () => {
  const run = () =>
    torch.scope(() => {
      const x = leaf([1, 2]);
      const y = x.mul(2);
      y.registerHook((g) => g.mul(2));
      y.sum().backward();
    });
  run();
  const before = torch.memory({ collect: true }).tensors;
  for (let i = 0; i < 300; i++) run();
  expect(torch.memory({ collect: true }).tensors).toBeLessThanOrEqual(before);
});
