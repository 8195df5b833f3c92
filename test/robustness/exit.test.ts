/** No way of ending a process crashes: exit codes of children. */

import { runScript } from './processes';

const big = 'const a = torch.randn(700, 700);';

test.each([
  ['tensors outside scopes', 'globalThis.kept = torch.zeros(1000).requiresGrad_(); globalThis.y = kept.mul(2).sum();', 0],
  ['an open scope', 'globalThis.s = torch.scope(); globalThis.x = torch.ones(3);', 0],
  [
    'typed arrays over tensors and tensors over typed arrays',
    'globalThis.a = torch.ones(3).toTypedArray(); globalThis.b = torch.fromTypedArray(new Float32Array(4));',
    0,
  ],
  [
    'hooks and custom functions in a live graph',
    `
    class Twice extends torch.autograd.Function {
      static forward(ctx, x) { return x.mul(2); }
      static backward(ctx, g) { return g.mul(2); }
    }
    globalThis.x = torch.ones(3, { requiresGrad: true });
    globalThis.y = Twice.apply(x);
    y.registerHook((g) => g.mul(3));
    y.sum().backward();`,
    0,
  ],
  [
    'anomaly detection on, and a graph that remembers lines',
    `
    torch.setDetectAnomaly(true);
    const x = torch.zeros(3, { requiresGrad: true });
    globalThis.y = x.sqrt().mul(0).sum();
    try { globalThis.y.backward(); } catch {}`,
    0,
  ],
  [
    'generators and shared tensors that nobody received',
    'globalThis.g = new torch.Generator(); torch.share(torch.ones(3)); torch.share(torch.fromTypedArray(new Float32Array(4)));',
    0,
  ],
  ['process.exit with async work pending', `${big} torch.async(torch.matmul, a, a); torch.async(torch.matmul, a, a); process.exit(7);`, 7],
  ['process.exit inside a promise of async work', `${big} torch.async(torch.matmul, a, a).then(() => process.exit(8));`, 8],
  ['the end of the script with async work pending', `${big} torch.async(torch.matmul, a, a).then(() => { process.exitCode = 9; });`, 9],
  [
    'backwardAsync pending',
    `const w = torch.randn(500, 500, { requiresGrad: true }); torch.backwardAsync(w.matmul(w).sum()); process.exit(6);`,
    6,
  ],
  ['an exception that nobody catches', 'torch.scope(() => torch.ones(2).matmul(torch.ones(3)));', 1],
  ['a rejection that nobody catches', 'torch.async(torch.matmul, torch.ones(2), torch.ones(3));', 1],
  [
    'process.exit inside a scope and a hook',
    `
    const x = torch.ones(3, { requiresGrad: true });
    x.registerHook(() => process.exit(5));
    torch.scope(() => x.sum().backward());`,
    5,
  ],
  [
    'process.exit inside a hook that another thread waits for',
    `
    const x = torch.ones(3, { requiresGrad: true });
    x.registerHook(() => process.exit(4));
    torch.backwardAsync(x.sum());`,
    4,
  ],
])('%s', async (_, script, code) => {
  const ended = await runScript(script);
  expect({ code: ended.code, signal: ended.signal }).toEqual({ code, signal: null });
  expect(ended.stderr).not.toMatch(/terminate called|FATAL ERROR|Assertion|core dumped/);
});

test.each([{}, { TORCHWRIGHT_FULL_EXIT: '1' }])('what is said in the end arrives whole, with %p', async (env) => {
  const ended = await runScript(
    `torch.ones(2).sum();
    process.on('exit', () => process.stderr.write('bye'));
    process.stdout.write('x'.repeat(300_000), () => process.exit(3));`,
    { env },
  );
  expect({ code: ended.code, said: ended.stdout.length, stderr: ended.stderr }).toEqual({ code: 3, said: 300_000, stderr: 'bye' });
});
