import { checkedOptions } from '../tensor/checked';
import { checkNotNegative } from '../tensor/numbers';
import { scopedNoGrad } from '../tensor/scope';
import { checkShapes } from '../tensor/shapes';
import type { Tensor } from '../tensor/tensor';

export interface GaussianPseudoNegativesOptions {
  /** Standard deviation, from 0. Default 1, the authors'. */
  std?: number;
}

/**
 * Samples of no class, drawn around the mean of the one that is known: `mean + std noise`. Without gradients.
 *
 * Shapes: mean [D], noise standard normal [M, D]; [M, D].
 *
 * @throws for other shapes, a negative deviation
 *
 * Narayan, Patel: Hyp-OC: Hyperbolic One Class Classification for Face Anti-Spoofing. FG 2024, arXiv 2404.14406
 */
export function gaussianPseudoNegatives(mean: Tensor, noise: Tensor, options?: GaussianPseudoNegativesOptions): Tensor {
  const { std = 1 } = checkedOptions(options, 'gaussianPseudoNegatives');
  checkNotNegative(std, 'std');
  checkShapes(['mean', mean, 'D'], ['noise', noise, 'M', 'D']);
  return scopedNoGrad(() => mean.add(noise, { alpha: std }));
}
