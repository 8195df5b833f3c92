import { type SoftConfusionMatrix, type SoftConfusionMatrixOptions, softConfusionMatrix } from '../methods/soft-confusion-matrix';
import { checkedOptions } from '../tensor/checked';
import { expected } from '../tensor/expected';
import { checkPositive } from '../tensor/numbers';
import { Tensor } from '../tensor/tensor';

export type AnyLossOptions = SoftConfusionMatrixOptions;

/**
 * Any score of a confusion matrix as a loss: `1 - score` of the soft confusion matrix of the batch.
 *
 * ```ts
 * losses.anyLoss(probabilities, labels, ({ tp, fn }) => tp.div(tp.add(fn))); // recall
 * ```
 *
 * Shapes: probabilities [N], labels 0 or 1, int64 [N]; what `score` gives. A score is of the batch as a whole: batches should be large
 * enough to hold both classes.
 *
 * @throws as `methods.softConfusionMatrix`, and for a score that is no function or gives no tensor
 *
 * Han, Moniz, Chawla: AnyLoss: Transforming Classification Metrics into Loss Functions. KDD 2024, arXiv 2405.14745
 */
export function anyLoss(
  probabilities: Tensor,
  labels: Tensor,
  score: (matrix: SoftConfusionMatrix) => Tensor,
  options?: AnyLossOptions,
): Tensor {
  const given = checkedOptions(options, 'anyLoss');
  if (typeof score !== 'function') throw expected('a function of a confusion matrix', 'score', score);
  const value = score(softConfusionMatrix(probabilities, labels, given));
  if (!(value instanceof Tensor)) throw expected('a tensor', 'the result of score', value);
  return value.neg().add(1);
}

/**
 * Accuracy as a loss: `(FN + FP) / N`. On imbalanced data it ignores the minority, as accuracy does.
 *
 * Shapes: probabilities [N], labels 0 or 1, int64 [N]; a scalar. Defaults: amplification 73, threshold 0.5.
 *
 * @throws as `methods.softConfusionMatrix`
 *
 * Han, Moniz, Chawla, KDD 2024, arXiv 2405.14745
 */
export function anyLossAccuracy(probabilities: Tensor, labels: Tensor, options?: AnyLossOptions): Tensor {
  const { fn, fp } = softConfusionMatrix(probabilities, labels, checkedOptions(options, 'anyLossAccuracy'));
  return fn.add(fp).div(probabilities.numel());
}

export interface AnyLossFBetaOptions extends AnyLossOptions {
  /** How much more recall counts than precision, above 0. Default 1. */
  beta?: number;
}

/**
 * The F-beta score as a loss: `(b^2 FN + FP) / ((1 + b^2) TP + b^2 FN + FP)`. Without positive samples it is 1, with gradient 0.
 *
 * Shapes: probabilities [N], labels 0 or 1, int64 [N]; a scalar. Defaults: beta 1, amplification 73, threshold 0.5.
 *
 * @throws as `methods.softConfusionMatrix`, and for a beta that is not above 0
 *
 * Han, Moniz, Chawla, KDD 2024, arXiv 2405.14745
 */
export function anyLossFBeta(probabilities: Tensor, labels: Tensor, options?: AnyLossFBetaOptions): Tensor {
  const { beta = 1, ...rest } = checkedOptions(options, 'anyLossFBeta');
  checkPositive(beta, 'beta');
  const { tp, fn, fp } = softConfusionMatrix(probabilities, labels, rest);
  const wrong = fp.add(fn, { alpha: beta ** 2 });
  return wrong.div(wrong.add(tp, { alpha: 1 + beta ** 2 }));
}

/**
 * The geometric mean of the two classes' recalls as a loss: `1 - sqrt(TP/P TN/Q)`; of one class alone its recall.
 *
 * Shapes: probabilities [N], labels 0 or 1, int64 [N]; a scalar. Defaults: amplification 73, threshold 0.5.
 *
 * @throws as `methods.softConfusionMatrix`
 *
 * Han, Moniz, Chawla, KDD 2024, arXiv 2405.14745
 */
export function anyLossGMean(probabilities: Tensor, labels: Tensor, options?: AnyLossOptions): Tensor {
  const { ofPositive, ofNegative, both } = recalls(probabilities, labels, checkedOptions(options, 'anyLossGMean'));
  // Where a class is absent the root is of 1, so that its slope there stays finite.
  const product = ofPositive.mul(ofNegative).where(both, ofPositive.newOnes([])).clampMin(SMALLEST);
  return product.sqrt().where(both, ofPositive.add(ofNegative)).neg().add(1);
}

/**
 * Balanced accuracy, the mean of the two classes' recalls, as a loss: `1 - (TP/P + TN/Q) / 2`; of one class alone its recall.
 *
 * Shapes: probabilities [N], labels 0 or 1, int64 [N]; a scalar. Defaults: amplification 73, threshold 0.5.
 *
 * @throws as `methods.softConfusionMatrix`
 *
 * Han, Moniz, Chawla, KDD 2024, arXiv 2405.14745
 */
export function anyLossBalancedAccuracy(probabilities: Tensor, labels: Tensor, options?: AnyLossOptions): Tensor {
  const { ofPositive, ofNegative, both } = recalls(probabilities, labels, checkedOptions(options, 'anyLossBalancedAccuracy'));
  const sum = ofPositive.add(ofNegative);
  return sum.div(both.to(sum.dtype).add(1)).neg().add(1);
}

/** The smallest normal number of single precision: a root of less has no slope to speak of. */
const SMALLEST = 2 ** -126;

/** Soft recalls of both classes, 0 for one that is absent; nothing is read from the device. */
function recalls(probabilities: Tensor, labels: Tensor, options: AnyLossOptions): { ofPositive: Tensor; ofNegative: Tensor; both: Tensor } {
  const { tp, tn } = softConfusionMatrix(probabilities, labels, options);
  const positives = labels.sum();
  const negatives = positives.neg().add(labels.numel());
  return {
    ofPositive: tp.div(positives.clampMin(1)),
    ofNegative: tn.div(negatives.clampMin(1)),
    both: positives.gt(0).logicalAnd(negatives.gt(0)),
  };
}
