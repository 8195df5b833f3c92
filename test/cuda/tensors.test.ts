/** Tensors on a CUDA device: copies, operators, random numbers, precision, running out of memory. */

import * as torch from '../../lib';
import { expectClose, type Numbers } from '../close';
import { thrownBy } from '../thrown';
import { describeCuda } from './gpu';

const MIB = 2 ** 20;

describeCuda('devices', () => {
  test('are there, with names and memory', () => {
    expect(torch.cuda.deviceCount()).toBeGreaterThanOrEqual(1);
    expect(torch.cuda.currentDevice()).toBe(0);
    expect(torch.cuda.getDeviceName()).toMatch(/\w/);
    const { free, total } = torch.cuda.memGetInfo();
    expect(free).toBeGreaterThan(0);
    expect(total).toBeGreaterThanOrEqual(free);
  });

  test('that are not there are refused', () => {
    const count = torch.cuda.deviceCount();
    expect(() => torch.cuda.setDevice(count)).toThrow(/Expected a device/);
    expect(() => torch.zeros(1, { device: `cuda:${count}` })).toThrow();
    torch.cuda.synchronize();
  });
});

describeCuda('copies', () => {
  test('there and back', () => {
    torch.scope(() => {
      const x = torch.tensor([
        [1.5, -2],
        [3, 4],
      ]);
      const y = x.to('cuda');
      expect([y.device, y.isCuda, y.dtype, y.shape]).toEqual(['cuda:0', true, 'float32', [2, 2]]);
      expect(y.toArray()).toEqual(x.toArray());
      expect(y.cpu().equal(x)).toBe(true);
      expect(Array.from(y.t().toTypedArray() as Float32Array)).toEqual([1.5, 3, -2, 4]);
      expect(y.to('cuda') === y || y.to('cuda').equal(y)).toBe(true);
      expect(x.to('cuda', 'float16').dtype).toBe('float16');
      expect(String(y)).toContain("device='cuda:0'");
      expect(torch.ones(3, { device: 'cuda' }).sum().item()).toBe(3);
    });
  });

  test('from pinned memory need not wait', () => {
    torch.scope(() => {
      const pinned = torch.arange(1_000_000).pinMemory();
      expect([pinned.isPinned(), torch.arange(3).isPinned()]).toEqual([true, false]);
      const there = pinned.to('cuda', { nonBlocking: true });
      const back = there.mul(2).to('cpu', { nonBlocking: true });
      torch.cuda.synchronize();
      expect(back.equal(pinned.mul(2))).toBe(true);
    });
  });

  test('asynchronous reading', async () => {
    const x = torch.arange(4, { device: 'cuda', dtype: 'float32' });
    expect(await torch.itemAsync(x.sum())).toBe(6);
    expect(Array.from((await torch.toTypedArrayAsync(x)) as Float32Array)).toEqual([0, 1, 2, 3]);
  });

  test('tensors of two devices do not mix, and the error names both', () => {
    expect(() => torch.ones(2).add(torch.ones(2, { device: 'cuda' }))).toThrow(/cpu.*cuda:0|cuda:0.*cpu/s);
  });
});

describeCuda('operators', () => {
  const x = torch.linspace(-2, 2, 96, { dtype: 'float64' }).reshape(2, 3, 4, 4);
  const w = torch.linspace(-1, 1, 54, { dtype: 'float64' }).reshape(2, 3, 3, 3);
  test.each<[string, (to: (t: torch.Tensor) => torch.Tensor) => torch.Tensor]>([
    ['elementwise', (to) => to(x).sin().mul(to(x)).add(1)],
    ['softmax', (to) => to(x).softmax(-1)],
    ['matmul', (to) => to(x).matmul(to(x).mT)],
    ['conv2d', (to) => torch.conv2d(to(x), to(w), null, { padding: 1 })],
    ['sort', (to) => to(x).neg().sort(1).values],
    ['mask', (to) => to(x).index(to(x).gt(0))],
    ['cumsum', (to) => to(x).cumsum(2)],
  ])('%s: as on the CPU', (_, fn) => {
    torch.scope(() => {
      const there = fn((t) => t.to('cuda'));
      expect(there.isCuda).toBe(true);
      expectClose(there, fn((t) => t).toArray() as Numbers, 1e-9);
    });
  });
});

describeCuda('random numbers', () => {
  test('a seed gives the same numbers again', () => {
    const draw = () => torch.rand(5, { device: 'cuda' }).toArray();
    torch.manualSeed(7);
    const first = draw();
    torch.manualSeed(7);
    expect(draw()).toEqual(first);
    expect(draw()).not.toEqual(first);
    torch.cuda.manualSeed(7);
    expect(draw()).toEqual(first);
    torch.cuda.manualSeedAll(7);
    expect(draw()).toEqual(first);
  });

  test('a generator of its own', () => {
    const draw = () => torch.rand(3, { device: 'cuda', generator: new torch.Generator('cuda').manualSeed(3) }).toArray();
    expect(draw()).toEqual(draw());
  });
});

describeCuda('precision', () => {
  test('TF32 is off at first, and can be switched on', () => {
    torch.scope(() => {
      const a = torch.randn(256, 256, { device: 'cuda' });
      const exact = a.double().matmul(a.double());
      const error = () => Number(a.matmul(a).double().sub(exact).abs().max().item()) / Number(exact.abs().max().item());
      expect([torch.getFloat32MatmulPrecision(), torch.backends.cuda.matmul.allowTf32]).toEqual(['highest', false]);
      expect(error()).toBeLessThan(1e-5);
      torch.setFloat32MatmulPrecision('high');
      try {
        expect(torch.backends.cuda.matmul.allowTf32).toBe(true);
        expect(error()).toBeLessThan(1e-2);
      } finally {
        torch.setFloat32MatmulPrecision('highest');
      }
    });
  });
});

describeCuda('memory', () => {
  test('is counted, and scopes give it back', () => {
    torch.cuda.synchronize();
    const before = torch.cuda.memoryAllocated();
    torch.cuda.resetPeakMemoryStats();
    torch.scope(() => {
      const x = torch.empty(64 * MIB, { dtype: 'uint8', device: 'cuda' });
      expect(torch.cuda.memoryAllocated() - before).toBeGreaterThanOrEqual(x.nbytes);
      expect(torch.memory().devices.some(({ device, bytes }) => device === 'cuda:0' && bytes >= x.nbytes)).toBe(true);
    });
    expect(torch.cuda.memoryAllocated()).toBe(before);
    expect(torch.cuda.maxMemoryAllocated() - before).toBeGreaterThanOrEqual(64 * MIB);
    expect(torch.cuda.memoryReserved()).toBeGreaterThanOrEqual(64 * MIB);
    torch.cuda.emptyCache();
    expect(torch.cuda.memoryReserved()).toBeLessThan(before + 64 * MIB);
    const { allocatedBytes, reservedBytes } = torch.cuda.memoryStats();
    expect(reservedBytes.current).toBeGreaterThanOrEqual(allocatedBytes.current);
  });

  test('outside scopes garbage collection frees it in a synchronous loop', () => {
    torch.cuda.resetPeakMemoryStats();
    for (let i = 0; i < 1000; i++) torch.empty(16 * MIB, { dtype: 'uint8', device: 'cuda' });
    expect(torch.cuda.maxMemoryAllocated()).toBeLessThan(8 * 1024 * MIB); // of 16 GiB in all
    torch.memory({ collect: true });
  });

  test('running out of it is an error, and work goes on', () => {
    const { total } = torch.cuda.memGetInfo();
    const error = thrownBy(() => torch.empty(2 * total, { dtype: 'uint8', device: 'cuda' }));
    expect(error).toMatchObject({ code: 'ERR_OUT_OF_MEMORY', message: expect.stringMatching(/out of memory/i) });
    expect(torch.ones(10, { device: 'cuda' }).sum().item()).toBe(10);
  });
});
