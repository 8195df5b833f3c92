import { checkedOptions } from '../../tensor/checked';
import { randperm } from '../../tensor/generated/root';
import type { Generator } from '../../tensor/generator';
import type { Tensor } from '../../tensor/tensor';
import { type Indices, toIndices } from '../indices';
import { PassRandomness, type Randomness } from '../randomness';
import { ChunkSampler } from './sampler';

/** The given positions in a random order, PyTorch's under the same seed. @throws unless they are whole numbers from 0 */
export class SubsetRandomSampler extends ChunkSampler {
  readonly indices: Tensor;
  readonly length: number;
  readonly #random: PassRandomness;

  constructor(indices: Indices, options?: Randomness) {
    super();
    this.indices = toIndices(indices, Number.MAX_SAFE_INTEGER, 'indices');
    this.length = this.indices.numel();
    this.#random = new PassRandomness(checkedOptions(options, 'SubsetRandomSampler'), 'global');
  }

  get generator(): Generator | undefined {
    return this.#random.generator;
  }

  preparePass(state?: string): string {
    return this.#random.prepare(state);
  }

  override *chunks(): IterableIterator<Tensor> {
    const order = randperm(this.length, { generator: this.#random.begin() });
    const chunk = this.indices.indexSelect(0, order).keep();
    order.dispose();
    yield chunk;
  }
}
