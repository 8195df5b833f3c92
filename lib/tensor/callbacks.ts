/** What the core calls back: set once, when everything is loaded. */

import { isMainThread } from 'node:worker_threads';
import { addon } from '../native';
import { explainRelease } from './scope';
import { taskCallbacks } from './tasks';
import { adopt } from './tensor';
import { callingStack } from './trace';

addon.setCallbacks({
  wrap: adopt,
  warn: (message) => process.emitWarning(message, 'TorchWarning'),
  trace: callingStack,
  stale: explainRelease,
  ...taskCallbacks,
});

// A worker's end returns from the callback that it happens in; the main thread's does not.
if (isMainThread) process.once('exit', () => addon.closing());
