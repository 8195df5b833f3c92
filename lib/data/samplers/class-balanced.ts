import { checkedOptions } from '../../tensor/checked';
import { arange } from '../../tensor/generated/root';
import type { Generator } from '../../tensor/generator';
import type { Tensor } from '../../tensor/tensor';
import type { Randomness } from '../randomness';
import { shuffledRounds } from './by-class';
import { ClassBatches } from './class-batches';
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
export class ClassBalancedBatchSampler extends ClassBatches {
  readonly batchSize: number;
  readonly length: number;

  constructor(labels: Tensor | readonly number[], batchSize: number, options?: ClassBalancedOptions) {
    const given = checkedOptions(options, 'ClassBalancedBatchSampler');
    super(labels, given);
    this.batchSize = positive(batchSize, 'batchSize');
    const count = this.byClass.sorted.numel();
    this.length = given.numBatches === undefined ? Math.ceil(count / batchSize) : positive(given.numBatches, 'numBatches');
  }

  /** The batches of a pass, int64[length, batchSize]: the classes take turns. */
  protected override draw(generator: Generator): Tensor {
    const { classes, counts } = this.byClass;
    const total = this.length * this.batchSize;
    const turn = arange(total, { dtype: 'int64' });
    const classOf = turn.remainder(classes);
    const rounds = classOf.bincount(null, classes).add(counts).sub(1).div(counts, { roundingMode: 'floor' });
    const { samples, starts } = shuffledRounds(this.byClass, rounds, generator);
    const position = starts.indexSelect(0, classOf).add(turn.div(classes, { roundingMode: 'floor' }));
    return samples.indexSelect(0, position).reshape(this.length, this.batchSize);
  }
}
