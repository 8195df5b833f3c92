/** Random choices inside datasets and transforms: the same in any worker, and when a pass is resumed. */

import { Generator } from '../tensor/generator';

let seed: bigint | undefined;
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
  if (!seeded) own.manualSeed(seed);
  seeded = true;
  return own;
}

/** Runs code that makes batch number `batch` of a pass. */
export function withBatchRandom<T>(passSeed: bigint, batch: number, make: () => T): T {
  // A loader inside a dataset has its own batches.
  const outer = { seed, seeded, own };
  seed = passSeed + BigInt(batch);
  seeded = false;
  if (outer.seed !== undefined) own = undefined;
  try {
    return make();
  } finally {
    ({ seed, seeded } = outer);
    if (outer.seed !== undefined) own = outer.own;
  }
}
