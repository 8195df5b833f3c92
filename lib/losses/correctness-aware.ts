import { mseLoss } from '../nn/functional';
import { type ReductionOptions, reduced } from '../nn/functional/reduction';
import { checkTemperatures, tempered } from '../nn/temperature';
import { checkedOptions } from '../tensor/checked';
import { checkChoice } from '../tensor/numbers';
import type { Tensor } from '../tensor/tensor';
import { checkClassification } from './classification';

const WEIGHTINGS = ['none', 'balanced'] as const;

export interface CorrectnessAwareOptions extends ReductionOptions {
  /**
   * `'balanced'`, the authors' released code: right and wrong predictions have half of the weight each, however many there are of them.
   * Default `'none'`: every sample counts alike.
   */
  weighting?: (typeof WEIGHTINGS)[number];
}

/**
 * The correctness-aware loss of temperatures: the squared distance of the confidence after scaling from whether the prediction is right,
 * `w_i (max softmax(h_i / T_i) - c_i)^2` with `c_i = 1` where `argmax h_i` is the label and else 0.
 *
 * It lowers the confidence of wrong predictions wherever the temperatures' source can tell them, which cross-entropy does not when the label
 * is a close second. Balanced, `w_i` is the share of the other kind, `1 - acc` for right and `acc` for wrong predictions, over the mean of
 * all: `1 / (2 acc)` and `1 / (2 (1 - acc))`; and 1 where all are of one kind. Of equal logits the first counts. Gradients flow to logits and
 * temperatures; `c` and `w` are constants.
 *
 * Shapes: logits [B, C], temperatures [B], labels int64 [B]; a scalar, or [B] without reduction.
 *
 * @throws for an empty batch, labels outside [0, C), shapes that disagree, temperatures that are not above 0 (looked at on the CPU)
 *
 * Liu, Wang, Zou, Zou, Zheng: Optimizing Calibration by Gaining Aware of Prediction Correctness. 2024, arXiv 2404.13016; the squared distance
 * and the weights are those of their code
 */
export function correctnessAwareLoss(logits: Tensor, temperatures: Tensor, labels: Tensor, options?: CorrectnessAwareOptions): Tensor {
  const { weighting = 'none', reduction = 'mean' } = checkedOptions(options, 'correctnessAwareLoss');
  checkChoice(weighting, 'weighting', WEIGHTINGS);
  checkClassification(logits, labels);
  checkTemperatures(logits, temperatures);
  const predicted = logits.argmax(1, true);
  const confidence = tempered(logits, temperatures).softmax(1).gather(1, predicted).squeeze(1);
  const correct = predicted.squeeze(1).eq(labels).to(confidence.dtype);
  if (weighting === 'none') return mseLoss(confidence, correct, { reduction });
  return reduced(mseLoss(confidence, correct, { reduction: 'none' }).mul(balancingWeights(correct)), reduction);
}

/** Half of the weight to the ones and half to the zeros, 1 on average; 1 each where all are alike. */
function balancingWeights(correct: Tensor): Tensor {
  const ofOtherKind = correct.sub(correct.mean()).abs();
  const ofOwnKind = ofOtherKind.neg().add(1);
  return ofOwnKind.eq(1).add(1).div(ofOwnKind.mul(2));
}
