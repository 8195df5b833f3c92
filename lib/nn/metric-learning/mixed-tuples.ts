/** Two samples of a batch that are mixed, of which the first belongs to an anchor and the second does not. */

import { arange, repeatInterleave } from '../../tensor/generated/root';
import { scope } from '../../tensor/scope';
import type { Tensor } from '../../tensor/tensor';
import { pairMasks } from './pairs';

/** What a negative of the anchor is mixed with: a positive of the anchor, or the anchor itself. */
export type MetrixMode = 'positiveNegative' | 'anchorNegative';

export const METRIX_MODES: readonly MetrixMode[] = ['positiveNegative', 'anchorNegative'];

/** Places in the batch, int64 [T] each. */
export interface MetrixTuples {
  readonly anchor: Tensor;
  readonly first: Tensor;
  readonly second: Tensor;
}

/** All tuples of a batch, sorted by anchor, then by the first, then by the second. */
export function mixedTuples(labels: Tensor, mode: MetrixMode): MetrixTuples {
  return scope(() => {
    const { positive, negative } = pairMasks(labels);
    const [from, to] = negative.nonzero().unbind(1) as [Tensor, Tensor];
    if (mode === 'anchorNegative') return { anchor: from, first: from, second: to };
    const [anchor, first] = positive.nonzero().unbind(1) as [Tensor, Tensor];
    const counts = negative.sum(1);
    // Each positive pair with all negatives of its anchor, which stand together in the list of negatives.
    const times = counts.indexSelect(0, anchor);
    const pair = repeatInterleave(times);
    const skip = counts.cumsum(0).sub(counts).indexSelect(0, anchor).sub(times.cumsum(0).sub(times));
    const second = to.indexSelect(0, skip.indexSelect(0, pair).add(arange(pair.size(0), { device: labels.device })));
    return { anchor: anchor.indexSelect(0, pair), first: first.indexSelect(0, pair), second };
  });
}

/**
 * The similarity of each anchor with its mixture `share first + (1 - share) second`, [T], from the similarities of the batch: mixtures are not
 * formed. With `unit` they get length 1; then the rows of the batch have it too.
 */
export function mixedSimilarities(similarity: Tensor, { anchor, first, second }: MetrixTuples, share: Tensor, unit: boolean): Tensor {
  const flat = similarity.flatten();
  const of = (i: Tensor, j: Tensor): Tensor => flat.indexSelect(0, i.mul(similarity.size(0)).add(j));
  const rest = share.neg().add(1);
  const mixed = of(anchor, first).mul(share).add(of(anchor, second).mul(rest));
  if (!unit) return mixed;
  const own = similarity.diagonal();
  const squares = own
    .indexSelect(0, first)
    .mul(share.square())
    .add(own.indexSelect(0, second).mul(rest.square()))
    .add(of(first, second).mul(share.mul(rest)), { alpha: 2 });
  return mixed.div(squares.clampMin(1e-24).sqrt());
}
