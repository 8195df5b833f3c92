/** Which parameters one native call takes together. */

import type { Tensor } from '../tensor/tensor';
import { type AsReal, asTheyAre, pairsOfReals } from './real';

/** Parameters of one device and dtype. */
export interface Lane {
  readonly params: readonly Tensor[];
  readonly asReal: AsReal;
}

/** Parameters split by device and dtype. */
export function lanesOf(all: readonly Tensor[]): readonly Lane[] {
  const byPlace = new Map<string, Tensor[]>();
  for (const param of all) {
    const place = `${param.device} ${param.dtype}`;
    const params = byPlace.get(place);
    if (params === undefined) byPlace.set(place, [param]);
    else params.push(param);
  }
  return [...byPlace.values()].map((params) => ({ params, asReal: params[0]?.isComplex() ? pairsOfReals : asTheyAre }));
}
