import { checkedOptions } from '../../tensor/checked';
import { randperm } from '../../tensor/generated/root';
import type { Tensor } from '../../tensor/tensor';
import { type Indices, toIndices } from '../indices';
import type { Randomness } from '../randomness';
import { DrawnSampler } from './drawn';

/** The given positions in a random order, PyTorch's under the same seed. @throws unless they are whole numbers from 0 */
export class SubsetRandomSampler extends DrawnSampler {
  readonly indices: Tensor;
  readonly length: number;

  constructor(indices: Indices, options?: Randomness) {
    super(checkedOptions(options, 'SubsetRandomSampler'), 'global');
    this.indices = toIndices(indices, Number.MAX_SAFE_INTEGER, 'indices');
    this.length = this.indices.numel();
  }

  override *chunks(): IterableIterator<Tensor> {
    const order = randperm(this.length, { generator: this.begin() });
    const chunk = this.indices.indexSelect(0, order).keep();
    order.dispose();
    yield chunk;
  }
}
