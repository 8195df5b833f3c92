import { expected } from '../../tensor/expected';

/** What becomes of a loss's terms: their mean, their sum, or no reduction. */
export type Reduction = 'mean' | 'sum' | 'none';

export interface ReductionOptions {
  /** Default `'mean'`. */
  reduction?: Reduction;
}

const CODES: Readonly<Record<Reduction, number>> = { none: 0, mean: 1, sum: 2 };

/** The number that libtorch's losses know a reduction by. */
export function reductionCode(reduction: Reduction): number {
  const code = Object.hasOwn(CODES, reduction) ? CODES[reduction] : undefined;
  if (code === undefined) throw expected("'mean', 'sum' or 'none'", 'reduction', reduction);
  return code;
}
