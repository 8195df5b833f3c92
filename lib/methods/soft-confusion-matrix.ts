import { checkedOptions } from '../tensor/checked';
import { expected } from '../tensor/expected';
import { checkBinary } from '../tensor/labels';
import { checkPositive } from '../tensor/numbers';
import { checkNotEmpty } from '../tensor/shapes';
import type { Tensor } from '../tensor/tensor';

export interface AmplifierOptions {
  /** Steepness at the threshold, above 0. Default 73, the authors' best of five. */
  amplification?: number;
  /** Where a probability turns into a yes. Default 0.5. */
  threshold?: number;
}

/**
 * A steep sigmoid that turns probabilities into near-labels, differentiably: `1 / (1 + exp(-L (p - t)))`.
 *
 * Shapes: any, elementwise. Defaults: amplification L 73, threshold t 0.5.
 *
 * @throws for an amplification that is not above 0
 *
 * Han, Moniz, Chawla: AnyLoss: Transforming Classification Metrics into Loss Functions. KDD 2024, arXiv 2405.14745
 */
export function anyLossAmplifier(probabilities: Tensor, options?: AmplifierOptions): Tensor {
  const given = checkedOptions(options, 'anyLossAmplifier');
  checkNotEmpty(probabilities, 'probabilities');
  return steepness(probabilities, given).sigmoid();
}

export interface SoftConfusionMatrixOptions extends AmplifierOptions {
  /** Whether the probabilities are logits still. Default false. */
  fromLogits?: boolean;
}

/** Counts of samples that are no whole numbers. */
export interface SoftConfusionMatrix {
  readonly tp: Tensor;
  readonly fn: Tensor;
  readonly fp: Tensor;
  readonly tn: Tensor;
}

/**
 * The confusion matrix of near-labels `A(p)`: `tp = sum y A`, `fn = sum y (1 - A)`, `fp = sum (1 - y) A`, `tn = sum (1 - y)(1 - A)`,
 * with `1 - A` as a sigmoid of its own, which keeps its digits.
 *
 * Shapes: probabilities [N], labels 0 or 1, int64 [N]; four scalars. Defaults: amplification 73, threshold 0.5. Probabilities outside [0, 1]
 * are not refused.
 *
 * @throws for no samples, lengths that differ, labels other than 0 and 1, an amplification that is not above 0
 *
 * Han, Moniz, Chawla, KDD 2024, arXiv 2405.14745
 */
export function softConfusionMatrix(probabilities: Tensor, labels: Tensor, options?: SoftConfusionMatrixOptions): SoftConfusionMatrix {
  const { fromLogits = false, ...amplifier } = checkedOptions(options, 'softConfusionMatrix');
  checkBinary(probabilities, labels);
  const z = steepness(fromLogits ? probabilities.sigmoid() : probabilities, amplifier);
  const [yes, no] = [z.sigmoid(), z.neg().sigmoid()];
  const positive = labels.to(yes.dtype);
  const negative = positive.neg().add(1);
  return { tp: positive.dot(yes), fn: positive.dot(no), fp: negative.dot(yes), tn: negative.dot(no) };
}

function steepness(probabilities: Tensor, { amplification = 73, threshold = 0.5 }: AmplifierOptions): Tensor {
  checkPositive(amplification, 'amplification');
  if (typeof threshold !== 'number') throw expected('a number', 'threshold', threshold);
  return probabilities.sub(threshold).mul(amplification);
}
