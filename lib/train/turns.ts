/** How long steps may run before timers, I/O and signals get a turn. */
const TURN_MS = 15;

/**
 * Lets the event loop breathe in a loop of short steps: the function, awaited after each step, gives timers, I/O and signals
 * their turn when they have waited long enough.
 */
export function turns(): () => Promise<void> {
  let last = performance.now();
  return async () => {
    if (performance.now() - last <= TURN_MS) return;
    await new Promise(setImmediate);
    last = performance.now();
  };
}
