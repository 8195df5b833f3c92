import { expected } from '../tensor/expected';

/** Where a loader is, as values that JSON holds. */
export interface DataLoaderState {
  /** Batches of the pass under way that were given out; 0 between passes. */
  readonly batch: number;
  /** Number of samples; null when it is not known. A state fits loaders over as many. */
  readonly samples: number | null;
  readonly batchSize: number | null;
  /** What random choices in the batches of the pass begin with; null between passes. */
  readonly seed: string | null;
  /** The order of the pass, as its sampler tells it; null between passes, and when it has none to tell. */
  readonly order: string | null;
  /** The state of the loader's generator; null without one. */
  readonly generator: string | null;
  /** The state of the sampler's generator, when it is another one, between passes. */
  readonly samplerGenerator: string | null;
}

/** @throws for what is no state, and for one of a loader with other samples or batches */
export function checkState(state: unknown, samples: number | null, batchSize: number | null): DataLoaderState {
  const given = state as Partial<DataLoaderState> | null;
  const text = (value: unknown): boolean => value === null || typeof value === 'string';
  const fits =
    typeof given === 'object' &&
    given !== null &&
    Number.isSafeInteger(given.batch) &&
    (given.batch as number) >= 0 &&
    text(given.seed) &&
    (given.seed === null || /^-?\d+$/.test(given.seed as string)) &&
    text(given.order) &&
    text(given.generator) &&
    text(given.samplerGenerator);
  if (!fits) throw expected('what DataLoader.stateDict gives', 'loadStateDict', state);
  const own = { samples, batchSize };
  for (const key of ['samples', 'batchSize'] as const) {
    if (given[key] !== own[key]) throw expected(`the state of a loader with ${key} ${own[key]}`, 'loadStateDict', `${key} ${given[key]}`);
  }
  return given as DataLoaderState;
}
