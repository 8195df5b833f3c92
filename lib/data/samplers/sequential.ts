import { arange } from '../../tensor/generated/root';
import type { Tensor } from '../../tensor/tensor';
import { ChunkSampler } from './sampler';
import { lengthOf, type Sized } from './sized';

/** All positions in order. */
export class SequentialSampler extends ChunkSampler {
  readonly length: number;

  /** @param source a dataset, or a number of samples */
  constructor(source: Sized) {
    super();
    this.length = lengthOf(source, 'SequentialSampler');
  }

  override *chunks(): IterableIterator<Tensor> {
    if (this.length > 0) yield arange(this.length, { dtype: 'int64' }).keep();
  }
}
