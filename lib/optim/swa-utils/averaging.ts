/** How averages of weights move on, in lists. */

import { checkedOptions } from '../../tensor/checked';
import { _foreachLerp_ } from '../../tensor/generated/root';
import { checkClosedShare } from '../../tensor/numbers';
import type { Tensor } from '../../tensor/tensor';

/** Moves averages towards the current tensors, in place; `count` models are in the averages already, at least one. */
export type MultiAvgFn = (averages: readonly Tensor[], current: readonly Tensor[], count: number) => void;

/**
 * Exponential moving averages: `average <- decay average + (1 - decay) current`.
 *
 * @param decay default 0.999
 * @throws for a decay outside [0, 1]
 */
export function getEmaMultiAvgFn(options?: { decay?: number }): MultiAvgFn {
  const { decay = 0.999 } = checkedOptions(options, 'getEmaMultiAvgFn');
  checkClosedShare(decay, 'decay');
  return (averages, current) => lerp(averages, current, 1 - decay);
}

/** The mean of all models (Izmailov et al., 2018): `average <- average + (current - average) / (count + 1)`. */
export function getSwaMultiAvgFn(): MultiAvgFn {
  return (averages, current, count) => lerp(averages, current, 1 / (count + 1));
}

/** Towards the current tensors by a share; whole numbers are cut off. */
function lerp(averages: readonly Tensor[], current: readonly Tensor[], share: number): void {
  const [first] = averages;
  if (first?.isFloatingPoint() || first?.isComplex()) _foreachLerp_(averages, current, share);
  else for (const [k, average] of averages.entries()) average.copy_(average.double().lerp((current[k] as Tensor).double(), share));
}
