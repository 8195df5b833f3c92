import { Writable } from 'node:stream';
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
