import { checkedOptions } from '../../tensor/checked';
import { expected } from '../../tensor/expected';
import { searchsorted } from '../../tensor/generated/root';
import { checkLabels } from '../../tensor/labels';
import { checkNotEmpty, checkShapes } from '../../tensor/shapes';
import type { Tensor } from '../../tensor/tensor';

export interface SampledClassesOptions {
  /** The probability of each class that no sample has, in (0, 1]. Default 0.1, of the paper. */
  rate?: number;
}

export interface SampledClasses {
  /** Class numbers, ascending, int64 [S]. */
  readonly classes: Tensor;
  /** Where the class of each sample stands among them, int64 [B]. */
  readonly labels: Tensor;
}

/**
 * The classes that a step over very many of them looks at: those of its samples, and of the others each with probability `rate`.
 *
 * `const { classes, labels: places } = samplers.sampledClasses(labels, torch.rand(C))`, and then the loss of `weights.indexSelect(0, classes)` and
 * `places`. Losses whose denominator runs over all classes become smaller; the paper's authors do not correct for it.
 *
 * Shapes: labels int64 [B], uniforms in [0, 1), [C]. How many there are is read from the device.
 *
 * @throws for labels outside [0, C), no classes, another shape, a rate outside (0, 1]
 *
 * An, Deng, Guo, Feng, Zhu, Yang, Liu: Killing Two Birds with One Stone: Efficient and Robust Training of Face Recognition CNNs by Partial FC. CVPR
 * 2022, arXiv 2203.15565
 */
export function sampledClasses(labels: Tensor, uniforms: Tensor, options?: SampledClassesOptions): SampledClasses {
  const { rate = 0.1 } = checkedOptions(options, 'sampledClasses');
  checkRate(rate, 'rate');
  const { C } = checkShapes(['labels', labels, 'B'], ['uniforms', uniforms, 'C']);
  checkNotEmpty(uniforms, 'uniforms');
  checkLabels(labels, C);
  const places = labels.long();
  const chosen = uniforms.detach().lt(rate).indexFill_(0, places, true);
  const classes = chosen.nonzero().squeeze(1);
  return { classes, labels: searchsorted(classes, places) };
}

/** Refuses what is no share that leaves something. */
export function checkRate(rate: number, name: string): void {
  if (typeof rate !== 'number' || !(rate > 0 && rate <= 1)) throw expected('a number in (0, 1]', name, rate);
}
