/** What linear classification with labels -1 and +1 shares. */

import { expected } from '../tensor/expected';
import { checkLabels } from '../tensor/labels';
import { checkNotEmpty, checkShapes } from '../tensor/shapes';
import type { Tensor } from '../tensor/tensor';

/** Refuses what is no theta [d], features [n, d] of one or more samples, and labels [n] of -1 and +1. */
export function checkSigned(theta: Tensor, features: Tensor, labels: Tensor): void {
  checkShapes(['features', features, 'n', 'd'], ['theta', theta, 'd'], ['labels', labels, 'n']);
  checkNotEmpty(features, 'features');
  checkLabels(labels, 2, 'labels', -1);
  if (labels.device === 'cpu' && labels.eq(0).any().item()) throw expected('labels of -1 and +1', 'labels', labels);
}

/** `y_i a_i`, [n, d]: the margin of theta is a product with it. */
export function signedFeatures(features: Tensor, labels: Tensor): Tensor {
  return features.mul(labels.to(features.dtype).unsqueeze(1));
}

/** `y_i a_i . theta`, [n]; above 0 where the sample is on its side. */
export function signedMargins(theta: Tensor, features: Tensor, labels: Tensor): Tensor {
  return features.mv(theta).mul(labels.to(features.dtype));
}
