/** Metrics of an order: how well scores put the positive samples before the negative ones. */

import { expected } from '../tensor/expected';
import { cat, trapezoid } from '../tensor/generated/root';
import { Tensor } from '../tensor/tensor';
import { Metric } from './metric';

/** Counts at each threshold from the highest score down, float64. */
export interface Thresholds {
  /** Positives among what is said to be positive. */
  readonly found: Tensor;
  /** How many are said to be positive. */
  readonly said: Tensor;
  /** The thresholds, in the scores' dtype. */
  readonly values: Tensor;
}

/** The counts at every value that scores [N] have; which are positive, [N], as a mask. */
export function thresholds(scores: Tensor, positive: Tensor): Thresholds {
  const order = scores.argsort({ descending: true, stable: true });
  const sorted = scores.indexSelect(0, order);
  // Only the last of equal scores is a threshold.
  const last = cat([sorted.diff().ne(0), sorted.newOnes([1], { dtype: 'bool' })]);
  const found = positive.indexSelect(0, order).to('float64').cumsum(0).maskedSelect(last);
  const said = last.nonzero().squeeze(1).add(1).to('float64');
  return { found, said, values: sorted.maskedSelect(last) };
}

/** The area under the receiver operating characteristic, a scalar; NaN when all are of one kind. */
export function areaUnderRoc({ found, said }: Thresholds): Tensor {
  const wrong = said.sub(found);
  const start = found.newZeros([1]);
  const area = trapezoid(cat([start, found]), cat([start, wrong]));
  return area.div(found.select(0, -1).mul(wrong.select(0, -1)));
}

/** The base: scores and answers of all batches, since the order is known at the end only. */
abstract class Ranking extends Metric<[score: Tensor, target: Tensor], number> {
  readonly #scores: Tensor[] = [];
  readonly #targets: Tensor[] = [];

  protected override accumulate(score: Tensor, target: Tensor): void {
    if (!(score instanceof Tensor) || !score.isFloatingPoint())
      throw expected('scores of a floating-point dtype', this.constructor.name, score);
    if (!(target instanceof Tensor) || score.shape.join() !== target.shape.join())
      throw expected(`a target of the scores' shape [${score.shape.join(', ')}]`, this.constructor.name, target);
    this.#scores.push(score.detach().flatten().clone().keep());
    this.#targets.push(target.flatten().gt(0.5).keep());
  }

  protected override evaluate(): number {
    const scores = cat(this.#scores);
    if (scores.isnan().any().item())
      throw new RangeError(`Expected scores that are numbers for ${this.constructor.name} but received NaN among them`);
    return Number(this.ofThresholds(thresholds(scores, cat(this.#targets))).item());
  }

  /** The value of the counts at all thresholds, a scalar. */
  protected abstract ofThresholds(counts: Thresholds): Tensor;

  protected override clear(): void {
    for (const tensor of [...this.#scores.splice(0), ...this.#targets.splice(0)]) tensor.dispose();
  }
}

/**
 * The area under the receiver operating characteristic: the probability that a positive sample has a higher score than a
 * negative one, ties counted half. Exact; keeps all scores. NaN without positives or without negatives.
 *
 * Shapes: scores (any monotone ones: probabilities or logits) and target alike; a target above 0.5, or true, is positive.
 *
 * @throws for shapes that differ; in `compute` for NaN among the scores
 */
export class AUROC extends Ranking {
  protected override ofThresholds(counts: Thresholds): Tensor {
    return areaUnderRoc(counts);
  }
}

/**
 * Average precision: `sum_n (R_n - R_(n-1)) P_n` over the thresholds, without interpolation. Exact; keeps all scores. NaN
 * without positives. Shapes as for `AUROC`.
 */
export class AveragePrecision extends Ranking {
  protected override ofThresholds({ found, said }: Thresholds): Tensor {
    const steps = cat([found.newZeros([1]), found]).diff();
    return steps.mul(found.div(said)).sum().div(found.select(0, -1));
  }
}
