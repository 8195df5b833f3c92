/** Loops that do not dispose of anything run flat: with garbage collection, with scopes, with gradients. */

import { resultOf } from './processes';

const peak = `Number(/VmHWM:\\s+(\\d+)/.exec(require('node:fs').readFileSync('/proc/self/status', 'utf8'))[1]) / 1024`;
const onLinux = process.platform === 'linux' ? test : test.skip; // the peak is read from /proc

onLinux('20,000 tensors of 1 MiB in a synchronous loop without a scope: peak below 400 MiB', async () => {
  const { mib } = await resultOf<{ mib: number }>(`
    for (let i = 0; i < 20_000; i++) torch.empty(1 << 18).fill_(i);
    console.log(JSON.stringify({ mib: ${peak} }));`);
  expect(mib).toBeLessThan(400);
});

onLinux('the same with results that keep their inputs alive through the graph', async () => {
  const { mib } = await resultOf<{ mib: number }>(`
    const w = torch.ones(1 << 17, { requiresGrad: true });
    for (let i = 0; i < 1_500; i++) w.mul(2).exp().log();
    console.log(JSON.stringify({ mib: ${peak} }));`);
  expect(mib).toBeLessThan(400);
});

onLinux('large typed arrays over tensors in a synchronous loop', async () => {
  const { mib } = await resultOf<{ mib: number }>(`
    for (let i = 0; i < 1_500; i++) torch.ones(1 << 18).toTypedArray();
    console.log(JSON.stringify({ mib: ${peak} }));`);
  expect(mib).toBeLessThan(500);
});

test('20,000 training steps: live tensors and resident memory stay flat', async () => {
  const { live, rss } = await resultOf<{ live: number[]; rss: number[] }>(`
    torch.manualSeed(0);
    const w = torch.randn(8, 4, { requiresGrad: true });
    const b = torch.zeros(4, { requiresGrad: true });
    const live = [], rss = [];
    for (let step = 0; step <= 20_000; step++) {
      torch.scope(() => {
        const x = torch.randn(16, 8);
        const loss = x.matmul(w).add(b).tanh().pow(2).mean();
        loss.backward();
        torch.noGrad(() => {
          w.sub_(w.grad.mul(0.01));
          b.sub_(b.grad.mul(0.01));
        });
        w.grad = null;
        b.grad = null;
        loss.item();
      });
      if (step % 5_000 === 0 && step > 0) {
        live.push(torch.memory({ collect: true }).tensors);
        rss.push(process.memoryUsage().rss);
      }
    }
    console.log(JSON.stringify({ live, rss }));`);
  expect(live).toEqual([2, 2, 2, 2]);
  expect((rss[3] as number) - (rss[0] as number)).toBeLessThan(10 << 20);
});

test('300 epochs of batches of 50 KB: what is freed is used again, the heap does not fray', async () => {
  const { growth } = await resultOf<{ growth: number }>(
    `
    const images = torch.zeros(5_000, 1, 28, 28, { dtype: 'uint8' });
    const loader = new torch.data.DataLoader(new torch.data.TensorDataset(images), { batchSize: 64, shuffle: true, seed: 0 });
    const epochs = (n) => {
      for (let epoch = 0; epoch < n; epoch++) for (const _ of loader);
    };
    epochs(150);
    const before = process.memoryUsage().rss;
    epochs(300);
    console.log(JSON.stringify({ growth: process.memoryUsage().rss - before }));`,
    // The engine touches its young generation bit by bit, up to as much as is looked for here: it gets a small one.
    { env: { NODE_OPTIONS: '--max-semi-space-size=1' } },
  );
  expect(growth).toBeLessThan(8 << 20);
});

test('errors in a loop leave nothing behind', async () => {
  const { live, growth } = await resultOf<{ live: number; growth: number }>(`
    const a = torch.ones(2, 3), b = torch.ones(4, 5);
    const run = (n) => {
      for (let i = 0; i < n; i++) {
        try { torch.scope(() => torch.matmul(a.add(1), b.add(1))); } catch {}
        try { a.view(i, 7, 'x'); } catch {}
      }
    };
    run(1_000);
    const before = process.memoryUsage().rss;
    run(5_000);
    const live = torch.memory({ collect: true }).tensors;
    console.log(JSON.stringify({ live, growth: process.memoryUsage().rss - before }));`);
  expect(live).toBe(2);
  expect(growth).toBeLessThan(40 << 20);
});

test('what scopes leave behind in the engine is collected before it takes memory of its own', async () => {
  const most = await resultOf<number>(`
    const { getHeapSpaceStatistics } = require('node:v8');
    const young = () => getHeapSpaceStatistics().find(({ space_name: name }) => name === 'new_space').space_used_size;
    const x = torch.ones(2);
    const sizes = [];
    for (let k = 0; k < 100_000; k++) {
      torch.scope(() => void x.add(1));
      if (k >= 40_000 && k % 500 === 0) sizes.push(young());
    }
    console.log(Math.max(...sizes) / 2 ** 20);`);
  expect(most).toBeLessThan(6); // 16,384 objects of some 150 bytes; the engine by itself goes to 8 or 16
});
