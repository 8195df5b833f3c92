import { checkedOptions } from '../tensor/checked';
import { checkLabels } from '../tensor/labels';
import { checkClosedShare, checkCount } from '../tensor/numbers';
import { scopedNoGrad } from '../tensor/scope';
import { checkShapes } from '../tensor/shapes';
import type { Tensor } from '../tensor/tensor';

export interface LabelNoiseOptions {
  /** Number of classes, from 1. */
  numClasses: number;
  /** Share of labels that are drawn anew, in [0, 1]. Default 0.3. */
  rate?: number;
}

/**
 * Labels of which some are replaced at random: `replacements_i` where `uniforms_i < rate`. Replacements are drawn from all classes, so a share
 * of `rate (K - 1) / K` really changes.
 *
 * Shapes: labels, uniforms in [0, 1) and replacements [N]; int64 [N].
 *
 * @throws for lengths that differ, labels or replacements outside [0, numClasses), a rate outside [0, 1]
 */
export function uniformLabelNoise(labels: Tensor, uniforms: Tensor, replacements: Tensor, options: LabelNoiseOptions): Tensor {
  const { numClasses, rate } = checkedNoise(labels, uniforms, options, 'uniformLabelNoise');
  checkShapes(['labels', labels, 'N'], ['replacements', replacements, 'N']);
  checkLabels(replacements, numClasses, 'replacements');
  return scopedNoGrad(() => replacements.where(uniforms.lt(rate), labels));
}

/**
 * Labels of which some are moved to the next class, the last to the first: `(y + 1) mod K` where `uniforms_i < rate`.
 *
 * Shapes: labels and uniforms in [0, 1) [N]; int64 [N].
 *
 * @throws for lengths that differ, labels outside [0, numClasses), a rate outside [0, 1]
 */
export function classDependentLabelNoise(labels: Tensor, uniforms: Tensor, options: LabelNoiseOptions): Tensor {
  const { numClasses, rate } = checkedNoise(labels, uniforms, options, 'classDependentLabelNoise');
  return scopedNoGrad(() => labels.add(1).remainder(numClasses).where(uniforms.lt(rate), labels));
}

function checkedNoise(labels: Tensor, uniforms: Tensor, options: LabelNoiseOptions, where: string): Required<LabelNoiseOptions> {
  const { numClasses, rate = 0.3 } = checkedOptions(options, where);
  checkCount(numClasses, 'numClasses', 1);
  checkClosedShare(rate, 'rate');
  checkShapes(['labels', labels, 'N'], ['uniforms', uniforms, 'N']);
  checkLabels(labels, numClasses);
  return { numClasses, rate };
}
