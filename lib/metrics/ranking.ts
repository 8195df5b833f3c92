/** Metrics of an order: how well scores put the positive samples before the negative ones. */

import { expected } from '../tensor/expected';
import { cat, trapezoid } from '../tensor/generated/root';
import { Tensor } from '../tensor/tensor';
import { Metric } from './metric';

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
    const order = scores.argsort({ descending: true, stable: true });
    const sorted = scores.indexSelect(0, order);
    const positive = cat(this.#targets).indexSelect(0, order).to('float64');
    // Only the last of equal scores is a threshold.
    const last = cat([sorted.diff().ne(0), sorted.newOnes([1], { dtype: 'bool' })]);
    const found = positive.cumsum(0).maskedSelect(last);
    const said = last.nonzero().squeeze(1).add(1).to('float64');
    return this.ofCurve(found, said);
  }

  /**
   * @param found positives among what is said to be positive, at each threshold from the highest score down
   * @param said how many are said to be positive
   */
  protected abstract ofCurve(found: Tensor, said: Tensor): number;

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
  protected override ofCurve(found: Tensor, said: Tensor): number {
    const wrong = said.sub(found);
    const start = found.newZeros([1]);
    const area = trapezoid(cat([start, found]), cat([start, wrong]));
    return Number(area.div(found.select(0, -1).mul(wrong.select(0, -1))).item());
  }
}

/**
 * Average precision: `sum_n (R_n - R_(n-1)) P_n` over the thresholds, without interpolation. Exact; keeps all scores. NaN
 * without positives. Shapes as for `AUROC`.
 */
export class AveragePrecision extends Ranking {
  protected override ofCurve(found: Tensor, said: Tensor): number {
    const steps = cat([found.newZeros([1]), found]).diff();
    return Number(steps.mul(found.div(said)).sum().div(found.select(0, -1)).item());
  }
}
