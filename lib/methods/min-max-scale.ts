import { checkedOptions } from '../tensor/checked';
import { expected } from '../tensor/expected';
import { checkNotEmpty, checkShapes } from '../tensor/shapes';
import type { Tensor } from '../tensor/tensor';

/**
 * Features scaled by the smallest and largest values of a reference, column by column: `(x - min) / (max - min)`; a constant column is only
 * shifted. What lies outside the reference's range leaves [0, 1]. Differentiable in both.
 *
 * Shapes: reference [M, d], features [N, d]; [N, d].
 *
 * @throws for an empty reference, numbers that are not floating-point, and widths that differ
 */
export function minMaxScale(reference: Tensor, features: Tensor, options?: Record<never, never>): Tensor {
  checkedOptions(options, 'minMaxScale');
  checkShapes(['reference', reference, 'M', 'd'], ['features', features, 'N', 'd']);
  checkNotEmpty(reference, 'reference');
  for (const [name, tensor] of Object.entries({ reference, features }))
    if (!tensor.isFloatingPoint()) throw expected('floating-point numbers', name, tensor);
  const low = reference.amin([0]);
  const range = reference.amax([0]).sub(low);
  return features.sub(low).div(range.maskedFill(range.eq(0), 1));
}
