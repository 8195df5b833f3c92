import type { Tensor } from '../../../tensor/tensor';
import type { Module } from '../../module';

/**
 * A module that computes a tensor from what is trained in its place.
 *
 * ```ts
 * class Symmetric extends nn.Module {
 *   override forward(x: Tensor): Tensor { return x.triu().add(x.triu(1).mT); }
 *   rightInverse(a: Tensor): Tensor { return a.triu(); }
 * }
 * ```
 */
export interface Parametrization extends Module {
  /** The tensor for its originals: one, or as many as `rightInverse` gives. */
  forward(...originals: Tensor[]): Tensor;
  /**
   * The original, or several, for which `forward` gives this value: `forward(rightInverse(a)) = a`, as far as there is one. Called
   * without recording, when the parametrization is registered and when the tensor is assigned. Where it is missing, the tensor becomes
   * the original as it is, and cannot be assigned.
   */
  rightInverse?(value: Tensor): Tensor | readonly Tensor[];
}
