/** Features with a class number for each sample, refused at the door when nothing can be fitted to them. */

import { expected } from '../tensor/expected';
import { checkLabels } from '../tensor/labels';
import { checkCount } from '../tensor/numbers';
import { scope } from '../tensor/scope';
import { checkNotEmpty, checkShapes } from '../tensor/shapes';
import type { Tensor } from '../tensor/tensor';

/**
 * Refuses what is no [N, d] of numbers, with N and d from 1, and as many labels. Returns the number of classes: the one given, or the largest
 * label plus one.
 */
export function checkLabelled(features: Tensor, labels: Tensor, numClasses: number | null): number {
  if (numClasses !== null) checkCount(numClasses, 'numClasses', 1);
  checkShapes(['features', features, 'N', 'd'], ['labels', labels, 'N']);
  checkNotEmpty(features, 'features');
  if (!features.isFloatingPoint()) throw expected('floating-point numbers', 'features', features);
  checkLabels(labels, numClasses ?? Number.MAX_SAFE_INTEGER);
  return numClasses ?? scope(() => Number(labels.max().item())) + 1;
}

/** Refuses features that are NaN or infinite where a `sum` that all of them go into is: few are looked at again. */
export function checkFiniteFeatures(features: Tensor, sum: Tensor): void {
  if (Number.isFinite(Number(sum.item())) || features.isfinite().all().item()) return;
  throw expected('finite numbers', 'features', features);
}
