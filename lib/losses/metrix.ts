import { METRIX_MODES, type MetrixMode, mixedSimilarities, mixedTuples } from '../nn/metric-learning/mixed-tuples';
import { checkLabelled, pairMasks, selfSimilarities } from '../nn/metric-learning/pairs';
import { checkedShares } from '../nn/metric-learning/shares';
import { inGroups, inRows, type SoftPairOptions, softPairSettings, softPairs } from '../nn/metric-learning/soft-pairs';
import { checkedOptions } from '../tensor/checked';
import { checkChoice, checkNotNegative } from '../tensor/numbers';
import type { Tensor } from '../tensor/tensor';

export interface MetrixOptions extends SoftPairOptions {
  /** Mix a negative of the anchor with a positive of it, or with the anchor. Default `'positiveNegative'`. */
  mode?: MetrixMode;
  /** Weight of the mixed part, from 0. Default 0.4, of the authors' code. */
  weight?: number;
  /** Give embeddings and mixtures length 1. Default true. */
  normalize?: boolean;
}

export interface MetrixResult {
  /** `clean + weight mixed`. */
  readonly loss: Tensor;
  /** The loss of all pairs of the batch. */
  readonly clean: Tensor;
  /** The loss of anchors and mixtures. */
  readonly mixed: Tensor;
}

/**
 * Metric mix at the level of embeddings: the loss of all pairs, `clean`, plus `weight` times the same loss of each anchor and mixtures of one of its
 * positives, or itself, with one of its negatives, `lambda x_p + (1 - lambda) x_n`, which are positives to the share lambda. All tuples of
 * `samplers.metrixTuples` are taken, in its order. Mixtures are not formed: their similarities follow from those of the batch.
 *
 * Shapes: embeddings [B, D], labels int64 [B], lambda in [0, 1], a scalar or [T], which does not learn; scalars. Without pairs they are 0 with
 * gradient 0.
 *
 * @throws for another shape, a lambda outside [0, 1], an unknown kind or mode, a negative weight, an alpha or beta that is not above 0, a margin that
 * is not finite
 *
 * Venkataramanan, Psomas, Kijak, Amsaleg, Karantzalos, Avrithis: It Takes Two to Tango: Mixup for Deep Metric Learning. ICLR 2022,
 * arXiv 2106.04990
 */
export function metrixLoss(embeddings: Tensor, labels: Tensor, lambda: Tensor, options?: MetrixOptions): MetrixResult {
  const { mode = 'positiveNegative', weight = 0.4, normalize = true, ...rest } = checkedOptions(options, 'metrixLoss');
  checkChoice(mode, 'mode', METRIX_MODES);
  checkNotNegative(weight, 'weight');
  const settings = softPairSettings(rest);
  const { B } = checkLabelled(embeddings, labels);
  const similarity = selfSimilarities(embeddings, normalize);
  const { positive, negative } = pairMasks(labels);
  const clean = softPairs(inRows(similarity, positive, negative), settings, 'mean');
  const tuples = mixedTuples(labels, mode);
  const { share, rest: others } = checkedShares(lambda, tuples.anchor.size(0), similarity);
  const candidates = inGroups(mixedSimilarities(similarity, tuples, share, normalize), share, others, tuples.anchor, B);
  const mixed = softPairs(candidates, settings, 'mean');
  return { loss: clean.add(mixed, { alpha: weight }), clean, mixed };
}
