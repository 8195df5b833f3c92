/** Orders in which a loader visits samples. */

import { tensor } from '../../tensor/creation';
import type { Generator } from '../../tensor/generator';
import { Tensor } from '../../tensor/tensor';
import { toNumbers } from '../indices';

/** What makes a pass repeatable in the middle: `DataLoader.stateDict` asks for it. */
export interface Repeatable {
  /** Fixes the random choices of the next pass, and tells them as text; given that text, the next pass makes them again. */
  preparePass?(state?: string): string;
  /** Where the choices come from, when not from the global generator. */
  readonly generator?: Generator | undefined;
}

/** Positions of samples, in the order in which a pass visits them. Each iteration is a pass. */
export interface Sampler extends Iterable<number>, Repeatable {
  /** Number of positions in a pass. */
  readonly length: number;
  /** The same positions many at a time, int64[n]: faster. The tensors belong to the caller, who disposes of them. */
  chunks?(): Iterable<Tensor>;
}

/** The positions of whole batches. Each iteration is a pass. */
export interface BatchSource extends Iterable<Tensor | readonly number[]>, Repeatable {
  /** Number of batches in a pass. */
  readonly length: number;
}

/** A sampler that draws many positions at once. */
export abstract class ChunkSampler implements Sampler {
  abstract readonly length: number;
  abstract chunks(): IterableIterator<Tensor>;

  *[Symbol.iterator](): IterableIterator<number> {
    for (const chunk of this.chunks()) {
      const numbers = toNumbers(chunk);
      chunk.dispose();
      yield* numbers;
    }
  }
}

/** A batch's positions as a tensor. */
export function asBatch(batch: Tensor | readonly number[]): Tensor {
  return batch instanceof Tensor ? batch : tensor([...batch], { dtype: 'int64' });
}
