/** Worker threads: computing beside one another, tensors that travel, and ends at any moment. */

import type { Worker } from 'node:worker_threads';
import * as torch from '../../lib';
import { nextMessage, resultOf, startWorker } from '../robustness/processes';

const workers: Worker[] = [];
const start = (text: string, data?: unknown): Worker => {
  const worker = startWorker(text, data);
  workers.push(worker);
  return worker;
};
afterEach(async () => {
  await Promise.all(workers.splice(0).map((worker) => worker.terminate()));
});

test('several compute at once and give the numbers that one gives', async () => {
  const text = `
    torch.manualSeed(workerData);
    const x = torch.scope(() => torch.ones(64, 64).mul(workerData).matmul(torch.eye(64)).sum().item());
    parentPort.postMessage(x);`;
  const sums = await Promise.all([1, 2, 3].map((factor) => nextMessage<number>(start(text, factor))));
  expect(sums).toEqual([4096, 8192, 12288]);
});

test('a tensor travels there and back without a copy', async () => {
  const worker = start(`
    parentPort.once('message', (message) => {
      const x = torch.receive(message);
      x.mul_(2);
      parentPort.postMessage(torch.share(x.add(1)));
    });`);
  const x = torch.arange(512, { dtype: 'float64' }); // 4 KiB
  worker.postMessage(torch.share(x));
  const back = torch.receive(await nextMessage<torch.SharedTensor>(worker));
  expect([x.index(5).item(), back.index(5).item()]).toEqual([10, 11]);
});

test('a small tensor is shared too', async () => {
  const worker = start(`parentPort.once('message', (message) => { torch.receive(message).add_(5); parentPort.postMessage('done'); });`);
  const x = torch.zeros(3);
  worker.postMessage(torch.share(x));
  await nextMessage(worker);
  expect(x.toArray()).toEqual([5, 5, 5]);
});

test('memory of a typed array is copied, and outlives the thread that made it', async () => {
  const worker = start(`
    const array = new Float32Array(4000).fill(3);
    const made = torch.ones(4000).mul(7);
    parentPort.postMessage([torch.share(torch.fromTypedArray(array)), torch.share(made)]);`);
  const [first, second] = await nextMessage<torch.SharedTensor[]>(worker);
  await worker.terminate();
  const tensors = [first, second].map((message) => torch.receive(message as torch.SharedTensor));
  expect(tensors.map((tensor) => tensor.sum().item())).toEqual([12_000, 28_000]);
});

test('a message is received once; revoke takes it back', () => {
  const message = torch.share(torch.ones(2));
  const clone = structuredClone(message);
  expect(torch.receive(clone).toArray()).toEqual([1, 1]);
  expect(() => torch.receive(message)).toThrow(/not received or revoked before/);
  expect(torch.revoke(message)).toBe(false);
  const other = torch.share(torch.ones(2));
  expect([torch.revoke(other), torch.revoke(other)]).toEqual([true, false]);
  expect(() => torch.receive(other)).toThrow(/revoked/);
  expect(() => torch.receive({} as never)).toThrow(/Expected a message made by torch\.share/);
  expect(() => torch.share({} as never)).toThrow(/Expected a tensor/);
});

test('what autograd recorded arrives detached, a leaf keeps asking for gradients', () => {
  const w = torch.ones(2, { requiresGrad: true });
  expect(torch.receive(torch.share(w.mul(2))).requiresGrad).toBe(false);
  expect(torch.receive(torch.share(w)).requiresGrad).toBe(true);
});

// Each in a process of its own: what could crash would end the test runner.
const inProcess = (worker: string, then: string) => `
  const { Worker } = require('node:worker_threads');
  const source = \`require(\${JSON.stringify(require.resolve('tsx/cjs'))});
    const { parentPort } = require('node:worker_threads');
    const torch = require(\${JSON.stringify(require('node:path').resolve('lib'))});
    ${worker}\`;
  const start = () => new Worker(source, { eval: true, execArgv: [] });
  const message = (w) => new Promise((resolve) => w.once('message', resolve));
  (async () => { ${then} })();`;

test.each<[string, string]>([
  ['in the middle of a product', `parentPort.postMessage(0); const a = torch.randn(1500, 1500); for (;;) torch.scope(() => a.matmul(a));`],
  [
    'in the middle of asynchronous products',
    `const a = torch.randn(800, 800); for (let i = 0; i < 6; i++) torch.async(torch.matmul, a, a); parentPort.postMessage(0);`,
  ],
  ['in the middle of a synchronous loop without scopes', `parentPort.postMessage(0); for (let i = 0; ; i++) torch.ones(1000).mul(i);`],
  [
    'inside a hook',
    `const x = torch.ones(2, { requiresGrad: true }); x.registerHook(() => { parentPort.postMessage(0); for (;;); }); x.sum().backward();`,
  ],
  [
    'inside a hook that another thread waits for',
    `const x = torch.ones(2, { requiresGrad: true }); x.registerHook(() => { parentPort.postMessage(0); for (;;); }); torch.backwardAsync(x.sum());`,
  ],
  [
    'with tensors, graphs, buffers and generators alive',
    `
    globalThis.kept = [torch.ones(5000).requiresGrad_().mul(2), torch.ones(300).toTypedArray(), torch.fromTypedArray(new Float32Array(9)), new torch.Generator(), torch.scope()];
    parentPort.postMessage(0); setInterval(() => {}, 1000);`,
  ],
])('terminated %s: the others go on', async (_, worker) => {
  const result = await resultOf<number>(
    inProcess(
      worker,
      `for (let i = 0; i < 3; i++) {
         const w = start();
         await message(w);
         await new Promise((resolve) => setTimeout(resolve, 20 * i));
         await w.terminate();
       }
       console.log(JSON.stringify(torch.scope(() => torch.ones(100, 100).matmul(torch.ones(100, 100)).sum().item())));`,
    ),
  );
  expect(result).toBe(1_000_000);
});

test('workers that end by themselves with live tensors: no crash, no growth', async () => {
  const growth = await resultOf<number>(
    inProcess(
      `globalThis.kept = torch.ones(1 << 20).mul(2); process.exit(0);`,
      `const run = async (n) => { for (let i = 0; i < n; i++) await new Promise((resolve) => start().once('exit', resolve)); };
       await run(3);
       const before = process.memoryUsage().rss;
       await run(4);
       console.log((process.memoryUsage().rss - before) / (1 << 20));`,
    ),
    { env: { UV_THREADPOOL_SIZE: '2' } },
  );
  expect(growth).toBeLessThan(60);
});

test('process.exit while workers compute', async () => {
  await expect(
    resultOf(
      inProcess(
        `parentPort.postMessage(0); const a = torch.randn(900, 900); for (;;) torch.scope(() => a.matmul(a));`,
        `const a = start(), b = start(); await Promise.all([message(a), message(b)]); console.log('1'); process.exit(0);`,
      ),
    ),
  ).resolves.toBe(1);
});
