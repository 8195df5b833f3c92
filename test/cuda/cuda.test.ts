/** What needs a GPU. Without one the tests are left out, with the reason; what must hold without one is tested then. */

import * as torch from '../../lib';
import { addon } from '../../lib/native';

const why = torch.cuda.whyUnavailable();
if (why !== null) console.log(`CUDA tests left out: ${why}`);
const onGpu = why === null ? test : test.skip;
const withoutGpu = why === null ? test.skip : test;

withoutGpu('without CUDA everything says why', () => {
  expect(torch.cuda.isAvailable()).toBe(false);
  expect(torch.cuda.deviceCount()).toBe(0);
  const calls: (() => unknown)[] = [
    () => torch.zeros(2, { device: 'cuda' }),
    () => torch.zeros(2).to('cuda'),
    () => torch.zeros(2).cuda(),
    () => torch.cuda.synchronize(),
    () => torch.cuda.memoryAllocated(),
    () => torch.cuda.emptyCache(),
    () => torch.cuda.getDeviceName(),
    () => torch.cuda.currentStream(),
    () => new torch.cuda.Stream(),
    () => new torch.cuda.Event(),
    () => new torch.Generator('cuda'),
  ];
  for (const call of calls) expect(call).toThrow(/CUDA is not available/);
  torch.cuda.manualSeed(1); // nothing to seed, as in PyTorch
});

onGpu('a matrix product equals that of the CPU', () => {
  torch.scope(() => {
    torch.manualSeed(0);
    const a = torch.randn(64, 32, { dtype: 'float64' });
    const b = torch.randn(32, 16, { dtype: 'float64' });
    const product = a.cuda().matmul(b.to('cuda'));
    expect(product.device).toBe('cuda:0');
    expect(torch.allclose(product.cpu(), a.matmul(b))).toBe(true);
  });
});

onGpu('devices have names and memory is counted', () => {
  expect(torch.cuda.deviceCount()).toBeGreaterThan(0);
  expect(torch.cuda.getDeviceName(0).length).toBeGreaterThan(3);
  const before = torch.cuda.memoryAllocated();
  const x = torch.zeros(1024, 1024, { device: 'cuda' });
  expect(torch.cuda.memoryAllocated() - before).toBe(4 << 20);
  expect(torch.memory().devices.some(({ device, bytes }) => device === 'cuda:0' && bytes >= 4 << 20)).toBe(true);
  x.dispose();
  expect(torch.cuda.memoryAllocated()).toBe(before);
  const { free, total } = torch.cuda.memGetInfo();
  expect(free).toBeLessThanOrEqual(total);
  torch.cuda.emptyCache();
});

onGpu('garbage collection is driven by bytes on the device', () => {
  torch.cuda.resetPeakMemoryStats();
  for (let i = 0; i < 2000; i++) torch.zeros(1 << 20, { device: 'cuda' }); // 8 GiB in all
  expect(torch.cuda.maxMemoryAllocated()).toBeLessThan(1 << 30);
});

onGpu('functions and hooks in TypeScript run inside a backward on the device', () => {
  class Double extends torch.autograd.Function {
    static forward(_ctx: torch.autograd.FunctionContext, x: torch.Tensor): torch.Tensor {
      return x.mul(2);
    }
    static backward(_ctx: torch.autograd.FunctionContext, gradient: torch.Tensor): torch.Tensor {
      return gradient.mul(2);
    }
  }
  const x = torch.ones(4, { device: 'cuda', requiresGrad: true });
  const y = Double.apply(x.mul(3));
  let seen: number[] | null = null;
  y.registerHook((gradient) => {
    seen = gradient.toArray() as number[];
    return undefined;
  });
  y.sum().backward();
  expect(seen).toEqual([1, 1, 1, 1]);
  expect(x.grad?.toArray()).toEqual([6, 6, 6, 6]);
});

onGpu('an exception in such a function reaches the caller', () => {
  class Failing extends torch.autograd.Function {
    static forward(_ctx: torch.autograd.FunctionContext, x: torch.Tensor): torch.Tensor {
      return x.clone();
    }
    static backward(): null {
      throw new RangeError('mine');
    }
  }
  const x = torch.ones(4, { device: 'cuda', requiresGrad: true });
  expect(() => Failing.apply(x).sum().backward()).toThrow(new RangeError('mine'));
});

onGpu('streams order work and events time it', () => {
  const side = new torch.cuda.Stream();
  const a = torch.randn(512, 512, { device: 'cuda' });
  const [start, end] = [new torch.cuda.Event({ enableTiming: true }), new torch.cuda.Event({ enableTiming: true })];
  side.waitStream(torch.cuda.currentStream());
  const product = torch.cuda.stream(side, () => {
    start.record(side);
    const result = a.matmul(a);
    end.record(side);
    return result;
  });
  torch.cuda.currentStream().waitEvent(end);
  end.synchronize();
  expect(end.query()).toBe(true);
  expect(start.elapsedTime(end)).toBeGreaterThan(0);
  expect(torch.allclose(product.cpu(), a.cpu().matmul(a.cpu()), 1e-2, { atol: 1e-2 })).toBe(true);
});

onGpu('pinned memory and copies that do not wait', () => {
  const pinned = torch.arange(1000, { dtype: 'float32' }).pinMemory();
  expect(pinned.isPinned()).toBe(true);
  const copy = pinned.to('cuda', { nonBlocking: true });
  torch.cuda.synchronize();
  expect(copy.sum().item()).toBe(499500);
});

onGpu('asynchronous reading and backward', async () => {
  const x = torch.full([3], 2, { dtype: 'float32', device: 'cuda', requiresGrad: true });
  await torch.backwardAsync(x.pow(2).sum());
  expect(await torch.itemAsync(x.grad?.sum() as torch.Tensor)).toBe(12);
  expect(Array.from((await torch.toTypedArrayAsync(x.detach())) as Float32Array)).toEqual([2, 2, 2]);
});

onGpu('running out of memory can be caught', () => {
  const { total } = torch.cuda.memGetInfo();
  let code: unknown;
  try {
    torch.zeros(total, { device: 'cuda' });
  } catch (error) {
    code = (error as { code?: string }).code;
  }
  expect(code).toBe('ERR_OUT_OF_MEMORY');
  expect(torch.ones(2, { device: 'cuda' }).sum().item()).toBe(2);
});

onGpu('the same seed gives the same numbers', () => {
  const draw = (): unknown => {
    torch.manualSeed(7);
    return torch.rand(4, { device: 'cuda' }).toArray();
  };
  expect(draw()).toEqual(draw());
});

onGpu('tensors on different devices: an error that names both', () => {
  expect(() => torch.ones(2, { device: 'cuda' }).add(torch.ones(2))).toThrow(/cuda:0.*cpu/s);
});

test('the TF32 switches keep what they are told', () => {
  const { matmul } = torch.backends.cuda;
  const before = matmul.allowTf32;
  matmul.allowTf32 = true;
  expect(matmul.allowTf32).toBe(true);
  matmul.allowTf32 = before;
  expect(() => {
    (matmul as { allowTf32: unknown }).allowTf32 = 1;
  }).toThrow('Expected a boolean for allowTf32 but received number 1');
});

test("backward's path of accelerators, where callbacks run on this thread while it waits, works on the CPU too", () => {
  addon.setForceServing(true);
  try {
    const x = torch.tensor([1, 2], { requiresGrad: true });
    const y = x.mul(3);
    y.registerHook((gradient) => gradient.mul(10));
    y.sum().backward();
    expect(x.grad?.toArray()).toEqual([30, 30]);
  } finally {
    addon.setForceServing(false);
  }
});
