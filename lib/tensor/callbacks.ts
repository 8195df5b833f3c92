/** What the core calls back: set once, when everything is loaded. */

import { isMainThread } from 'node:worker_threads';
import { addon } from '../native';
import { Header } from './protocol';
import { cellAt, putTensor, words } from './runtime';
import { explainRelease } from './scope';
import { taskCallbacks } from './tasks';
import { Tensor } from './tensor';

addon.setCallbacks({
  wrap(slot, generation) {
    const tensor = new Tensor(slot, generation);
    if (words[Header.scope] === 0) {
      putTensor(cellAt(0), tensor);
      addon.watch(tensor);
    }
    return tensor;
  },
  warn: (message) => process.emitWarning(message, 'TorchWarning'),
  stale: explainRelease,
  ...taskCallbacks,
});

// A worker's end returns from the callback that it happens in; the main thread's does not.
if (isMainThread) process.once('exit', () => addon.closing());
