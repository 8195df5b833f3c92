import { checkedOptions } from '../../tensor/checked';
import { arange } from '../../tensor/generated/root';
import type { Generator } from '../../tensor/generator';
import { scope } from '../../tensor/scope';
import type { Tensor } from '../../tensor/tensor';
import { PassRandomness, type Randomness } from '../randomness';
import { type ByClass, byClass, shuffledRounds } from './by-class';
import type { BatchSource } from './sampler';
import { positive } from './sized';

export interface ClassBalancedOptions extends Randomness {
  /** Batches in a pass. Default: ceil(number of samples / batchSize). */
  numBatches?: number;
}

/**
 * Batches with equally many samples of each class: their numbers differ by one at most, and by nothing when the batch size is a
 * multiple of the number of classes.
 *
 * The samples of a class come in a random order, each once before any comes again; rare classes so come more often in a pass, and
 * frequent ones not whole.
 *
 * ```ts
 * new DataLoader(dataset, { batchSampler: new ClassBalancedBatchSampler(labels, 64, { seed: 0 }) });
 * ```
 *
 * @param labels class of each sample, whole numbers
 * @throws for labels that are no whole numbers of one dimension, and for sizes that are no positive whole numbers
 */
export class ClassBalancedBatchSampler implements BatchSource {
  readonly batchSize: number;
  readonly length: number;
  readonly #classes: ByClass;
  readonly #random: PassRandomness;

  constructor(labels: Tensor | readonly number[], batchSize: number, options?: ClassBalancedOptions) {
    const given = checkedOptions(options, 'ClassBalancedBatchSampler');
    this.#classes = scope(() => byClass(labels, 'the labels of ClassBalancedBatchSampler'));
    this.batchSize = positive(batchSize, 'batchSize');
    const count = this.#classes.sorted.numel();
    this.length = given.numBatches === undefined ? Math.ceil(count / batchSize) : positive(given.numBatches, 'numBatches');
    this.#random = new PassRandomness(given, 'seeded');
  }

  get generator(): Generator | undefined {
    return this.#random.generator;
  }

  preparePass(state?: string): string {
    return this.#random.prepare(state);
  }

  *[Symbol.iterator](): IterableIterator<Tensor> {
    const all = scope(() => this.#draw()).keep();
    try {
      for (let batch = 0; batch < this.length; batch++) yield all.select(0, batch);
    } finally {
      all.dispose();
    }
  }

  /** The batches of a pass, int64[length, batchSize]: the classes take turns. */
  #draw(): Tensor {
    const { classes, counts } = this.#classes;
    const total = this.length * this.batchSize;
    const turn = arange(total, { dtype: 'int64' });
    const classOf = turn.remainder(classes);
    const rounds = classOf.bincount(null, classes).add(counts).sub(1).div(counts, { roundingMode: 'floor' });
    const { samples, starts } = shuffledRounds(this.#classes, rounds, this.#random.begin());
    const position = starts.indexSelect(0, classOf).add(turn.div(classes, { roundingMode: 'floor' }));
    return samples.indexSelect(0, position).reshape(this.length, this.batchSize);
  }
}
