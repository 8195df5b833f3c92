import type { Tensor } from '../../tensor/tensor';
import type { Int } from '../../tensor/types';
import { type CtcOptions, ctcLoss } from '../functional/loss-ctc';
import { Loss } from './loss';

/**
 * Connectionist temporal classification: the negative log-likelihood of a sequence of symbols, summed over all its alignments to
 * the inputs (Graves et al., 2006). Defaults: blank 0, infinities stay.
 *
 * Shapes: logProbs [T, N, C] or [T, C]; targets int64 [N, S] or [sum of the lengths]; lengths [N]. The mean is over the batch, of
 * each loss divided by its target's length.
 *
 * @throws for another reduction
 */
export class CTCLoss extends Loss {
  readonly blank: number;
  readonly zeroInfinity: boolean;

  constructor(options: CtcOptions = {}) {
    super(options);
    const { blank = 0, zeroInfinity = false } = options;
    this.blank = blank;
    this.zeroInfinity = zeroInfinity;
  }

  override forward(
    logProbs: Tensor,
    targets: Tensor,
    inputLengths: Tensor | readonly Int[],
    targetLengths: Tensor | readonly Int[],
  ): Tensor {
    return ctcLoss(logProbs, targets, inputLengths, targetLengths, this);
  }
}
