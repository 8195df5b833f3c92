import type { Generator } from '../../tensor/generator';
import { scope } from '../../tensor/scope';
import type { Tensor } from '../../tensor/tensor';
import { PassRandomness, type Randomness } from '../randomness';
import { type ByClass, byClass } from './by-class';
import type { BatchSource } from './sampler';

/** Batches that are composed by the classes of the samples; those of a pass are drawn at once. */
export abstract class ClassBatches implements BatchSource {
  abstract readonly length: number;
  /** Samples in a batch. */
  abstract readonly batchSize: number;
  protected readonly byClass: ByClass;
  readonly #random: PassRandomness;

  /** @param labels class of each sample, whole numbers */
  constructor(labels: Tensor | readonly number[], options: Randomness) {
    this.byClass = scope(() => byClass(labels, `the labels of ${new.target.name}`));
    this.#random = new PassRandomness(options, 'seeded');
  }

  get generator(): Generator | undefined {
    return this.#random.generator;
  }

  preparePass(state?: string): string {
    return this.#random.prepare(state);
  }

  *[Symbol.iterator](): IterableIterator<Tensor> {
    const all = scope(() => this.draw(this.#random.begin())).keep();
    try {
      for (let batch = 0; batch < this.length; batch++) yield all.select(0, batch);
    } finally {
      all.dispose();
    }
  }

  /** The batches of a pass, int64[length, batchSize]. */
  protected abstract draw(generator: Generator): Tensor;
}
