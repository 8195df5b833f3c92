/** What came of a call, in one word. */

import { HOSTILE } from './values';

export type Outcome =
  | 'ok'
  | 'argument error'
  | 'libtorch error'
  | 'out of memory'
  | 'internal assert'
  | 'hostile argument'
  | 'other error'
  // Findings: what a user should never see.
  | 'engine error'
  | 'not an error'
  | 'damaged';

export const FINDINGS: ReadonlySet<Outcome> = new Set<Outcome>(['engine error', 'not an error', 'damaged']);

/** Messages of the JavaScript engine's own: something was not checked. */
const ENGINE =
  /Cannot (read|set|convert|mix|destructure|access|create)|is not (a function|iterable|a constructor|defined|extensible)|Invalid (array|typed array|string) length|Maximum call stack|Reduce of empty|undefined \(reading|Private field|Cannot write private|A (number|string|boolean|object|function) was expected/;

export function outcomeOf(error: unknown): Outcome {
  if (!(error instanceof Error)) return 'not an error';
  const { message } = error;
  if (message.includes(HOSTILE)) return 'hostile argument';
  if (/argument block is damaged|unknown C\+\+ exception/.test(message)) return 'damaged';
  // The core puts its operator on its errors; libtorch's own words may sound like the engine's.
  if (!('operator' in error) && !('backtrace' in error) && ENGINE.test(message)) return 'engine error';
  if ((error as NodeJS.ErrnoException).code === 'ERR_OUT_OF_MEMORY') return 'out of memory';
  if (message.includes('INTERNAL ASSERT')) return 'internal assert';
  if ('backtrace' in error) return 'libtorch error';
  if (error instanceof TypeError || error instanceof RangeError) return 'argument error';
  return 'other error';
}
