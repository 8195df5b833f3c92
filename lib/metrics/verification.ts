/** Metrics of verification: whether two are the same, by a score that is higher the more alike they are. */

import { noGrad } from '../autograd/modes';
import { checkedOptions } from '../tensor/checked';
import { tensor } from '../tensor/creation';
import { expected } from '../tensor/expected';
import { cat, searchsorted } from '../tensor/generated/root';
import { checkBinary } from '../tensor/labels';
import { checkClosedShare } from '../tensor/numbers';
import { scope, scopedNoGrad } from '../tensor/scope';
import type { Tensor } from '../tensor/tensor';
import { areaUnderRoc, type Thresholds, thresholds } from './ranking';

/** The receiver operating characteristic: all its points, from (0, 0) to (1, 1). */
export interface RocCurve {
  /** Share of the negatives that are taken for positive, float64 [T]. */
  readonly fpr: Tensor;
  /** Share of the positives that are found, float64 [T]. */
  readonly tpr: Tensor;
  /** Infinity, then the scores there are from the highest down, [T]: what is not below counts as positive. */
  readonly thresholds: Tensor;
}

/**
 * The receiver operating characteristic. No point is left out, also none on a line between others.
 *
 * Shapes: scores [M], labels 0 or 1, int64 [M]; [T] each.
 *
 * @throws for no scores, lengths that differ, labels other than 0 and 1, one class only, NaN among the scores
 */
export function rocCurve(scores: Tensor, labels: Tensor, options?: Record<never, never>): RocCurve {
  checkedOptions(options, 'rocCurve');
  checkVerification(scores, labels);
  return calculated(() => curveOf(scores, labels));
}

/**
 * The area under the receiver operating characteristic: the probability that a positive has a higher score than a negative, ties counted half.
 *
 * Shapes: scores [M], labels 0 or 1, int64 [M]; a scalar float64. Over many batches: the class `AUROC`.
 *
 * @throws as `rocCurve`
 */
export function rocAuc(scores: Tensor, labels: Tensor, options?: Record<never, never>): Tensor {
  checkedOptions(options, 'rocAuc');
  checkVerification(scores, labels);
  return scopedNoGrad(() => areaUnderRoc(countsOf(scores, labels)));
}

export interface TarAtFarOptions {
  /** Shares of false acceptances that are allowed, in [0, 1]. Default [0.001, 0.01, 0.1]. */
  fars?: readonly number[];
}

export interface TarAtFar {
  /** Share of the positives that are accepted, float64 [F]. */
  readonly tar: Tensor;
  /** From which score on, [F]. */
  readonly thresholds: Tensor;
}

/**
 * The share of true acceptances at given shares of false ones: that of the last point of the curve that has no more of them.
 *
 * Shapes: scores [M], labels 0 or 1, int64 [M].
 *
 * @throws as `rocCurve`, and for a share outside [0, 1], or none
 */
export function tarAtFar(scores: Tensor, labels: Tensor, options?: TarAtFarOptions): TarAtFar {
  const { fars = [1e-3, 1e-2, 1e-1] } = checkedOptions(options, 'tarAtFar');
  if (!Array.isArray(fars) || fars.length === 0) throw expected('an array of one or more shares', 'fars', fars);
  for (const far of fars as readonly number[]) checkClosedShare(far, 'fars');
  checkVerification(scores, labels);
  return calculated(() => {
    const curve = curveOf(scores, labels);
    const allowed = tensor([...fars], { dtype: 'float64', device: scores.device });
    const last = searchsorted(curve.fpr, allowed, { right: true }).sub(1);
    return { tar: curve.tpr.indexSelect(0, last), thresholds: curve.thresholds.indexSelect(0, last) };
  });
}

export interface EqualErrorRate {
  /** A scalar float64. */
  readonly eer: Tensor;
  /** The first threshold at which there are as many false acceptances, a scalar. */
  readonly threshold: Tensor;
}

/**
 * The rate of errors at which as large a share of the negatives is accepted as of the positives rejected, on the line between the two points of
 * the curve around it.
 *
 * Shapes: scores [M], labels 0 or 1, int64 [M].
 *
 * @throws as `rocCurve`
 */
export function equalErrorRate(scores: Tensor, labels: Tensor, options?: Record<never, never>): EqualErrorRate {
  checkedOptions(options, 'equalErrorRate');
  checkVerification(scores, labels);
  return calculated(() => {
    const { fpr, fnr, values } = ratesOf(countsOf(scores, labels));
    // Falls along the curve, from 1 to -1.
    const gap = fnr.sub(fpr);
    const after = gap.le(0).to('uint8').argmax(0, true);
    const [before, end] = [fpr.indexSelect(0, after.sub(1)), fpr.indexSelect(0, after)];
    const [above, below] = [gap.indexSelect(0, after.sub(1)), gap.indexSelect(0, after)];
    const eer = before.add(above.div(above.sub(below)).mul(end.sub(before)));
    return { eer: eer.squeeze(0), threshold: values.indexSelect(0, after).squeeze(0) };
  });
}

export interface VerificationAccuracy {
  /** A scalar float64. */
  readonly accuracy: Tensor;
  /** The highest of the best thresholds, a scalar. */
  readonly threshold: Tensor;
}

/**
 * The share of right decisions at the best of all thresholds.
 *
 * Shapes: scores [M], labels 0 or 1, int64 [M].
 *
 * @throws as `rocCurve`
 */
export function verificationAccuracy(scores: Tensor, labels: Tensor, options?: Record<never, never>): VerificationAccuracy {
  checkedOptions(options, 'verificationAccuracy');
  checkVerification(scores, labels);
  return calculated(() => {
    const { found, said, values } = fromNone(countsOf(scores, labels));
    // Right are those found, and the negatives that are not taken for positive.
    const right = found.mul(2).sub(said).add(said.select(0, -1)).sub(found.select(0, -1));
    const best = right.argmax(0, true);
    return { accuracy: right.indexSelect(0, best).squeeze(0).div(scores.size(0)), threshold: values.indexSelect(0, best).squeeze(0) };
  });
}

function checkVerification(scores: Tensor, labels: Tensor): void {
  checkBinary(scores, labels, 'scores');
  if (!scores.isFloatingPoint()) throw expected('a floating-point dtype', 'scores', scores);
  if (scores.isnan().any().item()) throw new RangeError('Expected scores that are numbers but received NaN among them');
  if (labels.min().item() === labels.max().item()) throw expected('both 0 and 1', 'labels', labels);
}

function countsOf(scores: Tensor, labels: Tensor): Thresholds {
  return thresholds(scores.detach(), labels.ne(0));
}

/** With the threshold of infinity, from which on there is nothing. */
function fromNone({ found, said, values }: Thresholds): Thresholds {
  const none = found.newZeros([1]);
  return {
    found: cat([none, found]),
    said: cat([none, said]),
    values: cat([values.newFull([1], Number.POSITIVE_INFINITY), values]),
  };
}

/** Shares, each of them one division of counts, so that equal ones compare as equal. */
function ratesOf(counts: Thresholds): { tpr: Tensor; fnr: Tensor; fpr: Tensor; values: Tensor } {
  const { found, said, values } = fromNone(counts);
  const positives = found.select(0, -1);
  const wrong = said.sub(found);
  return { tpr: found.div(positives), fnr: positives.sub(found).div(positives), fpr: wrong.div(wrong.select(0, -1)), values };
}

function curveOf(scores: Tensor, labels: Tensor): RocCurve {
  const { tpr, fpr, values } = ratesOf(countsOf(scores, labels));
  return { fpr, tpr, thresholds: values };
}

/** Without recording, and with nothing left of what is made on the way. */
export function calculated<R>(calculation: () => R): R {
  return noGrad(() => scope(calculation));
}
