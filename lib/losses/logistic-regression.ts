import { checkSigned, signedMargins } from '../methods/signed-margins';
import { softplus } from '../nn/functional';
import { type ReductionOptions, reduced } from '../nn/functional/reduction';
import { checkedOptions } from '../tensor/checked';
import type { Tensor } from '../tensor/tensor';

/**
 * The loss of logistic regression without a bias: `log(1 + exp(-y_i a_i . theta))`, which does not overflow.
 *
 * Shapes: theta [d], features a [n, d], labels y -1 or +1, int64 [n]; a scalar, or [n] without reduction. Gradients flow to theta and the
 * features. For a bias add a feature of ones.
 *
 * @throws for no samples, shapes that disagree, labels other than -1 and +1
 *
 * Tyurin: From Logistic Regression to the Perceptron Algorithm: Exploring Gradient Descent with Large Step Sizes. AAAI 2025, arXiv 2412.08424
 */
export function logisticRegressionLoss(theta: Tensor, features: Tensor, labels: Tensor, options?: ReductionOptions): Tensor {
  const { reduction = 'mean' } = checkedOptions(options, 'logisticRegressionLoss');
  checkSigned(theta, features, labels);
  return reduced(softplus(signedMargins(theta, features, labels).neg(), { threshold: 50 }), reduction);
}
