/** Saves checkpoints of a run one after the other until it is killed: what checkpoint.test.ts kills. */

import { writeSync } from 'node:fs';
import { join } from 'node:path';
import * as torch from '../../../lib';
import { io } from '../../../lib';

const folder = process.argv[2] as string;
const single = join(folder, 'single.pt');
const checkpoints = new io.Checkpoints(join(folder, 'kept'), { keepLast: 2, mode: 'max' });

for (let epoch = Number(process.argv[3]) + 1; ; epoch++) {
  torch.scope(() => {
    // All of it says which epoch it is of.
    const model = {
      stateDict: () => Object.fromEntries(Array.from({ length: 20 }, (_, k) => [`w${k}`, torch.full([50_000], epoch)])),
      loadStateDict: () => {},
    };
    io.saveCheckpoint(single, { model, epoch });
    checkpoints.save(epoch, { model, epoch }, { metric: epoch });
  });
  writeSync(1, `${epoch}\n`); // at once: a loop without end never empties a stream
}
