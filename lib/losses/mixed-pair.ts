import { type ReductionOptions, reductionCode } from '../nn/functional/reduction';
import { rowDots, unitRows } from '../nn/metric-learning/rows';
import { checkedShares } from '../nn/metric-learning/shares';
import { inGroups, type SoftPairOptions, softPairSettings, softPairs } from '../nn/metric-learning/soft-pairs';
import { checkedOptions } from '../tensor/checked';
import { checkLabels } from '../tensor/labels';
import { checkShapes } from '../tensor/shapes';
import type { Tensor } from '../tensor/tensor';
import { widened } from '../tensor/widened';

export interface MixedPairOptions extends SoftPairOptions, ReductionOptions {
  /** Give anchors and mixed rows length 1 first, so that similarities are cosines. Default true. */
  normalize?: boolean;
}

/**
 * The loss of anchors and mixed examples: each `mixed` row is a candidate of one anchor, of which it is a positive to the share `lambda`. The sums of
 * `losses.softPairLoss` run over an anchor's own rows. With proxies in place of anchors, `anchorIndex` is the class.
 *
 * Shapes: anchors [A, D], mixed [T, D], anchorIndex int64 [T], lambda in [0, 1], a scalar or [T], which does not learn; a scalar, or [A] without
 * reduction. Without mixed rows it is 0 with gradient 0.
 *
 * @throws for another shape, an anchorIndex outside [0, A), a lambda outside [0, 1], an unknown kind, an alpha or beta that is not above 0, a margin
 * that is not finite
 *
 * Venkataramanan, Psomas, Kijak, Amsaleg, Karantzalos, Avrithis, ICLR 2022, arXiv 2106.04990
 */
export function mixedPairLoss(anchors: Tensor, mixed: Tensor, anchorIndex: Tensor, lambda: Tensor, options?: MixedPairOptions): Tensor {
  const { normalize = true, reduction = 'mean', ...rest } = checkedOptions(options, 'mixedPairLoss');
  const settings = softPairSettings(rest);
  reductionCode(reduction);
  const { A, T } = checkShapes(['anchors', anchors, 'A', 'D'], ['mixed', mixed, 'T', 'D'], ['anchorIndex', anchorIndex, 'T']);
  checkLabels(anchorIndex, A, 'anchorIndex');
  const rows = normalize ? unitRows : widened;
  const [a, v, groups] = [rows(anchors), rows(mixed), anchorIndex.long()];
  const s = rowDots(a.indexSelect(0, groups), v);
  const { share, rest: others } = checkedShares(lambda, T, s);
  return softPairs(inGroups(s, share, others, groups, A), settings, reduction);
}
