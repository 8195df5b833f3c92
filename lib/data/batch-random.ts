/** Random choices inside datasets and transforms: the same in any worker, and when a pass is resumed. */

import { Generator } from '../tensor/generator';

/** What the pass began with; undefined where no loader makes a batch. */
let seed: bigint | undefined;
let number = 0;
let seeded = false;
let own: Generator | undefined;

/**
 * The generator for random choices in a dataset, a collate function or a transform: `torch.rand(1, { generator: data.generator() })`.
 *
 * While a `DataLoader` makes a batch it is one that the loader seeds for that batch, so that the choices depend neither on the number
 * of workers nor on what else the program draws. Elsewhere it is null, which stands for the global generator.
 */
export function generator(): Generator | null {
  if (seed === undefined) return null;
  own ??= new Generator();
  if (!seeded) own.manualSeed(seed + BigInt(number));
  seeded = true;
  return own;
}

/** Runs code that makes batch number `batch` of a pass of what is given. */
export function withBatchRandom<Given, T>(passSeed: bigint, batch: number, make: (given: Given) => T, given: Given): T {
  const outerSeed = seed;
  const outerNumber = number;
  const outerSeeded = seeded;
  const outerOwn = own;
  seed = passSeed;
  number = batch;
  seeded = false;
  // A loader inside a dataset has its own batches.
  if (outerSeed !== undefined) own = undefined;
  try {
    return make(given);
  } finally {
    seed = outerSeed;
    number = outerNumber;
    seeded = outerSeeded;
    if (outerSeed !== undefined) own = outerOwn;
  }
}
