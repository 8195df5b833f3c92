import { expected } from '../tensor/expected';
import { stack } from '../tensor/generated/root';
import { Tensor } from '../tensor/tensor';
import { Metric, Sum } from './metric';

/** Predictions and targets of one shape, in float64. */
function pairs(prediction: Tensor, target: Tensor, where: string): [Tensor, Tensor] {
  if (!(prediction instanceof Tensor)) throw expected('a tensor of predictions', where, prediction);
  if (!(target instanceof Tensor) || prediction.shape.join() !== target.shape.join())
    throw expected(`a target of the predictions' shape [${prediction.shape.join(', ')}]`, where, target);
  return [prediction.to('float64'), target.to('float64')];
}

/** The base of means over all elements. */
abstract class ElementMean extends Metric<[prediction: Tensor, target: Tensor], number> {
  readonly #sum = new Sum();
  #count = 0;

  protected abstract term(difference: Tensor): Tensor;

  protected override accumulate(prediction: Tensor, target: Tensor): void {
    const [x, y] = pairs(prediction, target, this.constructor.name);
    this.#sum.add(this.term(x.sub(y)).sum());
    this.#count += x.numel();
  }

  protected override evaluate(): number {
    return Number(this.#sum.total.item()) / this.#count;
  }

  protected override clear(): void {
    this.#sum.clear();
    this.#count = 0;
  }
}

/** `mean (x - y)^2` over all elements. Shapes alike. */
export class MeanSquaredError extends ElementMean {
  protected override term(difference: Tensor): Tensor {
    return difference.square();
  }
}

/** `mean |x - y|` over all elements. Shapes alike. */
export class MeanAbsoluteError extends ElementMean {
  protected override term(difference: Tensor): Tensor {
    return difference.abs();
  }
}

/**
 * The coefficient of determination, `1 - sum (x - y)^2 / sum (y - mean y)^2`, over all elements: 1 is exact, 0 no better than
 * the mean. NaN when all targets are equal.
 *
 * The spread of the targets is merged batch by batch (Chan, Golub and LeVeque, 1983): sums of squares would cancel.
 */
export class R2Score extends Metric<[prediction: Tensor, target: Tensor], number> {
  readonly #residual = new Sum();
  /** The targets' mean and sum of squared deviations, [2]. */
  #moments: Tensor | null = null;
  #count = 0;

  protected override accumulate(prediction: Tensor, target: Tensor): void {
    const [x, y] = pairs(prediction, target, 'R2Score');
    const added = y.numel();
    if (added === 0) return;
    this.#residual.add(x.sub(y).square().sum());
    const mean = y.mean();
    const spread = y.sub(mean).square().sum();
    const before = this.#moments;
    if (before === null) this.#moments = stack([mean, spread]).keep();
    else {
      const total = this.#count + added;
      const step = mean.sub(before.select(0, 0));
      const merged = stack([
        before.select(0, 0).add(step.mul(added / total)),
        before
          .select(0, 1)
          .add(spread)
          .add(step.square().mul((this.#count * added) / total)),
      ]);
      before.copy_(merged);
    }
    this.#count += added;
  }

  protected override evaluate(): number {
    if (this.#moments === null) return Number.NaN;
    const spread = Number(this.#moments.select(0, 1).item());
    return spread === 0 ? Number.NaN : 1 - Number(this.#residual.total.item()) / spread;
  }

  protected override clear(): void {
    this.#residual.clear();
    this.#moments?.dispose();
    this.#moments = null;
    this.#count = 0;
  }
}
