import { checkedOptions } from '../../tensor/checked';
import * as root from '../../tensor/generated/root';
import { Tensor } from '../../tensor/tensor';
import type { Int } from '../../tensor/types';
import { type ReductionOptions, reductionCode } from './reduction';

export interface CtcOptions extends ReductionOptions {
  /** The class that stands for no symbol. Default 0. */
  blank?: number;
  /** Zero, with zero gradient, instead of infinity for a target that is too long for its input. Default false. */
  zeroInfinity?: boolean;
}

/**
 * Connectionist temporal classification: the negative log-likelihood of a sequence of symbols, summed over all its alignments to
 * the inputs (Graves et al., 2006).
 *
 * Shapes: logProbs [T, N, C], or [T, C] for one sequence; targets int64 [N, S], or all behind one another, [sum of the lengths];
 * inputLengths and targetLengths [N], as tensors or arrays. The mean is over the batch, of each loss divided by its target's
 * length.
 */
export function ctcLoss(
  logProbs: Tensor,
  targets: Tensor,
  inputLengths: Tensor | readonly Int[],
  targetLengths: Tensor | readonly Int[],
  options?: CtcOptions,
): Tensor {
  const { blank = 0, reduction = 'mean', zeroInfinity = false } = checkedOptions(options, 'ctcLoss');
  const code = reductionCode(reduction);
  if (inputLengths instanceof Tensor && targetLengths instanceof Tensor)
    return root.ctcLoss(logProbs, targets, inputLengths, targetLengths, blank, code, zeroInfinity);
  return root.ctcLoss(logProbs, targets, list(inputLengths), list(targetLengths), blank, code, zeroInfinity);
}

function list(lengths: Tensor | readonly Int[]): readonly Int[] {
  return lengths instanceof Tensor ? (lengths.reshape(-1).toArray() as Int[]) : lengths;
}
