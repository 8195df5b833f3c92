import { addon } from '../../lib/native';
import { testCallbacks } from './callbacks';

describe('backward on this thread', () => testCallbacks('cpu'));

// The way of accelerators, on the CPU: the addon is told to go it always.
describe('backward on another thread, which this one serves', () => {
  beforeAll(() => addon.setForceServing(true));
  afterAll(() => addon.setForceServing(false));
  testCallbacks('cpu');
});
