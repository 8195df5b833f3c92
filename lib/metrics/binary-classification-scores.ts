import { checkedOptions } from '../tensor/checked';
import { expected } from '../tensor/expected';
import { stack } from '../tensor/generated/root';
import { checkBinary } from '../tensor/labels';
import { checkPositive } from '../tensor/numbers';
import { scope } from '../tensor/scope';
import type { Tensor } from '../tensor/tensor';

export interface BinaryClassificationScoresOptions {
  /** Probabilities above it say yes; one that equals it says no. Default 0.5. */
  threshold?: number;
  /** How much more recall counts than precision in `fBeta`, above 0. Default 1. */
  beta?: number;
}

export interface BinaryClassificationScores {
  readonly tp: number;
  readonly fp: number;
  readonly fn: number;
  readonly tn: number;
  readonly accuracy: number;
  readonly precision: number;
  /** Share of the positive samples that were found. */
  readonly recall: number;
  /** Share of the negative samples that were found. */
  readonly specificity: number;
  readonly fBeta: number;
  /** Geometric mean of recall and specificity; of one class alone its own. */
  readonly gMean: number;
  /** Mean of recall and specificity; of one class alone its own. */
  readonly balancedAccuracy: number;
}

/**
 * Counts and scores of yes-or-no answers. A share of nothing is 0.
 *
 * Shapes: probabilities [N], labels 0 or 1, int64 [N]; plain numbers.
 *
 * @throws for no samples, lengths that differ, labels other than 0 and 1, a beta that is not above 0
 */
export function binaryClassificationScores(
  probabilities: Tensor,
  labels: Tensor,
  options?: BinaryClassificationScoresOptions,
): BinaryClassificationScores {
  const { threshold = 0.5, beta = 1 } = checkedOptions(options, 'binaryClassificationScores');
  if (typeof threshold !== 'number') throw expected('a number', 'threshold', threshold);
  checkPositive(beta, 'beta');
  checkBinary(probabilities, labels);
  const [tp, predicted, positives] = scope(() => {
    const [yes, positive] = [probabilities.detach().gt(threshold), labels.eq(1)];
    return stack([yes.logicalAnd(positive).sum(), yes.sum(), positive.sum()]).toArray() as [number, number, number];
  });
  const count = labels.numel();
  const [fp, fn, negatives] = [predicted - tp, positives - tp, count - positives];
  const tn = negatives - fp;
  const [recall, specificity] = [share(tp, positives), share(tn, negatives)];
  const both = positives > 0 && negatives > 0;
  return {
    tp,
    fp,
    fn,
    tn,
    accuracy: share(tp + tn, count),
    precision: share(tp, predicted),
    recall,
    specificity,
    fBeta: share((1 + beta ** 2) * tp, (1 + beta ** 2) * tp + beta ** 2 * fn + fp),
    gMean: both ? Math.sqrt(recall * specificity) : recall + specificity,
    balancedAccuracy: both ? (recall + specificity) / 2 : recall + specificity,
  };
}

function share(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole;
}
