import { expected } from '../../tensor/expected';
import type { Tensor } from '../../tensor/tensor';

/** What becomes of a loss's terms: their mean, their sum, or no reduction. */
export type Reduction = 'mean' | 'sum' | 'none';

export interface ReductionOptions {
  /** Default `'mean'`. */
  reduction?: Reduction;
}

const CODES: Readonly<Record<Reduction, number>> = { none: 0, mean: 1, sum: 2 };

/** The number that libtorch's losses know a reduction by. */
export function reductionCode(reduction: Reduction): number {
  const code = typeof reduction === 'string' && Object.hasOwn(CODES, reduction) ? CODES[reduction] : undefined;
  if (code === undefined) throw expected("'mean', 'sum' or 'none'", 'reduction', reduction);
  return code;
}

/** The mean or the sum of a loss's terms, or the terms themselves. */
export function reduced(terms: Tensor, reduction: Reduction): Tensor {
  if (reduction === 'mean') return terms.mean();
  if (reduction === 'sum') return terms.sum();
  reductionCode(reduction); // refuses what is none
  return terms;
}
