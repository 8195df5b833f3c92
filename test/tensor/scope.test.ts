/** Scopes: what they free, what they keep, and that they follow exceptions and asynchronous code. */

import * as torch from '../../lib';

const pause = (ms = 1) => new Promise<void>((resolve) => setTimeout(resolve, ms));
const live = () => torch.memory({ collect: true }).tensors;

let before = 0;
beforeEach(() => {
  before = live();
});

test('frees what was made inside, keeps what is returned', () => {
  let inner: torch.Tensor | undefined;
  const result = torch.scope(() => {
    inner = torch.ones(3);
    return inner.mul(2);
  });
  expect(inner?.isReleased).toBe(true);
  expect(result.toArray()).toEqual([2, 2, 2]);
  expect(torch.memory().tensors).toBeLessThanOrEqual(before + 1);
});

test('finds tensors in arrays, objects, maps, sets and class objects that are returned', () => {
  class Pair {
    readonly first = torch.ones(1);
    readonly second = torch.zeros(1);
  }
  const { array, map, set, pair, deep } = torch.scope(() => ({
    array: [torch.ones(1), [torch.ones(2)]],
    map: new Map([['a', torch.ones(1)]]),
    set: new Set([torch.ones(1)]),
    pair: new Pair(),
    deep: { a: { b: { c: torch.ones(4) } } },
  }));
  const kept = [
    array[0],
    (array[1] as torch.Tensor[])[0],
    map.get('a'),
    [...set][0],
    pair.first,
    pair.second,
    deep.a.b.c,
  ] as torch.Tensor[];
  expect(kept.map((tensor) => tensor.isReleased)).toEqual(new Array(7).fill(false));
});

test('a value that contains itself is no trouble', () => {
  interface Loop {
    self?: Loop;
    x: torch.Tensor;
  }
  const loop = torch.scope(() => {
    const value: Loop = { x: torch.ones(2) };
    value.self = value;
    return value;
  });
  expect(loop.x.toArray()).toEqual([1, 1]);
});

test('nested: what the inner one returns belongs to the outer one', () => {
  let passed: torch.Tensor | undefined;
  torch.scope(() => {
    passed = torch.scope(() => torch.ones(2));
    expect(passed.isReleased).toBe(false);
  });
  expect(passed?.isReleased).toBe(true);
});

test('keep() takes a tensor out of all scopes', () => {
  let kept: torch.Tensor | undefined;
  torch.scope(() =>
    torch.scope(() => {
      kept = torch.ones(2).keep();
    }),
  );
  expect(kept?.toArray()).toEqual([1, 1]);
});

test('a tensor from outside is untouched, also when it is returned', () => {
  const outside = torch.ones(2);
  expect(torch.scope(() => outside)).toBe(outside);
  torch.scope(() => torch.scope(() => outside));
  expect(outside.toArray()).toEqual([1, 1]);
});

test('an in-place result is its argument and stays with it', () => {
  const x = torch.ones(2);
  torch.scope(() => void x.add_(1));
  expect(x.toArray()).toEqual([2, 2]);
});

test('an exception ends the scope', () => {
  const made: torch.Tensor[] = [];
  expect(() =>
    torch.scope(() => {
      made.push(torch.ones(2));
      torch.scope(() => {
        made.push(torch.ones(2));
        throw new Error('inside');
      });
    }),
  ).toThrow('inside');
  expect(made.map((tensor) => tensor.isReleased)).toEqual([true, true]);
  expect(live()).toBeLessThanOrEqual(before);
});

test('using: ends with the block, also by an exception and by break', () => {
  const made: torch.Tensor[] = [];
  let kept: torch.Tensor | undefined;
  for (let i = 0; i < 3; i++) {
    using scope = torch.scope();
    made.push(torch.ones(i + 1));
    if (i === 1) kept = scope.keep(torch.full([2], 5));
    if (i === 2) break;
  }
  expect(() => {
    using _ = torch.scope();
    made.push(torch.ones(1));
    throw new Error('inside');
  }).toThrow('inside');
  expect(made.map((tensor) => tensor.isReleased)).toEqual([true, true, true, true]);
  expect(kept?.toArray()).toEqual([5, 5]);
});

test('a tensor that is `using` is released at the end of its block', () => {
  let seen: torch.Tensor;
  {
    using x = torch.ones(2);
    seen = x;
  }
  expect(seen.isReleased).toBe(true);
});

test('close twice is no trouble', () => {
  const scope = torch.scope();
  const x = torch.ones(1);
  scope.close();
  scope.close();
  expect(x.isReleased).toBe(true);
});

test('an asynchronous function keeps its scope across awaits and ends it when it settles', async () => {
  const made: torch.Tensor[] = [];
  const result = await torch.scope(async () => {
    made.push(torch.ones(1));
    await pause();
    made.push(torch.ones(1));
    await pause();
    const last = torch.ones(3);
    made.push(last);
    return last;
  });
  expect(made.map((tensor) => tensor.isReleased)).toEqual([true, true, false]);
  expect(result.toArray()).toEqual([1, 1, 1]);
});

test('a rejection ends the scope of an asynchronous function', async () => {
  let x: torch.Tensor | undefined;
  await expect(
    torch.scope(async () => {
      await pause();
      x = torch.ones(1);
      throw new Error('later');
    }),
  ).rejects.toThrow('later');
  expect(x?.isReleased).toBe(true);
});

test('asynchronous functions that take turns have scopes of their own', async () => {
  const log: [string, boolean][] = [];
  const run = (name: string, turns: number) =>
    torch.scope(async () => {
      const mine: torch.Tensor[] = [];
      for (let i = 0; i < turns; i++) {
        mine.push(torch.full([1], i));
        await pause(i % 2);
        log.push([name, mine.some((tensor) => tensor.isReleased)]);
      }
      return mine.map((tensor) => tensor.item());
    });
  const [a, b, c] = await Promise.all([run('a', 5), run('b', 2), run('c', 8)]);
  expect([a, b, c]).toEqual([
    [0, 1, 2, 3, 4],
    [0, 1],
    [0, 1, 2, 3, 4, 5, 6, 7],
  ]);
  expect(log.filter(([, released]) => released)).toEqual([]);
  expect(live()).toBeLessThanOrEqual(before);
});

test('synchronous code between the awaits of a scope is outside of it', async () => {
  let inside: torch.Tensor | undefined;
  const pending = torch.scope(async () => {
    inside = torch.ones(1);
    await pause(5);
  });
  const between = torch.ones(2);
  await pause(1);
  const later = torch.ones(2);
  await pending;
  expect([inside?.isReleased, between.isReleased, later.isReleased]).toEqual([true, false, false]);
});

test('a generator runs in the scope of whoever asks for its values', () => {
  function* values() {
    for (let i = 0; i < 3; i++) yield torch.full([1], i);
  }
  const generator = values();
  const first = torch.scope(() => generator.next().value as torch.Tensor);
  let second: torch.Tensor | undefined;
  torch.scope(() => {
    second = generator.next().value as torch.Tensor;
  });
  const third = generator.next().value as torch.Tensor;
  expect([first.item(), second?.isReleased, third.item()]).toEqual([0, true, 2]);
});

test('a scope inside a generator ends when the generator is left early', () => {
  const made: torch.Tensor[] = [];
  function* values() {
    using _ = torch.scope();
    for (let i = 0; i < 3; i++) {
      const value = torch.full([1], i);
      made.push(value);
      yield value;
    }
  }
  for (const value of values()) {
    expect(value.isReleased).toBe(false);
    break;
  }
  expect(made.map((tensor) => tensor.isReleased)).toEqual([true]);
});

test('gradients and the graph outlive the scope of a step', () => {
  const w = torch.ones(2, { requiresGrad: true });
  torch.scope(() => w.mul(3).sum().backward());
  expect(w.grad?.toArray()).toEqual([3, 3]);
  const y = torch.scope(() => w.mul(2).exp().log().sum());
  w.grad = null;
  y.backward();
  expect((w.grad as unknown as torch.Tensor).toArray()).toEqual([2, 2]);
});

test('a hundred scopes inside one another', () => {
  const nest = (depth: number): torch.Tensor => torch.scope(() => (depth === 0 ? torch.ones(1) : nest(depth - 1).add(1)));
  expect(nest(100).item()).toBe(101);
  expect(live()).toBeLessThanOrEqual(before + 1);
});

describe('a released tensor that is used', () => {
  test('says that the scope ended, where it was opened, and how to keep it', () => {
    let x: torch.Tensor | undefined;
    torch.scope(() => {
      x = torch.ones(2);
    });
    const use = () => (x as torch.Tensor).add(1);
    expect(use).toThrow(/^add: .*released when the scope/);
    expect(use).toThrow(/return it from the scope, or keep\(\) it/);
    expect(use).toThrow(/scope\.test\.ts:\d+/);
  });

  test('says that dispose() was called', () => {
    const x = torch.ones(2);
    x.dispose();
    x.dispose();
    expect(() => x.mul(2)).toThrow(/released by dispose\(\)/);
    expect(() => torch.stack([torch.ones(2), x])).toThrow(/released by dispose\(\)/);
    expect(() => x.shape).toThrow(/released/);
    expect(() => x.item()).toThrow(/released/);
    expect(String(x)).toMatch(/released/);
  });

  test('is never another tensor that came into its place', () => {
    const stale: torch.Tensor[] = [];
    torch.scope(() => {
      for (let i = 0; i < 100; i++) stale.push(torch.full([1], i));
    });
    const fresh = Array.from({ length: 200 }, (_, i) => torch.full([1], -i));
    for (const tensor of stale) expect(() => tensor.add(1)).toThrow(/released/);
    expect(fresh[199]?.item()).toBe(-199);
  });
});
