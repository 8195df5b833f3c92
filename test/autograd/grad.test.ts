/** `autograd.grad`: gradients as results, without touching `grad`. */

import * as torch from '../../lib';
import { expectClose } from '../close';
import { leaf } from './leaf';

const { grad } = torch.autograd;

test('one gradient for each input, and no `grad` is touched', () => {
  const [a, b] = [leaf([1, 2]), leaf([3, 4])];
  const [da, db] = grad(a.mul(b).sum(), [a, b]) as [torch.Tensor, torch.Tensor];
  expectClose(da, [3, 4]);
  expectClose(db, [1, 2]);
  expect([a.grad, b.grad]).toEqual([null, null]);
});

test('a single tensor may stand for the list of inputs', () => {
  const x = leaf(3);
  const [dx] = grad(x.log(), x);
  expectClose(dx as torch.Tensor, 1 / 3);
});

test('`gradOutputs` weights outputs of several elements; null stands for one', () => {
  const x = leaf([1, 2]);
  const weights = torch.tensor([1, 10], { dtype: 'float64' });
  expectClose(grad(x.pow(2), x, { gradOutputs: weights })[0] as torch.Tensor, [2, 40]);
  expectClose(grad([x.pow(2), x.sum()], x, { gradOutputs: [weights, null] })[0] as torch.Tensor, [3, 41]);
});

test('inputs inside the graph', () => {
  const x = leaf(2);
  const y = x.mul(x);
  const [dy] = grad(y.mul(y), [y]);
  expectClose(dy as torch.Tensor, 8);
});

test('an input that does not matter is an error, null or zeros', () => {
  const [x, other] = [leaf([1, 2]), leaf([[3, 4, 5]])];
  expect(() => grad(x.sum(), [x, other])).toThrow(/not.*used|allow_?unused/i);
  expect(grad(x.sum(), [other], { allowUnused: true })).toEqual([null]);
  const [zeros] = grad(x.sum(), [other], { materializeGrads: true });
  expect((zeros as torch.Tensor).shape).toEqual([1, 3]);
  expectClose(zeros as torch.Tensor, [0, 0, 0]);
});

test('zeros for an unused input are zeros also where it holds infinities', () => {
  const x = leaf(1);
  const other = leaf([Number.POSITIVE_INFINITY, Number.NaN]);
  const [zeros] = grad(x.mul(2), [other], { materializeGrads: true });
  expectClose(zeros as torch.Tensor, [0, 0]);
});

test('`createGraph`: a polynomial down to its last derivative', () => {
  const x = leaf(2);
  let y = x.pow(4);
  for (const value of [32, 48, 48, 24]) {
    y = grad(y, x, { createGraph: true })[0] as torch.Tensor;
    expectClose(y, value);
  }
});

test('`createGraph` works inside noGrad for what was recorded outside', () => {
  const x = leaf(3);
  const y = x.pow(3);
  const first = torch.noGrad(() => grad(y, x, { createGraph: true })[0] as torch.Tensor);
  expect(first.requiresGrad).toBe(true);
  expectClose(grad(first, x)[0] as torch.Tensor, 18);
});

test('the graph goes after its use unless it is retained', () => {
  const x = leaf(1);
  const y = x.exp();
  expectClose(grad(y, x, { retainGraph: true })[0] as torch.Tensor, Math.E);
  expectClose(grad(y, x)[0] as torch.Tensor, Math.E);
  expect(() => grad(y, x)).toThrow(/second time/);
});

test.each([
  ['outputs', () => grad([] as torch.Tensor[], leaf(1))],
  ['a number as output', () => grad(1 as unknown as torch.Tensor, leaf(1))],
  ['a number as input', () => grad(leaf(1).mul(2), [2 as unknown as torch.Tensor])],
  ['weights of another shape', () => grad(leaf([1, 2]).mul(2), leaf(1), { gradOutputs: torch.ones(3, { dtype: 'float64' }) })],
  ['an input without gradients', () => grad(leaf(1).mul(2), torch.ones(1, { dtype: 'float64' }))],
])('refuses %s', (_, call) => {
  expect(call).toThrow();
});
