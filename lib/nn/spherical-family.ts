/** Losses that see all classes only through the sum and the sum of squares of their scores: the spherical family. */

import { checkChoice, checkFinite, checkNotNegative, checkPositive } from '../tensor/numbers';
import type { Tensor } from '../tensor/tensor';
import { softplus } from './functional';

/** A member of the spherical family: the Z-loss, Taylor softmax, spherical softmax, squared error from the one-hot vector. */
export type SphericalLoss = 'z' | 'taylor' | 'spherical' | 'mse';

const LOSSES: readonly SphericalLoss[] = ['z', 'taylor', 'spherical', 'mse'];

export interface SphericalOptions {
  /** The member of the family. Default `'z'`. */
  loss?: SphericalLoss;
  /** Steepness of the Z-loss, above 0. Default 1. */
  a?: number;
  /** Standard score from which the Z-loss takes a target for high. Default 0. */
  b?: number;
  /** Of the Z-loss and of the spherical softmax. Default null: 1e-12 for the first, 1e-6 for the second. */
  eps?: number | null;
}

/** The options with their defaults. */
export interface SphericalMember {
  readonly loss: SphericalLoss;
  readonly a: number;
  readonly b: number;
  readonly eps: number;
}

/** @throws for an unknown loss, an `a` that is not above 0, a `b` that is not finite, an `eps` below 0, or 0 for the spherical softmax */
export function checkedSpherical({ loss = 'z', a = 1, b = 0, eps = null }: SphericalOptions): SphericalMember {
  checkChoice(loss, 'loss', LOSSES);
  checkPositive(a, 'a');
  checkFinite(b, 'b');
  const spherical = loss === 'spherical';
  if (eps !== null) (spherical ? checkPositive : checkNotNegative)(eps, 'eps');
  return { loss, a, b, eps: eps ?? (spherical ? 1e-6 : 1e-12) };
}

/** The loss of each sample from its target's score, the sum of all scores and the sum of their squares, each [B]. */
export function sphericalTerms(
  target: Tensor,
  sums: Tensor,
  squares: Tensor,
  member: SphericalMember & { readonly numClasses: number },
): Tensor {
  const { loss, numClasses, a, b, eps } = member;
  switch (loss) {
    case 'z': {
      const mean = sums.div(numClasses);
      const variance = squares.div(numClasses).addcmul(mean, mean, { value: -1 });
      // An infinite spread makes the standard score 0, and all gradients.
      const spread = variance.maskedFill(variance.le(0), Number.POSITIVE_INFINITY).sqrt().add(eps);
      return zTerms(target.sub(mean).div(spread), a, b);
    }
    case 'taylor':
      return logRatio(squares.add(sums, { alpha: 2 }), 2 * numClasses, target.add(1), 1);
    case 'spherical':
      return logRatio(squares, numClasses * eps, target, eps);
    case 'mse':
      return squares.sub(target, { alpha: 2 }).add(1);
  }
}

/** `log(1 + exp(a (b - scale z))) / a`. From 40 on it is its argument, to the last digit of double precision. */
export function zTerms(z: Tensor, a: number, b: number, scale = 1): Tensor {
  return softplus(b === 0 ? z.mul(-scale) : z.mul(-scale).add(b), { beta: a, threshold: 40 });
}

/** `log((sum + more) / (target^2 + rest))`. */
export function logRatio(sum: Tensor, more: number, target: Tensor, rest: number): Tensor {
  return sum.add(more).div(target.square().add(rest)).log();
}
