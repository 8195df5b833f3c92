import { turns } from '../../lib/train/turns';

test('the event loop gets its turn when it has waited, and not at each step', async () => {
  let clock = 0;
  const now = jest.spyOn(performance, 'now').mockImplementation(() => clock);
  const turn = turns();
  let isServed = false;
  setImmediate(() => {
    isServed = true;
  });
  for (let step = 0; step < 100; step++) await turn();
  expect(isServed).toBe(false);
  clock = 14;
  await turn();
  expect(isServed).toBe(false);
  clock = 16;
  await turn();
  expect(isServed).toBe(true);
  now.mockRestore();
});
