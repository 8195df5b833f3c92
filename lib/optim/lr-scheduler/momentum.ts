/** Momentum that goes against the learning rate: optimizers call it `momentum`, or it is the first of `betas`. */

import { expected } from '../../tensor/expected';
import { perGroup, type RateGroup, type Schedulable } from './lr-scheduler';

/** What schedules of the momentum read and write in a group. */
export interface MomentumGroup extends RateGroup {
  momentum?: number;
  betas?: readonly [number, number];
  maxMomentum?: number;
  baseMomentum?: number;
}

/**
 * Whether an optimizer's momentum is the first of its betas.
 * @throws when it has neither
 */
export function momentumIsBeta(optimizer: Schedulable): boolean {
  if ('betas' in optimizer.defaults) return true;
  if ('momentum' in optimizer.defaults) return false;
  throw expected('an optimizer with momentum or betas', 'cycleMomentum', optimizer);
}

export function setMomentum(group: MomentumGroup, momentum: number, isBeta: boolean): void {
  if (isBeta) group.betas = [momentum, group.betas?.[1] ?? 0];
  else group.momentum = momentum;
}

/** The ends of the momentum in each group; the groups get them, and start with the larger one. */
export function startMomentums(
  optimizer: Schedulable,
  base: number | readonly number[],
  max: number | readonly number[],
  fresh: boolean,
): { readonly bases: readonly number[]; readonly maxima: readonly number[]; readonly isBeta: boolean } {
  const isBeta = momentumIsBeta(optimizer);
  const bases = perGroup(base, optimizer, 'baseMomentum');
  const maxima = perGroup(max, optimizer, 'maxMomentum');
  if (fresh) {
    for (const [k, group] of optimizer.paramGroups.entries()) {
      const own: MomentumGroup = group;
      setMomentum(own, maxima[k] as number, isBeta);
      own.maxMomentum = maxima[k];
      own.baseMomentum = bases[k];
    }
  }
  return { bases, maxima, isBeta };
}
