import { noGrad } from '../autograd/modes';
import { checkedOptions } from '../tensor/checked';
import { checkChoice, checkClosedShare } from '../tensor/numbers';
import { scope } from '../tensor/scope';
import { checkNotEmpty, checkShapes } from '../tensor/shapes';
import type { Tensor } from '../tensor/tensor';

export interface AdaptiveMeanOptions {
  /** Weight of what was before, in [0, 1]. Default 0.8, the authors'. */
  alpha?: number;
  /** What is remembered: the batch's mean, as in the authors' code, or the running mean. Default `'previousBatch'`. */
  mode?: 'previousBatch' | 'ema';
}

/**
 * The mean of features over batches: `alpha old + (1 - alpha) mean of the batch`, with old = 0 before the first batch. Without gradients.
 *
 * Shapes: features [B, D], previous: the state of the call before, [D], or null; mean and state [D].
 *
 * @throws for an empty batch, other shapes, alpha outside [0, 1]
 *
 * Narayan, Patel: Hyp-OC: Hyperbolic One Class Classification for Face Anti-Spoofing. FG 2024, arXiv 2404.14406
 */
export function adaptiveMean(features: Tensor, previous?: Tensor | null, options?: AdaptiveMeanOptions): { mean: Tensor; state: Tensor } {
  const { alpha = 0.8, mode = 'previousBatch' } = checkedOptions(options, 'adaptiveMean');
  checkClosedShare(alpha, 'alpha');
  checkChoice(mode, 'mode', ['previousBatch', 'ema']);
  const { D } = checkShapes(['features', features, 'B', 'D']);
  checkNotEmpty(features, 'features');
  const before = previous ?? null;
  if (before !== null) checkShapes(['previous', before, D]);
  return scope(() =>
    noGrad(() => {
      const batch = features.mean([0]);
      const part = batch.mul(1 - alpha);
      const mean = before === null ? part : part.add(before, { alpha });
      return { mean, state: mode === 'ema' ? mean : batch };
    }),
  );
}
