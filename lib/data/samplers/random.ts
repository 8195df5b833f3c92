import { checkedOptions } from '../../tensor/checked';
import { randint, randperm } from '../../tensor/generated/root';
import type { Tensor } from '../../tensor/tensor';
import type { Randomness } from '../randomness';
import { DrawnSampler } from './drawn';
import { lengthOf, positive, type Sized } from './sized';

export interface RandomSamplerOptions extends Randomness {
  /** Draw each position independently, so that some come several times. Default false. */
  replacement?: boolean;
  /** Positions in a pass. Default: the number of samples. */
  numSamples?: number;
}

/** PyTorch draws with replacement in parts of so many; only then are the numbers of an interrupted pass the same. */
const PART = 32;

/**
 * Positions at random: a permutation, or independent draws. Without replacement more positions than there are samples are
 * several permutations, one after the other. Under a given seed the order is PyTorch's.
 *
 * @throws when `numSamples` is no positive whole number, and when there is no sample
 */
export class RandomSampler extends DrawnSampler {
  readonly length: number;
  readonly replacement: boolean;
  readonly #count: number;

  /** @param source a dataset, or a number of samples */
  constructor(source: Sized, options?: RandomSamplerOptions) {
    const given = checkedOptions(options, 'RandomSampler');
    super(given, 'seeded');
    const { replacement = false, numSamples } = given;
    this.#count = lengthOf(source, 'RandomSampler');
    this.length = numSamples === undefined ? this.#count : positive(numSamples, 'numSamples');
    this.replacement = replacement;
  }

  override *chunks(): IterableIterator<Tensor> {
    if (this.#count === 0) return;
    const generator = this.begin();
    if (this.replacement) {
      for (let left = this.length; left > 0; left -= PART) {
        yield randint(this.#count, [Math.min(PART, left)], { dtype: 'int64', generator }).keep();
      }
      return;
    }
    for (let left = this.length; left >= this.#count; left -= this.#count) yield randperm(this.#count, { generator }).keep();
    // PyTorch draws this last permutation also when nothing of it is needed; without it the next pass would differ from PyTorch's.
    const last = randperm(this.#count, { generator }).keep();
    const rest = this.length % this.#count;
    if (rest > 0) yield last.narrow(0, 0, rest).keep();
    last.dispose();
  }
}
