/** What learning from bags of samples shares: how many samples are in each, means over each, and what each sample has from its bag. */

import { onesLike } from '../tensor/generated/root';
import { checkLabels, checkWhole } from '../tensor/labels';
import type { Tensor } from '../tensor/tensor';
import { checkAbove } from '../tensor/values';

/** The bags of n > 0 samples; none may be empty. On other devices than the CPU they are not looked into, where that would wait for the device. */
export class Bags {
  /** Number of bags, m. */
  readonly count: number;
  readonly #given: Tensor;
  /** The bag of each sample, int64 [n]. */
  readonly #indices: Tensor;
  #sizes: Tensor | null = null;

  /**
   * @param numBags null: the highest number plus 1, which is read
   * @throws for what are no whole numbers
   */
  constructor(bagIndices: Tensor, numBags: number | null) {
    checkWhole(bagIndices, 'bagIndices');
    this.#given = bagIndices;
    this.#indices = bagIndices.long();
    // Where no bag is empty there are no more of them than samples.
    if (numBags === null) checkLabels(bagIndices, bagIndices.size(0), 'bagIndices');
    this.count = numBags ?? Number(this.#indices.max().item()) + 1;
  }

  /**
   * Means over the bags of numbers [n] or rows [n, d]: [m] or [m, d].
   *
   * @throws for a bag outside [0, m) or without samples
   */
  means(values: Tensor): Tensor {
    const shape = [this.count, ...values.shape.slice(1)];
    const sums = this.#inRange(() => values.newZeros(shape).indexAdd(0, this.#indices, values));
    return sums.div(values.dim() > 1 ? this.sizes().unsqueeze(1) : this.sizes());
  }

  /**
   * For each sample what its bag has of numbers [m]: [n].
   *
   * @throws for a bag outside [0, m) or without samples
   */
  ofEach(values: Tensor): Tensor {
    const all = this.#inRange(() => values.indexSelect(0, this.#indices));
    this.sizes();
    return all;
  }

  /** The largest number of each bag, of numbers [n]: [m]. No gradient flows. */
  largest(values: Tensor): Tensor {
    const plain = values.detach();
    return plain.newFull([this.count], Number.NEGATIVE_INFINITY).scatterReduce(0, this.#indices, plain, 'amax');
  }

  /**
   * Samples in each bag, int64 [m].
   *
   * @throws for a bag outside [0, m) or without samples
   */
  sizes(): Tensor {
    this.#sizes ??= this.#counted();
    return this.#sizes;
  }

  #counted(): Tensor {
    // On other devices `bincount` would wait for the device; with numbers out of range it asks for as much memory as they are high.
    const sizes =
      this.#indices.device === 'cpu' && this.#seen
        ? this.#indices.bincount(null, this.count)
        : this.#inRange(() => this.#indices.newZeros([this.count]).indexAdd(0, this.#indices, onesLike(this.#indices)));
    checkAbove(sizes, 0, 'bag sizes');
    return sizes;
  }

  /** Whether an operator had the numbers and found them in range. */
  #seen = false;

  /** The operator looks at the numbers; only where it refuses them are they looked at once more, to say which. */
  #inRange(indexing: () => Tensor): Tensor {
    try {
      const result = indexing();
      this.#seen = true;
      return result;
    } catch (error) {
      checkLabels(this.#given, this.count, 'bagIndices');
      throw error;
    }
  }
}
