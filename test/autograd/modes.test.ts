/** Grad modes: nested, exception-safe, and following asynchronous code. */

import * as torch from '../../lib';

const pause = (ms = 1) => new Promise<void>((resolve) => setTimeout(resolve, ms));
const leaf = () => torch.ones(2, { requiresGrad: true });
const records = () => leaf().mul(2).requiresGrad;

afterEach(() => {
  // No test may leave a mode behind.
  expect([torch.isGradEnabled(), torch.isInferenceModeEnabled(), records()]).toEqual([true, false, true]);
});

test('noGrad stops recording, enableGrad starts it again, and both end', () => {
  const seen = torch.noGrad(() => [records(), torch.enableGrad(() => records()), records()]);
  expect(seen).toEqual([false, true, false]);
});

test('the result of the function is the result', () => {
  expect(torch.noGrad(() => 7)).toBe(7);
  expect(torch.inferenceMode(() => 'text')).toBe('text');
});

test.each([
  ['noGrad', torch.noGrad],
  ['enableGrad', torch.enableGrad],
  ['inferenceMode', torch.inferenceMode],
] as const)('%s ends with an exception too', (_, mode) => {
  expect(() =>
    mode(() => {
      throw new Error('inside');
    }),
  ).toThrow('inside');
  expect([torch.isGradEnabled(), torch.isInferenceModeEnabled()]).toEqual([true, false]);
});

test('an exception inside nested modes restores each of them', () => {
  torch.noGrad(() => {
    expect(() =>
      torch.enableGrad(() => {
        torch.inferenceMode(() => torch.ones(2).matmul(torch.ones(3)));
      }),
    ).toThrow();
    expect(records()).toBe(false);
  });
});

test('`using` ends a mode with its block', () => {
  {
    using _mode = torch.noGrad();
    expect(records()).toBe(false);
    {
      using _inner = torch.enableGrad();
      expect(records()).toBe(true);
    }
    expect(records()).toBe(false);
  }
  expect(records()).toBe(true);
});

test('`using` ends a mode when the block throws', () => {
  expect(() => {
    using _mode = torch.inferenceMode();
    throw new Error('inside');
  }).toThrow('inside');
});

test('inference mode makes tensors that autograd will not take', () => {
  const x = torch.inferenceMode(() => torch.ones(2));
  expect(() => x.requiresGrad_().mul(leaf()).sum().backward()).toThrow(/[Ii]nference/);
  expect(torch.inferenceMode(() => [torch.isInferenceModeEnabled(), torch.isGradEnabled()])).toEqual([true, false]);
});

test('inference mode is left by enableGrad only as far as recording goes, as in PyTorch', () => {
  torch.inferenceMode(() => {
    torch.enableGrad(() => expect(torch.isInferenceModeEnabled()).toBe(true));
    expect(torch.isInferenceModeEnabled()).toBe(true);
  });
});

test('a mode follows an async function across its awaits', async () => {
  const seen = await torch.noGrad(async () => {
    const list = [records()];
    await pause();
    list.push(records());
    await Promise.resolve();
    list.push(records());
    return list;
  });
  expect(seen).toEqual([false, false, false]);
});

test('code that runs between the awaits does not have the mode', async () => {
  const inside = torch.noGrad(async () => {
    await pause(5);
    return records();
  });
  expect(records()).toBe(true); // right after the call
  await pause(1);
  expect(records()).toBe(true); // while it waits
  expect(await inside).toBe(false);
  expect(records()).toBe(true);
});

test('two async functions in different modes take turns without mixing', async () => {
  const log: string[] = [];
  const worker = (name: string, times: number) => async () => {
    for (let i = 0; i < times; i++) {
      log.push(`${name}:${torch.isGradEnabled()}`);
      await pause(1);
    }
  };
  await Promise.all([torch.noGrad(worker('off', 5)), torch.enableGrad(worker('on', 5)), worker('plain', 5)()]);
  expect(log).toHaveLength(15);
  expect(log.filter((entry) => entry.startsWith('off'))).toEqual(Array(5).fill('off:false'));
  expect(log.filter((entry) => !entry.startsWith('off')).every((entry) => entry.endsWith('true'))).toBe(true);
});

test('nested async modes end one by one', async () => {
  const seen = await torch.noGrad(async () => {
    await pause();
    const inner = await torch.enableGrad(async () => {
      await pause();
      return records();
    });
    return [inner, records()];
  });
  expect(seen).toEqual([true, false]);
});

test('a rejected promise ends the mode', async () => {
  await expect(
    torch.noGrad(async () => {
      await pause();
      throw new Error('later');
    }),
  ).rejects.toThrow('later');
  expect(records()).toBe(true);
});

test('`using` inside an async function lasts across awaits', async () => {
  const inside = (async () => {
    using _mode = torch.noGrad();
    await pause(3);
    return records();
  })();
  await pause(1);
  expect(await inside).toBe(false);
});

test('the mode also holds in callbacks that the function started', async () => {
  const seen = await torch.noGrad(async () => new Promise<boolean>((resolve) => setTimeout(() => resolve(records()), 1)));
  expect(seen).toBe(false);
});

test('a synchronous mode inside an async one', async () => {
  await torch.noGrad(async () => {
    await pause();
    expect(torch.enableGrad(() => records())).toBe(true);
    expect(records()).toBe(false);
  });
});

test('setGradEnabled lasts until it is set again, and a mode in between comes back to it', () => {
  torch.setGradEnabled(false);
  try {
    expect(records()).toBe(false);
    expect(torch.enableGrad(() => records())).toBe(true);
    expect(records()).toBe(false);
  } finally {
    torch.setGradEnabled(true);
  }
  expect(records()).toBe(true);
});

test('setGradEnabled inside a mode ends with it', () => {
  torch.noGrad(() => {
    torch.setGradEnabled(true);
    expect(records()).toBe(true);
  });
  expect(torch.isGradEnabled()).toBe(true);
});

test('what is no function or boolean is refused', () => {
  // @ts-expect-error a number is no function
  expect(() => torch.noGrad(1)).toThrow(/Expected a function for noGrad but received number 1/);
  // @ts-expect-error a string is no boolean
  expect(() => torch.setGradEnabled('off')).toThrow(/Expected a boolean/);
});

test('a mode left open does not outlive a scope it was opened in', async () => {
  const seen = await torch.scope(async () => {
    await pause();
    return torch.noGrad(() => records());
  });
  expect(seen).toBe(false);
  expect(records()).toBe(true);
});
