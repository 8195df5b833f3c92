/** The benchmark's network, loss and optimizer are PyTorch's. That C++ does the same is checked by each `npm run bench`. */

import { agree, BATCH, losses } from '../../bench/agreement';
import { buildTypescript } from '../../bench/typescript';

/** `echo 5 | python3 bench/python/worker.py cnn-losses 1 8` with PyTorch 2.15. */
const PYTORCH = [2.2743592262268066, 1.9206463098526, 1.7969999313354492, 1.701738953590393, 1.3529597520828247];

test("the demo's network has PyTorch's losses from the same seed", () => {
  const { worker } = buildTypescript();
  const got = losses({ program: process.execPath, args: [worker, 'cnn-losses', '1', String(BATCH)] });
  expect({ got, same: agree(PYTORCH, got) }).toEqual({ got, same: true });
});

test('losses that differ, or are too few, do not agree', () => {
  expect(agree(PYTORCH, PYTORCH.with(4, 1.36))).toBe(false);
  expect(agree(PYTORCH, PYTORCH.slice(1))).toBe(false);
});
