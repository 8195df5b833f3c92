import { checkedOptions } from '../../tensor/checked';
import { checkPositive } from '../../tensor/numbers';
import { checkShapes } from '../../tensor/shapes';
import type { Tensor } from '../../tensor/tensor';

export interface UnitNormConstraintOptions {
  /** Added to the lengths, above 0: a row of zeros stays one. Default 1e-7, of the authors. */
  eps?: number;
}

/**
 * Rows of length 1, up to `eps`: `w / (eps + |w|)` of each.
 *
 * Shapes: weights [C, D]; [C, D]. Differentiable. To keep to the constraint while training, copy the result into the weights without gradient after
 * each step of the optimizer, as `nn.ConstrainedSoftmaxHead` does.
 *
 * @throws for another shape, an `eps` that is not above 0
 *
 * Pereira, Joly, Valduriez, Porto: Hyperspherical embedding for novel class classification. 2021, arXiv 2102.03243
 */
export function unitNormConstraint(weights: Tensor, options?: UnitNormConstraintOptions): Tensor {
  const { eps = EPS } = checkedOptions(options, 'unitNormConstraint');
  checkPositive(eps, 'eps');
  checkShapes(['weights', weights, 'C', 'D']);
  return weights.div(divisors(weights, eps));
}

const EPS = 1e-7;

/** What rows are divided by to have length 1, [C, 1]. */
export function divisors(weights: Tensor, eps = EPS): Tensor {
  return weights.norm(2, [1], true).add(eps);
}
