import { train } from '../../lib';

function run(
  options: train.EarlyStoppingOptions,
  values: readonly number[],
): { improved: boolean[]; stoppedAfter: number | null; best: number | null } {
  const stopping = new train.EarlyStopping(options);
  const improved: boolean[] = [];
  for (const value of values) {
    improved.push(stopping.update(value));
    if (stopping.shouldStop) break;
  }
  return { improved, stoppedAfter: stopping.shouldStop ? improved.length : null, best: stopping.best };
}

test('stops after so many values in a row that are no improvement', () => {
  const { improved, stoppedAfter, best } = run({ patience: 2 }, [3, 2, 2, 1, 1.5, 1, 0]);
  expect(improved).toEqual([true, true, false, true, false, false]);
  expect([stoppedAfter, best]).toEqual([6, 1]);
});

test('of a value that should rise; small changes are none; NaN is none', () => {
  expect(run({ mode: 'max', patience: 2, minDelta: 0.1 }, [0.5, 0.55, 0.7, Number.NaN, 0.75]).stoppedAfter).toBe(5);
  expect(run({ patience: 9 }, [Number.NaN, 4]).improved).toEqual([false, true]);
});

test('goes on where it was saved', () => {
  const before = new train.EarlyStopping({ patience: 3 });
  for (const value of [1, 2, 3]) before.update(value);
  const after = new train.EarlyStopping({ patience: 3 });
  after.loadStateDict(JSON.parse(JSON.stringify(before.stateDict())));
  after.update(4);
  expect([after.shouldStop, after.best]).toEqual([true, 1]);
});

test.each([
  [() => new train.EarlyStopping({ patience: 0 }), 'Expected a positive whole number for patience but received number 0'],
  [() => new train.EarlyStopping({ minDelta: -1 }), 'Expected a number from 0 for minDelta but received number -1'],
  [() => new train.EarlyStopping({ mode: 'low' as 'min' }), "Expected 'min' or 'max' for mode but received string"],
  [() => new train.EarlyStopping().update('1' as never), 'Expected a number for EarlyStopping but received string'],
])('bad settings: %#', (make, message) => {
  expect(make).toThrow(message);
});
