/** Events: marks in a stream, for waiting and timing. */

import { addon } from '../native';
import type { NativeEvent } from '../tensor/addon';
import { checkedOptions } from '../tensor/checked';
import { requireCuda } from './devices';
import { type CudaStream, currentStream } from './stream';

export class CudaEvent {
  /** @internal */
  readonly _native: NativeEvent;

  /** @param options `enableTiming`: whether `elapsedTime` can be asked. Default false. */
  constructor(options?: { enableTiming?: boolean }) {
    requireCuda('Event');
    this._native = addon.newEvent(checkedOptions(options, 'Event').enableTiming ?? false);
  }

  /** Marks the place in a stream, by default the current one. */
  record(stream: CudaStream = currentStream()): void {
    addon.eventRecord(this._native, ...stream._packed);
  }

  /** Whether the work before it is done. */
  query(): boolean {
    return addon.eventQuery(this._native);
  }

  /** Waits until the work before it is done. */
  synchronize(): void {
    addon.eventSynchronize(this._native);
  }

  /** Milliseconds from this event to a later one. */
  elapsedTime(end: CudaEvent): number {
    return addon.eventElapsed(this._native, end._native);
  }
}
