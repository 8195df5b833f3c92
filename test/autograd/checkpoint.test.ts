/** Checkpoints: the values and gradients of the plain computation, with a second forward instead of saved tensors. */

import * as torch from '../../lib';
import { expectClose } from '../close';
import { leaf } from './leaf';

const { checkpoint } = torch.autograd;
type T = torch.Tensor;
const numbers = (tensor: T | null) => (tensor as T).toArray() as number[];

test('values and gradients are those of the plain computation', () => {
  const block = (x: T) => x.sin().mul(x).exp();
  const [x, plain] = [leaf([0.3, -1]), leaf([0.3, -1])];
  const y = checkpoint((t) => block(t as T), x);
  expectClose(y, numbers(block(plain)));
  y.mul(3).sum().backward();
  block(plain).mul(3).sum().backward();
  expectClose(x.grad as T, numbers(plain.grad));
});

test('the function runs once more in backward, and not before', () => {
  let runs = 0;
  const x = leaf([1, 2]);
  const y = checkpoint((t) => {
    runs++;
    return (t as T).exp();
  }, x);
  expect(runs).toBe(1);
  y.sum().backward();
  expect(runs).toBe(2);
});

test('what the function makes on the way is not kept for backward', () => {
  const size = 250_000; // 2 MB of float64
  const x = torch.zeros(size, { dtype: 'float64', requiresGrad: true });
  const deep = (t: T) => {
    let h = t;
    for (let i = 0; i < 10; i++) h = h.sin().exp();
    return h;
  };
  let watched = 0;
  const probe = (t: T) => {
    const out = deep(t);
    watched++;
    return out;
  };
  const y = torch.scope(() => checkpoint((t) => probe(t as T), x));
  // Of the twenty tensors only the result has a graph: nothing of what is inside was recorded.
  expect(y.gradFn).toBe('CheckpointBackward');
  torch.scope(() => y.sum().backward());
  expect(watched).toBe(2);
  expect((x.grad as T).isfinite().all().item()).toBe(true);
});

test('several inputs, some without gradients, several outputs', () => {
  const [a, b] = [leaf([1, 2]), leaf([3, 4])];
  const c = torch.tensor([10, 20], { dtype: 'float64' });
  const [p, q] = checkpoint((x, y, z) => [(x as T).mul(y as T).mul(z as T), (x as T).add(y as T)], [a, b, c]) as T[];
  (p as T)
    .sum()
    .add((q as T).sum())
    .backward();
  expectClose(a.grad as T, [31, 81]);
  expectClose(b.grad as T, [11, 41]);
  expect(c.grad).toBeNull();
});

test('integer inputs pass through', () => {
  const x = leaf([1, 2, 3]);
  const order = torch.tensor([2, 0]);
  checkpoint((t, i) => (t as T).index(i as T).pow(2), [x, order])
    .sum()
    .backward();
  expectClose(x.grad as T, [2, 0, 6]);
});

test('an output that is not used, and one without gradient', () => {
  const x = leaf([1, 2]);
  const [y] = checkpoint((t) => [(t as T).pow(2), (t as T).pow(3), (t as T).argmax()], x) as T[];
  (y as T).sum().backward();
  expectClose(x.grad as T, [2, 4]);
});

test('parameters get their gradients', () => {
  const weight = leaf([
    [1, 2],
    [3, 4],
  ]);
  const x = leaf([5, 6]);
  checkpoint((t) => weight.matmul(t as T), x, { parameters: [weight] })
    .sum()
    .backward();
  expectClose(weight.grad as T, [
    [5, 6],
    [5, 6],
  ]);
  expectClose(x.grad as T, [4, 6]);
});

test('an input without gradients in front of a block with parameters', () => {
  const weight = leaf([2, 3]);
  const x = torch.tensor([5, 6], { dtype: 'float64' });
  checkpoint((t) => weight.mul(t as T), x, { parameters: [weight] })
    .sum()
    .backward();
  expectClose(weight.grad as T, [5, 6]);
});

test('dropout: the second forward drops the same elements', () => {
  torch.manualSeed(3);
  const x = torch.ones(1000, { requiresGrad: true });
  const y = checkpoint((t) => torch.dropout(t as T, 0.5, true), x);
  y.sum().backward();
  // dy/dx is the mask itself, which is y because x is one.
  expect((x.grad as T).equal(y)).toBe(true);
  expect(y.sum().item()).not.toBe(2000);
});

test('the random numbers after backward go on as if it had not drawn any', () => {
  const draw = (withBackward: boolean) => {
    torch.manualSeed(5);
    const x = torch.ones(10, { requiresGrad: true });
    const y = checkpoint((t) => torch.dropout(t as T, 0.5, true), x);
    if (withBackward) y.sum().backward();
    return torch.rand(4).toArray();
  };
  expect(draw(true)).toEqual(draw(false));
});

test('preserveRngState: false draws anew', () => {
  torch.manualSeed(3);
  const x = torch.ones(1000, { requiresGrad: true });
  const y = checkpoint((t) => torch.dropout(t as T, 0.5, true), x, { preserveRngState: false });
  y.sum().backward();
  expect((x.grad as T).equal(y)).toBe(false);
});

test('checkpoints in a row and inside one another', () => {
  const f = (t: T) => t.sin();
  const [x, plain] = [leaf([0.3, 1]), leaf([0.3, 1])];
  checkpoint((t) => checkpoint((u) => f(u as T), f(t as T)), x)
    .mul(2)
    .sum()
    .backward();
  f(f(plain)).mul(2).sum().backward();
  expectClose(x.grad as T, numbers(plain.grad));
});

test('nothing is recorded under noGrad', () => {
  expect(torch.noGrad(() => checkpoint((t) => (t as T).exp(), leaf([1]))).requiresGrad).toBe(false);
});

test('an error in the function comes out, in forward and in backward', () => {
  let fail = true;
  const fn = (t: torch.Tensor) => {
    if (fail) throw new Error('inside the block');
    return t.exp();
  };
  expect(() => checkpoint((t) => fn(t as T), leaf(1))).toThrow('inside the block');
  fail = false;
  const y = checkpoint((t) => fn(t as T), leaf(1));
  fail = true;
  const state = torch.getRngState();
  expect(() => y.backward()).toThrow('inside the block');
  expect(torch.getRngState().equal(state)).toBe(true);
});

test('in a scope, and leaving nothing behind', () => {
  const x = leaf([0.3, 1]);
  const step = () =>
    torch.scope(() =>
      checkpoint((t) => torch.dropout((t as T).exp(), 0.1, true), x)
        .sum()
        .backward(),
    );
  step();
  const before = torch.memory({ collect: true }).tensors;
  for (let i = 0; i < 200; i++) step();
  expect(torch.memory({ collect: true }).tensors).toBeLessThanOrEqual(before);
});

test('needs a function and tensors', () => {
  // @ts-expect-error a number is no function
  expect(() => checkpoint(1, leaf(1))).toThrow(/Expected a function for checkpoint/);
  // @ts-expect-error a number is no tensor
  expect(() => checkpoint((t) => t, [1])).toThrow(/Expected a tensor for inputs\[0\]/);
});
