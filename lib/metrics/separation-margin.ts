import { checkSigned, signedMargins } from '../methods/signed-margins';
import { scopedNoGrad } from '../tensor/scope';
import type { Tensor } from '../tensor/tensor';

/**
 * How far the closest sample is on its side of the plane of theta: `min over i of y_i a_i . theta / |theta|`; not above 0 when some are not
 * on their side, NaN for theta = 0.
 *
 * Shapes: theta [d], features [n, d], labels -1 or +1, int64 [n]; a scalar.
 *
 * @throws for no samples, shapes that disagree, labels other than -1 and +1
 */
export function separationMargin(theta: Tensor, features: Tensor, labels: Tensor): Tensor {
  checkSigned(theta, features, labels);
  return scopedNoGrad(() => signedMargins(theta, features, labels).min().div(theta.norm()));
}
