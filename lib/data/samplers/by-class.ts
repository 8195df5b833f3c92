/** Samples sorted by class, and shuffled within each class, for samplers that compose batches by class. */

import { tensor } from '../../tensor/creation';
import { expected } from '../../tensor/expected';
import { arange, randperm, repeatInterleave, uniqueDim } from '../../tensor/generated/root';
import type { Generator } from '../../tensor/generator';
import { Tensor } from '../../tensor/tensor';

/** The samples of C classes: class c has samples sorted[starts[c]] ... sorted[starts[c] + counts[c] - 1]. All int64. */
export interface ByClass {
  readonly classes: number;
  readonly sorted: Tensor;
  readonly counts: Tensor;
  readonly starts: Tensor;
}

/** @param labels class of each sample: whole numbers, not necessarily 0, 1, 2, ... */
export function byClass(labels: Tensor | readonly number[], where: string): ByClass {
  if (!(labels instanceof Tensor) && !Array.isArray(labels)) throw expected('a tensor or an array of class numbers', where, labels);
  const given = labels instanceof Tensor ? labels : tensor([...labels]);
  if (given.dim() !== 1 || given.numel() === 0 || given.isFloatingPoint() || given.isComplex()) {
    throw expected('whole class numbers of one dimension, at least one,', where, labels);
  }
  const [classes, inverse] = uniqueDim(given.to('cpu', 'int64'), 0, { sorted: true, returnInverse: true });
  const counts = inverse.bincount();
  return {
    classes: classes.numel(),
    sorted: inverse.argsort({ stable: true }).keep(),
    counts: counts.keep(),
    starts: exclusiveSum(counts).keep(),
  };
}

/** Sum of the elements before each. */
export function exclusiveSum(counts: Tensor): Tensor {
  return counts.cumsum(0).sub(counts);
}

/** Shuffled samples of all classes, one class after the other. */
export interface Shuffled {
  /** Samples, int64[sum of rounds * counts]. */
  readonly samples: Tensor;
  /** Where each class begins, int64[C]. */
  readonly starts: Tensor;
}

/**
 * For class c `rounds[c]` independent permutations of its samples, one after the other: all classes in one sort.
 *
 * The order of a random permutation is kept within each (class, round) by a stable sort, which makes it uniform there.
 */
export function shuffledRounds({ sorted, counts, starts }: ByClass, rounds: Tensor, generator: Generator): Shuffled {
  const sizes = rounds.mul(counts);
  const begins = exclusiveSum(sizes);
  const total = Number(sizes.sum().item());
  const classOf = repeatInterleave(sizes);
  const within = arange(total, { dtype: 'int64' }).sub(begins.indexSelect(0, classOf));
  const count = counts.indexSelect(0, classOf);
  const round = within.div(count, { roundingMode: 'floor' });
  const group = classOf.mul(rounds.max().add(1)).add(round);
  const random = randperm(total, { generator });
  const order = random.indexSelect(0, group.indexSelect(0, random).argsort({ stable: true }));
  const position = starts.indexSelect(0, classOf).add(within.remainder(count)).indexSelect(0, order);
  return { samples: sorted.indexSelect(0, position), starts: begins };
}
