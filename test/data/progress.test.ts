import { Writable } from 'node:stream';
import * as torch from '../../lib';
import { data } from '../../lib';

/** A stream that remembers what is written to it. */
class Sink extends Writable {
  text = '';
  readonly columns = 120;
  constructor(readonly isTTY: boolean) {
    super({
      write: (chunk, _encoding, done) => {
        this.text += String(chunk);
        done();
      },
    });
  }
  // What a terminal's stream has beside.
  clearLine = (): boolean => true;
  cursorTo = (): boolean => true;
  moveCursor = (): boolean => true;
}

function run(isTTY: boolean, stopAt = Number.POSITIVE_INFINITY): { seen: number[]; text: string } {
  const sink = new Sink(isTTY);
  const bar = data.progress([10, 20, 30], { label: 'epoch 1', output: sink as unknown as NodeJS.WriteStream });
  const seen: number[] = [];
  for (const value of bar) {
    seen.push(value);
    bar.status({ loss: value / 3, note: 'ok' });
    if (seen.length === stopAt) break;
  }
  return { seen, text: sink.text };
}

test('passes the values on, and draws a bar on a terminal', () => {
  const { seen, text } = run(true);
  expect(seen).toEqual([10, 20, 30]);
  expect(text).toContain('epoch 1 [');
  expect(text).toMatch(/=+\] 3\/3 .*loss 10 {2}note ok/);
});

test('writes plain lines elsewhere, the last one at the end', () => {
  const { seen, text } = run(false);
  expect(seen).toEqual([10, 20, 30]);
  expect(text).toMatch(/^epoch 1 3\/3 \S+\/s loss 10 {2}note ok\n$/);
});

test.each([true, false])('counts when nobody knows how many there are (terminal: %s)', (isTTY) => {
  for (const length of [undefined, Number.POSITIVE_INFINITY]) {
    const sink = new Sink(isTTY);
    const values = { ...(length === undefined ? {} : { length }), [Symbol.iterator]: () => [10, 20, 30][Symbol.iterator]() };
    const bar = data.progress(values, { label: 'epoch 1', output: sink as unknown as NodeJS.WriteStream });
    for (const value of bar) bar.status({ loss: value / 3 });
    expect(sink.text).toMatch(/epoch 1 3 \S+\/s loss 10/);
    expect(sink.text).not.toMatch(/3\/|\[=/);
  }
});

test.each([true, false])('ends cleanly at break (terminal: %s)', (isTTY) => {
  const { seen, text } = run(isTTY, 2);
  expect(seen).toEqual([10, 20]);
  expect(text).toMatch(isTTY ? /1\/3 .*loss 6.667/ : /^epoch 1 1\/3 \S+\/s loss 6.667 {2}note ok\n$/);
});

test('takes the number of steps from the length, or from total', () => {
  const sink = new Sink(false);
  const values = new Set([1, 2]);
  for (const _ of data.progress(values, { total: values.size, output: sink as unknown as NodeJS.WriteStream }));
  expect(sink.text).toMatch(/^2\/2 /);
});

test('follows asynchronous values, and goes on where a run was stopped', async () => {
  async function* later(): AsyncGenerator<number> {
    for (const value of [3, 4]) yield value;
  }
  const sink = new Sink(false);
  const options = { total: 4, initial: 2, output: sink as unknown as NodeJS.WriteStream };
  const seen: number[] = [];
  for await (const value of data.progress(later(), options)) seen.push(value);
  for await (const value of data.progress([5], { ...options, initial: 3 })) seen.push(value);
  expect(seen).toEqual([3, 4, 5]);
  expect(sink.text).toMatch(/^4\/4 \S+\/s\n4\/4 \S+\/s\n$/);
  expect(() => [...data.progress(later(), options)]).toThrow(
    'Expected values that can be had without waiting (use for await) for progress',
  );
});

test('with for await the body of each step is in the scope that its loader opens', async () => {
  const sink = new Sink(false);
  const loader = new data.DataLoader(new data.TensorDataset(torch.zeros(6, 2)), { batchSize: 2 });
  const made: torch.Tensor[] = [];
  for await (const [x] of data.progress(loader, { output: sink as unknown as NodeJS.WriteStream })) {
    await new Promise(setImmediate);
    made.push(x.add(1));
    expect(made.map(({ isReleased }) => isReleased)).toEqual([...Array(made.length - 1).fill(true), false]);
  }
  expect(made.every(({ isReleased }) => isReleased)).toBe(true);
  expect(sink.text).toMatch(/^3\/3 /);
});

test('with for await a failure and a break reach the source', async () => {
  const sink = new Sink(false);
  const output = sink as unknown as NodeJS.WriteStream;
  let closed = 0;
  async function* source(): AsyncGenerator<number> {
    try {
      yield 1;
      throw new Error('no more');
    } finally {
      closed++;
    }
  }
  for await (const _ of data.progress(source(), { output, total: 2 })) break;
  await expect(async () => {
    for await (const _ of data.progress(source(), { output, total: 2 }));
  }).rejects.toThrow('no more');
  expect(closed).toBe(2);
  expect(sink.text).toMatch(/^0\/2 .*\n1\/2 .*\n$/);
});
