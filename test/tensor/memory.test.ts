/** `torch.memory()`: what it counts. */

import * as torch from '../../lib';

const base = () => torch.memory({ collect: true });

test('counts live tensors and the bytes of their storages', () => {
  torch.scope(() => {
    const before = torch.memory();
    const x = torch.zeros(1000, { dtype: 'float64' });
    const y = torch.zeros(10, { dtype: 'int8' });
    const after = torch.memory();
    expect(after.tensors - before.tensors).toBe(2);
    expect(after.bytes - before.bytes).toBe(8010);
    x.dispose();
    y.dispose();
    expect(torch.memory().bytes).toBe(before.bytes);
  });
});

test('views count as tensors and not as bytes', () => {
  torch.scope(() => {
    const before = torch.memory();
    const x = torch.zeros(10, 10);
    const views = [x.select(0, 1), x.transpose(0, 1), x.view(100), x.detach()];
    const after = torch.memory();
    expect(after.tensors - before.tensors).toBe(1 + views.length);
    expect(after.bytes - before.bytes).toBe(400);
    x.dispose(); // the views keep the memory
    expect(torch.memory().bytes - before.bytes).toBe(400);
  });
  expect(base().devices.every(({ device }) => device === 'cpu')).toBe(true);
});

test('devices are told apart', () => {
  torch.scope(() => {
    const made = [torch.zeros(2), torch.zeros(2, { device: 'meta' })];
    const meta = torch.memory().devices.find(({ device }) => device === 'meta');
    expect([made.length, meta?.tensors]).toEqual([2, 1]);
  });
});

test('garbage is found with { collect: true }', () => {
  const { tensors } = base();
  (() => {
    for (let i = 0; i < 100; i++) torch.ones(10);
  })();
  expect(torch.memory().tensors).toBeGreaterThan(tensors + 50);
  expect(base().tensors).toBeLessThanOrEqual(tensors + 2);
});
