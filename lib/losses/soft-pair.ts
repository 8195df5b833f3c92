import { type ReductionOptions, reductionCode } from '../nn/functional/reduction';
import { inRows, type SoftPairOptions, softPairSettings, softPairs } from '../nn/metric-learning/soft-pairs';
import { checkedOptions, checkedTensor } from '../tensor/checked';
import { expected } from '../tensor/expected';
import { scope } from '../tensor/scope';
import { checkShapes } from '../tensor/shapes';
import type { Tensor } from '../tensor/tensor';
import { checkWithin } from '../tensor/values';
import { widened } from '../tensor/widened';

export interface SoftPairLossOptions extends SoftPairOptions, ReductionOptions {}

/**
 * A loss of pairs that are positive to some degree: of each anchor, s the similarities of its candidates and y the targets,
 *
 * ```text
 * contrastive       -sum of y s + sum of (1 - y) [s - margin]_+
 * binomialDeviance  sum of y softplus(-alpha (s - margin)) + sum of (1 - y) softplus(beta (s - margin))
 * liftedStructure   [log sum of y exp(-alpha s) + log sum of (1 - y) exp(beta (s + margin))]_+
 * multiSimilarity   1/alpha log(1 + sum of y exp(-alpha (s - margin))) + 1/beta log(1 + sum of (1 - y) exp(beta (s - margin)))
 * proxyAnchor       log(1 + sum of y exp(-alpha (s - margin))) + log(1 + sum of (1 - y) exp(beta (s + margin)))
 * ```
 *
 * A sum without terms counts as nothing; lifted structure is 0 then. The mean is over the anchors; of proxy-anchor that of the first part over those
 * anchors that have some positive, as in `losses.proxyAnchorLoss`.
 *
 * Shapes: similarity and targets [A, M], targets in [0, 1], which do not learn; mask bool [A, M], false for what is no candidate, or null: all are.
 * A scalar, or [A] without reduction. Steepness and margin default to those of the kind.
 *
 * @throws for another shape, targets outside [0, 1], an unknown kind, an alpha or beta that is not above 0, a margin that is not finite
 *
 * Venkataramanan, Psomas, Kijak, Amsaleg, Karantzalos, Avrithis: It Takes Two to Tango: Mixup for Deep Metric Learning. ICLR 2022,
 * arXiv 2106.04990
 */
export function softPairLoss(similarity: Tensor, targets: Tensor, mask: Tensor | null = null, options?: SoftPairLossOptions): Tensor {
  const { reduction = 'mean', ...rest } = checkedOptions(options, 'softPairLoss');
  const settings = softPairSettings(rest);
  reductionCode(reduction);
  const { A, M } = checkShapes(['similarity', similarity, 'A', 'M'], ['targets', targets, 'A', 'M']);
  if (mask !== null) {
    checkShapes(['mask', mask, A, M]);
    if (checkedTensor(mask, 'mask').dtype !== 'bool') throw expected('a tensor of bool', 'mask', mask);
  }
  checkWithin(targets, 0, 1, 'targets');
  const s = widened(similarity);
  const candidates = scope(() => {
    const positive = targets.detach().to(s.dtype);
    const negative = positive.neg().add_(1);
    if (mask === null) return inRows(s, positive, negative);
    const none = mask.logicalNot();
    return inRows(s.maskedFill(none, 0), positive.maskedFill(none, 0), negative.maskedFill_(none, 0));
  });
  return softPairs(candidates, settings, reduction);
}
