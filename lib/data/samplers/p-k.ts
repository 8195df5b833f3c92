import { checkedOptions } from '../../tensor/checked';
import { expected } from '../../tensor/expected';
import { arange, rand, where } from '../../tensor/generated/root';
import type { Generator } from '../../tensor/generator';
import type { Tensor } from '../../tensor/tensor';
import type { Randomness } from '../randomness';
import { exclusiveSum, shuffledRounds } from './by-class';
import { ClassBatches } from './class-batches';
import { positive } from './sized';

export interface PKOptions extends Randomness {
  /** Batches in a pass. Default: floor(number of samples / (P K)), at least 1. */
  numBatches?: number;
}

/**
 * P classes, and K samples of each: the batches of metric learning, where every sample needs others of its class.
 *
 * A batch has P different classes, K samples one after the other of each; all classes come before any comes again, but for what is
 * left over when P does not divide their number. The K samples are different, and a class's samples all come before any comes again,
 * but for what is left over when K does not divide their number; a class with fewer than K samples repeats them.
 *
 * A. Hermans, L. Beyer and B. Leibe, "In Defense of the Triplet Loss for Person Re-Identification", 2017.
 *
 * @param labels class of each sample, whole numbers
 * @param p classes in a batch
 * @param k samples of each class
 * @throws when there are fewer than P classes, and for sizes that are no positive whole numbers
 */
export class PKBatchSampler extends ClassBatches {
  readonly p: number;
  readonly k: number;
  readonly length: number;

  constructor(labels: Tensor | readonly number[], p: number, k: number, options?: PKOptions) {
    const given = checkedOptions(options, 'PKBatchSampler');
    super(labels, given);
    this.p = positive(p, 'p');
    this.k = positive(k, 'k');
    if (p > this.byClass.classes) throw expected(`at most ${this.byClass.classes}, the number of classes,`, 'p', p);
    const fitting = Math.max(1, Math.floor(this.byClass.sorted.numel() / (p * k)));
    this.length = given.numBatches === undefined ? fitting : positive(given.numBatches, 'numBatches');
  }

  /** P K. */
  override get batchSize(): number {
    return this.p * this.k;
  }

  /** The batches of a pass, int64[length, P K]. */
  protected override draw(generator: Generator): Tensor {
    const { p, k, length } = this;
    const { counts } = this.byClass;
    const slots = this.#drawClasses(generator);
    // Each slot takes the next K samples of its class.
    const occurrence = countEqualBefore(slots, this.byClass.classes);
    const perRound = counts.div(k, { roundingMode: 'floor' }).clamp(1);
    const uses = slots.bincount(null, this.byClass.classes);
    const rounds = uses.add(perRound).sub(1).div(perRound, { roundingMode: 'floor' });
    const { samples, starts } = shuffledRounds(this.byClass, rounds, generator);
    const of = (values: Tensor): Tensor => values.indexSelect(0, slots).unsqueeze(1);
    const round = occurrence.unsqueeze(1).div(of(perRound), { roundingMode: 'floor' });
    const block = occurrence.unsqueeze(1).remainder(of(perRound));
    const offset = block.mul(k).add(arange(k, { dtype: 'int64' }));
    const fits = of(counts).ge(k);
    const position = of(starts)
      .add(round.mul(of(counts)))
      .add(where(fits, offset, offset.remainder(of(counts))));
    return samples.indexSelect(0, position.flatten()).reshape(length, p * k);
  }

  /** The class of each slot, int64[length P]: permutations of all classes, each without what does not fill a batch. */
  #drawClasses(generator: Generator): Tensor {
    const { classes } = this.byClass;
    const perRound = Math.floor(classes / this.p);
    const rounds = Math.ceil(this.length / perRound);
    const orders = rand([rounds, classes], { dtype: 'float64', generator }).argsort(1);
    return orders
      .narrow(1, 0, perRound * this.p)
      .flatten()
      .narrow(0, 0, this.length * this.p);
  }
}

/** How many equal elements stand before each. */
function countEqualBefore(values: Tensor, classes: number): Tensor {
  const order = values.argsort({ stable: true });
  const starts = exclusiveSum(values.bincount(null, classes)).indexSelect(0, values.indexSelect(0, order));
  const ranks = arange(values.numel(), { dtype: 'int64' }).sub(starts);
  return ranks.indexSelect(0, order.argsort());
}
