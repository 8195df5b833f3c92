/** Work on other threads: results, errors, and an event loop that goes on meanwhile. */

import * as torch from '../../lib';
import { resultOf } from '../robustness/processes';

test('the result is the operator’s', async () => {
  const a = torch.tensor([
    [1.5, 2],
    [3, 4],
  ]);
  expect((await torch.async(torch.matmul, a, a)).toArray()).toEqual([
    [8.25, 11],
    [16.5, 22],
  ]);
  expect((await torch.async(() => a.sum())).item()).toBe(10.5);
});

test('several results come as an array', async () => {
  const [values, indices] = (await torch.async(() => torch.topk(torch.tensor([1.5, 9, 4]), 2))) as unknown as torch.Tensor[];
  expect([values?.toArray(), indices?.toArray()]).toEqual([
    [9, 4],
    [1, 2],
  ]);
});

test('many at once, each with its own result', async () => {
  const results = await Promise.all(Array.from({ length: 40 }, (_, i) => torch.async(() => torch.full([50, 50], i))));
  expect(results.map((result) => result.index(3, 4).item())).toEqual(Array.from({ length: 40 }, (_, i) => i));
});

test('errors reject, with operator, shapes and dtypes', async () => {
  await expect(torch.async(torch.matmul, torch.ones(2, 3), torch.ones(4, 5))).rejects.toThrow(
    /^matmul: .*float32\[2, 3\] cpu.*float32\[4, 5\] cpu/,
  );
  await expect(torch.async(torch.matmul, torch.ones(2), 'x' as never)).rejects.toThrow(/matmul: /);
  await expect(torch.async(() => 7)).rejects.toThrow(/Expected a call of an operator in async but the function returned number 7/);
  expect(() => torch.async('x' as never)).toThrow(/Expected a function/);
  expect(torch.ones(2).add(1).toArray()).toEqual([2, 2]);
});

test('the arguments may be let go of while it runs', async () => {
  const pending = torch.scope(() => torch.async(torch.matmul, torch.ones(300, 300), torch.ones(300, 300)));
  const a = torch.ones(200, 200);
  const second = torch.async(torch.matmul, a, a);
  a.dispose();
  expect((await pending).index(0, 0).item()).toBe(300);
  expect((await second).index(0, 0).item()).toBe(200);
});

test('the result belongs to no scope', async () => {
  const result = await torch.scope(async () => torch.async(torch.add, torch.ones(2), 1));
  expect(result.toArray()).toEqual([2, 2]);
});

test('gradient mode is that of the call', async () => {
  const w = torch.ones(2, { requiresGrad: true });
  expect((await torch.async(torch.mul, w, 2)).requiresGrad).toBe(true);
  expect((await torch.noGrad(() => torch.async(torch.mul, w, 2))).requiresGrad).toBe(false);
});

test('backwardAsync accumulates the gradients, and rejects where backward throws', async () => {
  const w = torch.tensor([1, 2, 3], { dtype: 'float64', requiresGrad: true });
  await torch.backwardAsync(w.pow(2).sum());
  expect(w.grad?.toArray()).toEqual([2, 4, 6]);
  await torch.backwardAsync(w.mul(2), { gradient: torch.tensor([1, 1, 1], { dtype: 'float64' }) });
  expect(w.grad?.toArray()).toEqual([4, 6, 8]);
  await expect(torch.backwardAsync(torch.ones(2))).rejects.toThrow(/backward: .*grad/);
});

test('itemAsync and toTypedArrayAsync', async () => {
  const x = torch.tensor([
    [1.5, 2],
    [3, 4],
  ]);
  expect(await torch.itemAsync(x.sum())).toBe(10.5);
  expect([...((await torch.toTypedArrayAsync(x.transpose(0, 1))) as Float32Array)]).toEqual([1.5, 3, 2, 4]);
  await expect(torch.itemAsync(x)).rejects.toThrow(/one element/);
  await expect(torch.itemAsync(3 as never)).rejects.toThrow(/Expected a tensor/);
});

test('a timer keeps firing during a long product', async () => {
  // A process of its own: the size is chosen so that the product takes about two seconds on any machine.
  const { fired, blocked, right } = await resultOf<{ fired: number; blocked: number; right: boolean }>(`
    torch.setNumThreads(1);
    const small = torch.randn(600, 600);
    small.matmul(small);
    const start = performance.now();
    small.matmul(small);
    const size = Math.round(600 * Math.cbrt(1500 / (performance.now() - start)));
    const a = torch.ones(size, size);
    let fired = 0;
    const timer = setInterval(() => fired++, 10);
    torch.async(torch.matmul, a, a).then((result) => {
      clearInterval(timer);
      const during = fired;
      const right = result.index(0, 0).item() === size;
      console.log(JSON.stringify({ fired: during, blocked: fired - during, right }));
    });`);
  expect(right).toBe(true);
  expect(fired).toBeGreaterThan(5);
  expect(blocked).toBe(0);
});
