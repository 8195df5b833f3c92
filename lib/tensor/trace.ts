/** Where in the user's program we are. */

import path from 'node:path';

/** Where this library's own files are: their frames are of no interest to a user. */
const LIBRARY = path.dirname(__dirname) + path.sep;

/** The stack's frames without this library's and Node's own; at most `depth` frames are looked at. */
function callingFrames(depth: number): string[] {
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = depth;
  const frames = (new Error().stack ?? '').split('\n').slice(1);
  Error.stackTraceLimit = limit;
  return frames.filter((frame) => !frame.includes(LIBRARY) && !/[ (]node:/.test(frame));
}

/** The line that called this library, as file:line:column; empty when there is none. */
export function callingLine(): string {
  return /\(?([^()\s]+:\d+:\d+)\)?$/.exec(callingFrames(12)[0]?.trim() ?? '')?.[1] ?? '';
}

/** The stack outside this library, the calling line first. */
export function callingStack(): string {
  return callingFrames(40).slice(0, 10).join('\n');
}
