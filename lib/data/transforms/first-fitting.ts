import { arange, where } from '../../tensor/generated/root';
import type { Tensor } from '../../tensor/tensor';

/** Of each row the first value that fits, else the fallback; and whether one fits. */
export function firstFitting(values: Tensor, fits: Tensor, fallback: number): [values: Tensor, fitting: Tensor] {
  const tries = values.size(1);
  const first = where(fits, arange(tries), tries).amin(1);
  const fitting = first.lt(tries);
  const taken = values.gather(1, first.clamp(0, tries - 1).unsqueeze(1)).squeeze(1);
  return [where(fitting, taken, fallback), fitting];
}
