/** `backward`: what lands in `grad`, what of the graph stays, and what it refuses. */

import * as torch from '../../lib';
import { expectClose } from '../close';
import { leaf } from './leaf';

const gradOf = (tensor: torch.Tensor): torch.Tensor => {
  const { grad } = tensor;
  if (grad === null) throw new Error('no gradient');
  return grad;
};

test('the gradient of a sum of cubes is three squares', () => {
  const x = leaf([1, -2, 3]);
  x.pow(3).sum().backward();
  expectClose(gradOf(x), [3, 12, 27]);
});

test('gradients of several backward passes add up until they are taken away', () => {
  const x = leaf([2, 5]);
  x.mul(3).sum().backward();
  x.mul(4).sum().backward();
  expectClose(gradOf(x), [7, 7]);
  x.grad = null;
  expect(x.grad).toBeNull();
  x.mul(x).sum().backward();
  expectClose(gradOf(x), [4, 10]);
});

test('a tensor used twice gets the sum over both paths', () => {
  const x = leaf(3);
  const y = x.mul(x); // x^2
  y.add(y.mul(x)).backward(); // x^2 + x^3
  expectClose(gradOf(x), 2 * 3 + 3 * 9);
});

test('broadcast inputs get gradients of their own shape', () => {
  const row = leaf([[1, 2, 3]]);
  const column = leaf([[10], [20]]);
  row.mul(column).sum().backward();
  expectClose(gradOf(row), [30, 30, 30]);
  expect(gradOf(row).shape).toEqual([1, 3]);
  expectClose(gradOf(column), [6, 6]);
  expect(gradOf(column).shape).toEqual([2, 1]);
});

test('gradients flow through views, indexing and in-place changes', () => {
  const x = leaf([
    [1, 2],
    [3, 4],
  ]);
  const y = x.mul(1).t().index(0, torch.slice(1, null)); // [3]
  y.mul_(y.detach().clone()); // 3 * x[1][0]
  y.sum().backward();
  expectClose(gradOf(x), [
    [0, 0],
    [3, 0],
  ]);
});

test('`gradient` weights the outputs, as an argument and as an option', () => {
  const x = leaf([1, 2]);
  x.pow(2).backward(torch.tensor([1, 10], { dtype: 'float64' }));
  expectClose(gradOf(x), [2, 40]);
  x.grad = null;
  x.pow(2).backward({ gradient: torch.tensor([0, 1], { dtype: 'float64' }) });
  expectClose(gradOf(x), [0, 4]);
});

test('an output of several elements needs `gradient`, of its shape', () => {
  const y = leaf([1, 2]).mul(2);
  expect(() => y.backward()).toThrow(/scalar/);
  expect(() => y.backward(torch.ones(3, { dtype: 'float64' }))).toThrow(/shape|size|\[3\]/i);
  // @ts-expect-error a string is no gradient
  expect(() => y.backward('1')).toThrow(/Expected/);
});

test('a second backward through the same graph needs `retainGraph`', () => {
  const x = leaf(2);
  const y = x.exp();
  y.backward({ retainGraph: true });
  y.backward();
  expectClose(gradOf(x), 2 * Math.exp(2));
  expect(() => y.backward()).toThrow(/second time/);
});

test('`createGraph` makes gradients that can be differentiated', () => {
  const warn = jest.spyOn(process, 'emitWarning').mockImplementation(); // libtorch warns of the cycle that this makes
  const x = leaf(3);
  x.pow(4).backward({ createGraph: true });
  const first = gradOf(x);
  expect(first.requiresGrad).toBe(true);
  expectClose(first, 4 * 27);
  const [second] = torch.autograd.grad(first, [x]);
  expectClose(second as torch.Tensor, 12 * 9);
  x.grad = null;
  warn.mockRestore();
});

test('`inputs` limits which leaves accumulate', () => {
  const [a, b] = [leaf(2), leaf(5)];
  a.mul(b).backward({ inputs: [a] });
  expectClose(gradOf(a), 5);
  expect(b.grad).toBeNull();
});

test('`inputs` may name a tensor inside the graph', () => {
  const x = leaf(2);
  const y = x.mul(3).retainGrad();
  y.mul(y).backward({ inputs: [y] });
  expectClose(gradOf(y), 12);
  expect(x.grad).toBeNull();
});

test('several outputs at once', () => {
  const x = leaf([1, 2]);
  const parts = [x.sum(), x.pow(2)];
  torch.autograd.backward(parts, { gradTensors: [null, torch.tensor([1, 10], { dtype: 'float64' })] });
  expectClose(gradOf(x), [1 + 2, 1 + 40]);
});

test('what was not recorded cannot go backward', () => {
  expect(() => torch.ones(1).sum().backward()).toThrow(/require.*grad/i);
  expect(() => leaf(1).detach().backward()).toThrow(/require.*grad/i);
});

test('only real and complex tensors can require gradients', () => {
  expect(() => torch.zeros(2, { dtype: 'int64' }).requiresGrad_()).toThrow(/floating-point/);
  const y = leaf(1).mul(2);
  expect(() => y.requiresGrad_(false)).toThrow(/leaf/);
});

test('isLeaf, gradFn, requiresGrad and detach tell the graph', () => {
  const x = leaf(1);
  const y = x.add(1);
  expect([x.isLeaf, x.gradFn, x.requiresGrad]).toEqual([true, null, true]);
  expect([y.isLeaf, y.gradFn, y.requiresGrad]).toEqual([false, expect.stringMatching(/^AddBackward\d$/), true]);
  const d = y.detach();
  expect([d.isLeaf, d.gradFn, d.requiresGrad]).toEqual([true, null, false]);
  d.fill_(9);
  expect(y.item()).toBe(9); // the memory is shared
});

test('only a leaf, or a tensor that was asked to, keeps its gradient', () => {
  const x = leaf(2);
  const y = x.mul(x);
  const z = x.mul(3).retainGrad();
  expect([y.retainsGrad, z.retainsGrad]).toEqual([false, true]);
  y.add(z).backward();
  expect(y.grad).toBeNull();
  expectClose(gradOf(z), 1);
  expectClose(gradOf(x), 7);
});

test('a leaf that requires gradients is not changed in place while operations are recorded', () => {
  const x = leaf([1, 2]);
  expect(() => x.add_(1)).toThrow(/in-place|leaf/i);
  torch.noGrad(() => x.add_(1));
  expectClose(x, [2, 3]);
});

test('a tensor that backward needs must not have been changed since', () => {
  const x = leaf(1);
  const y = x.exp(); // keeps its own result
  y.add_(1);
  expect(() => y.backward()).toThrow(/inplace|in-place|modified/i);
});

test('the gradient that is set must be like the tensor', () => {
  const x = leaf([1, 2]);
  x.grad = torch.tensor([5, 6], { dtype: 'float64' });
  expectClose(gradOf(x), [5, 6]);
  x.sum().backward();
  expectClose(gradOf(x), [6, 7]);
  expect(() => {
    x.grad = torch.zeros(3, { dtype: 'float64' });
  }).toThrow(/shape/);
  expect(() => {
    x.grad = torch.zeros(2);
  }).toThrow(/float64/);
  expect(() => {
    // @ts-expect-error an array is no tensor
    x.grad = [1, 2];
  }).toThrow(/Expected a tensor or null/);
});

test('gradients and graphs outlive the scope that made them', () => {
  const x = leaf([1, 2]);
  torch.scope(() => x.pow(2).sum().backward());
  expectClose(gradOf(x), [2, 4]);
  const loss = torch.scope(() => x.exp().mul(2).sum()); // its intermediate results are gone, the graph is not
  x.grad = null;
  loss.backward();
  expectClose(gradOf(x), [2 * Math.E, 2 * Math.exp(2)]);
});

test('complex leaves: the gradient of |z|^2 is 2z', () => {
  const z = torch.tensor([{ re: 1, im: -2 }], { dtype: 'complex128', requiresGrad: true });
  z.abs().pow(2).sum().backward();
  const g = gradOf(z).toArray() as { re: number; im: number }[];
  expect(g[0]?.re).toBeCloseTo(2, 12);
  expect(g[0]?.im).toBeCloseTo(-4, 12);
});

test('an output without elements goes backward with an empty gradient', () => {
  const x = leaf([1, 2]);
  x.index(torch.slice(0)).backward(torch.zeros([0], { dtype: 'float64' }));
  expectClose(gradOf(x), [0, 0]);
});

test('backwardAsync does the same while timers go on', async () => {
  const x = leaf([1, 2, 3]);
  await torch.backwardAsync(x.pow(3).sum());
  expectClose(gradOf(x), [3, 12, 27]);
  await expect(torch.backwardAsync(torch.ones(1))).rejects.toThrow(/require.*grad/i);
});

test('a thousand graphs leave no tensors behind', () => {
  const x = leaf(torch.ones(100) as torch.Tensor);
  x.mul(2).sum().backward();
  const before = torch.memory({ collect: true });
  torch.scope(() => {
    for (let i = 0; i < 1000; i++) torch.scope(() => x.mul(x).exp().sum().backward());
  });
  const after = torch.memory({ collect: true });
  expect(after.tensors).toBeLessThanOrEqual(before.tensors);
});
