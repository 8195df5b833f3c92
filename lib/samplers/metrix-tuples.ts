import { METRIX_MODES, type MetrixMode, type MetrixTuples, mixedTuples } from '../nn/metric-learning/mixed-tuples';
import { checkedOptions } from '../tensor/checked';
import { checkWhole } from '../tensor/labels';
import { checkChoice } from '../tensor/numbers';
import { checkShapes } from '../tensor/shapes';
import type { Tensor } from '../tensor/tensor';

export interface MetrixTuplesOptions {
  /** Mix a negative of the anchor with a positive of it, or with the anchor. Default `'positiveNegative'`. */
  mode?: MetrixMode;
}

/**
 * Which samples of a batch are mixed for which anchor: all `(a, p, n)`, p another sample of a's label and n one of another label; or all `(a, a, n)`.
 * Sorted by anchor, first, second. For `losses.mixedPairLoss` the mixture of `first` and `second` belongs to `anchor`.
 *
 * Shapes: labels int64 [B]; three int64 [T].
 *
 * @throws for another shape, an unknown mode
 *
 * Venkataramanan, Psomas, Kijak, Amsaleg, Karantzalos, Avrithis, ICLR 2022, arXiv 2106.04990
 */
export function metrixTuples(labels: Tensor, options?: MetrixTuplesOptions): MetrixTuples {
  const { mode = 'positiveNegative' } = checkedOptions(options, 'metrixTuples');
  checkChoice(mode, 'mode', METRIX_MODES);
  checkShapes(['labels', labels, 'B']);
  checkWhole(labels);
  return mixedTuples(labels, mode);
}
