import { noGrad } from '../../autograd/modes';
import { checkedOptions, checkedTensor } from '../../tensor/checked';
import { expected } from '../../tensor/expected';
import * as root from '../../tensor/generated/root';
import type { Tensor } from '../../tensor/tensor';
import type { EmbeddingOptions } from './layers';

export type EmbeddingBagMode = 'sum' | 'mean' | 'max';

const MODES: Readonly<Record<EmbeddingBagMode, number>> = { sum: 0, mean: 1, max: 2 };

export interface EmbeddingBagOptions extends EmbeddingOptions {
  /** Where each bag starts in an input of one dimension, [B]; the input's rows are the bags otherwise. */
  offsets?: Tensor | null;
  /** How the vectors of a bag are joined. Default `'mean'`. */
  mode?: EmbeddingBagMode;
  /** A factor for each position, of the input's shape, for mode `'sum'`. Default: none. */
  perSampleWeights?: Tensor | null;
  /** The last offset is the end of the last bag and starts none. Default false. */
  includeLastOffset?: boolean;
}

/**
 * The sum, mean or maximum over bags of rows of `weight` [V, D], without making the rows: [B, D]. An empty bag gives zeros.
 *
 * Shapes: input int64 [B, N], or [N] with offsets [B].
 *
 * @throws for an input or offsets that do not fit each other, and for options that the mode does not have
 */
export function embeddingBag(input: Tensor, weight: Tensor, options?: EmbeddingBagOptions): Tensor {
  checkedTensor(input, 'input');
  checkedTensor(weight, 'weight');
  const {
    mode = 'mean',
    maxNorm = null,
    normType = 2,
    scaleGradByFreq = false,
    sparse = false,
    paddingIdx = null,
    perSampleWeights = null,
    includeLastOffset = false,
    offsets = null,
  } = checkedOptions(options, 'embeddingBag');
  const code = Object.hasOwn(MODES, mode) ? MODES[mode] : undefined;
  if (code === undefined) throw expected("'sum', 'mean' or 'max'", 'mode', mode);
  if (weight.dim() !== 2) throw expected('a tensor of two dimensions', 'weight of embeddingBag', weight);
  if (mode === 'max' && scaleGradByFreq) throw expected('false, for the maximum has no frequency,', 'scaleGradByFreq', true);
  if (mode === 'max' && sparse) throw expected("false for mode 'max'", 'sparse', true);
  if (perSampleWeights !== null && mode !== 'sum') throw expected("mode 'sum', for perSampleWeights,", 'mode', mode);
  if (perSampleWeights !== null && perSampleWeights.shape.join() !== input.shape.join())
    throw expected(`weights of the input's shape [${input.shape.join(', ')}]`, 'perSampleWeights', perSampleWeights);
  const bags = bagsOf(input, offsets);
  if (maxNorm !== null) noGrad(() => root.embeddingRenorm_(weight.detach(), input.contiguous(), maxNorm, normType));
  const [result] = root.embeddingBag(
    weight,
    bags.positions,
    bags.offsets,
    scaleGradByFreq,
    code,
    sparse,
    perSampleWeights?.reshape(-1) ?? null,
    includeLastOffset && input.dim() === 1,
    paddingIdx,
  );
  return result;
}

function bagsOf(input: Tensor, offsets: Tensor | null): { positions: Tensor; offsets: Tensor } {
  if (input.dim() === 2) {
    if (offsets !== null) throw expected('nothing, for the rows are the bags,', 'offsets', offsets);
    const { dtype, device } = input;
    const starts = root.arange(0, input.numel(), input.size(1), { dtype, device });
    return { positions: input.reshape(-1), offsets: starts };
  }
  if (input.dim() !== 1) throw expected('a tensor of one or two dimensions', 'embeddingBag', input);
  if (offsets === null || offsets.dim() !== 1) throw expected('a tensor of one dimension', 'offsets', offsets);
  return { positions: input, offsets };
}
