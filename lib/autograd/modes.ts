/** Whether operations are recorded: modes that survive exceptions and `await`. */

import { addon } from '../native';
import { checkedOptions } from '../tensor/checked';
import { type Context, currentContext, enter, leave, setModes, within } from '../tensor/context';
import { expected } from '../tensor/expected';

/** A mode that lasts until the end of the block that it is `using`. */
export interface ModeGuard {
  [Symbol.dispose](): void;
}

/** Runs `fn` with other modes, or without one sets them until the guard is disposed of. */
export function runInContext<R>(change: Partial<Context>, fn: (() => R) | undefined, where: string): R | ModeGuard {
  const next = { ...currentContext(), ...change };
  if (fn === undefined) {
    const before = enter(next);
    let open = true;
    return {
      [Symbol.dispose]: () => {
        if (open) leave(before);
        open = false;
      },
    };
  }
  if (typeof fn !== 'function') throw expected('a function', where, fn);
  return within(next, fn, nothing, nothing);
}

function nothing(): void {}

/**
 * Runs `fn` without recording operations for `backward`. Without `fn`, for `using`: `using _ = torch.noGrad();`
 *
 * An asynchronous `fn` keeps the mode across its awaits, and code that runs in between does not have it.
 */
export function noGrad(): ModeGuard;
export function noGrad<R>(fn: () => R): R;
export function noGrad<R>(fn?: () => R): R | ModeGuard {
  return runInContext({ grad: false }, fn, 'noGrad');
}

/** Records operations, also inside `noGrad`. */
export function enableGrad(): ModeGuard;
export function enableGrad<R>(fn: () => R): R;
export function enableGrad<R>(fn?: () => R): R | ModeGuard {
  return runInContext({ grad: true }, fn, 'enableGrad');
}

/** As `noGrad`, and quicker: tensors made inside can never take part in a recorded operation. */
export function inferenceMode(): ModeGuard;
export function inferenceMode<R>(fn: () => R): R;
export function inferenceMode<R>(fn?: () => R): R | ModeGuard {
  return runInContext({ grad: false, inference: true }, fn, 'inferenceMode');
}

/** Sets whether operations are recorded from here on. */
export function setGradEnabled(on: boolean): void {
  if (typeof on !== 'boolean') throw expected('a boolean', 'setGradEnabled', on);
  setModes(on, currentContext().inference);
}

export function isGradEnabled(): boolean {
  const { grad, inference } = currentContext();
  return grad && !inference;
}

export function isInferenceModeEnabled(): boolean {
  return currentContext().inference;
}

/** What libtorch was told last; it cannot be asked through the addon. */
let anomaly = { on: false, checkNan: true };

/**
 * Finds the operation whose gradient is NaN: `backward` throws there, with its name, and a warning shows the line that recorded it
 * if detection was on by then. Slow, and for the whole process: on while any of its threads wants it.
 */
export function setDetectAnomaly(on: boolean, options?: { checkNan?: boolean }): void {
  if (typeof on !== 'boolean') throw expected('a boolean', 'setDetectAnomaly', on);
  anomaly = { on, checkNan: checkedOptions(options, 'setDetectAnomaly').checkNan ?? true };
  addon.setAnomaly(anomaly.on, anomaly.checkNan);
}

/** Runs `fn`, which must be synchronous, with anomaly detection: forward and backward, so that the line of the forward call is known. */
export function detectAnomaly<R>(fn: () => R, options?: { checkNan?: boolean }): R {
  const before = anomaly;
  setDetectAnomaly(true, options);
  try {
    return fn();
  } finally {
    setDetectAnomaly(before.on, before);
  }
}
