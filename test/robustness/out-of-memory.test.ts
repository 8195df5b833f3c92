/** Running out of memory is an error like any other: it says so, has a code, and the process lives on. */

import * as torch from '../../lib';
import { resultOf } from './processes';

function errorOf(fn: () => unknown): NodeJS.ErrnoException {
  try {
    fn();
  } catch (error) {
    return error as NodeJS.ErrnoException;
  }
  throw new Error('expected an error');
}

describe('more than any machine has', () => {
  test.each<[string, () => unknown]>([
    ['zeros', () => torch.zeros(2 ** 40, 2 ** 10)],
    ['empty', () => torch.empty(2 ** 50)],
    ['full of a bigint size', () => torch.full([2n ** 45n], 1)],
    ['an outer product', () => torch.ones(2 ** 24).outer(torch.ones(2 ** 24))],
    ['repeat', () => torch.ones(2 ** 20).repeat(2 ** 30)],
    [
      'contiguous of an expanded tensor',
      () =>
        torch
          .ones(1)
          .expand([2 ** 46])
          .contiguous(),
    ],
  ])('%s', (_, fn) => {
    const error = torch.scope(() => errorOf(fn));
    expect(error.code).toBe('ERR_OUT_OF_MEMORY');
    expect(error.message).toMatch(/memory/);
    expect(torch.scope(() => torch.ones(3).sum().item())).toBe(3);
  });

  test('sizes beyond 64 bits of bytes', () => {
    const error = errorOf(() => torch.zeros(2 ** 31, 2 ** 31, 2 ** 31));
    expect(error.message).toMatch(/^zeros: .*(overflow|memory)/s);
  });
});

test('of an operator that runs on another thread', async () => {
  await expect(torch.async(() => torch.zeros(2 ** 50))).rejects.toMatchObject({ code: 'ERR_OUT_OF_MEMORY' });
});

test('a process that really reaches its limit frees, and goes on', async () => {
  const result = await resultOf<{ code: string; made: number; after: number; live: number }>(
    `
    const kept = [];
    let code;
    try {
      for (;;) kept.push(torch.ones(4 << 20)); // 16 MiB each
    } catch (error) {
      code = error.code;
    }
    const made = kept.length;
    for (const tensor of kept) tensor.dispose();
    const after = torch.ones(4 << 20).sum().item();
    console.log(JSON.stringify({ code, made, after, live: torch.memory({ collect: true }).bytes }));`,
    { limits: 'ulimit -d 1500000' },
  );
  expect(result.code).toBe('ERR_OUT_OF_MEMORY');
  expect(result.made).toBeGreaterThan(10);
  expect(result.after).toBe(4 << 20);
  expect(result.live).toBeLessThan(32 << 20);
});
