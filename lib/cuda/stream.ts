/** Streams: queues of work on a device. */

import { addon } from '../native';
import type { PackedStream } from '../tensor/addon';
import { checkedOptions } from '../tensor/checked';
import { expected } from '../tensor/expected';
import type { DeviceLike } from '../tensor/types';
import { deviceIndex } from './devices';
import { CudaEvent } from './event';

/** A queue of work on a device; work in different streams may run at the same time. */
export class CudaStream {
  /** @internal */
  readonly _packed: PackedStream;

  /** @param options `priority`: lower runs first, 0 is the default, -1 high */
  constructor(options?: { device?: number | DeviceLike; priority?: number }, packed?: PackedStream) {
    const { device, priority = 0 } = checkedOptions(options, 'Stream');
    this._packed = packed ?? addon.newStream(deviceIndex(device, 'Stream'), priority);
  }

  /** Number of its device. */
  get device(): number {
    return this._packed[1];
  }

  /** Whether all its work is done. */
  query(): boolean {
    return addon.streamQuery(...this._packed);
  }

  /** Waits until all its work is done. */
  synchronize(): void {
    addon.streamSynchronize(...this._packed);
  }

  /** Later work in this stream starts after what `event` recorded. */
  waitEvent(event: CudaEvent): void {
    addon.eventBlock(event._native, ...this._packed);
  }

  /** Later work in this stream starts after all that `other` has now. */
  waitStream(other: CudaStream): void {
    this.waitEvent(other.recordEvent());
  }

  /** An event after all work given so far. */
  recordEvent(event: CudaEvent = new CudaEvent()): CudaEvent {
    addon.eventRecord(event._native, ...this._packed);
    return event;
  }
}

/** The stream that operators use on a device. */
export function currentStream(device?: number | DeviceLike): CudaStream {
  return new CudaStream({}, addon.currentStream(deviceIndex(device, 'currentStream')));
}

/** Runs `fn` with the operators in `target`. `fn` must be synchronous. */
export function stream<R>(target: CudaStream, fn: () => R): R {
  if (!(target instanceof CudaStream)) throw expected('a cuda.Stream', 'stream', target);
  const before = addon.currentStream(target.device);
  addon.setStream(...target._packed);
  try {
    return fn();
  } finally {
    addon.setStream(...before);
  }
}
