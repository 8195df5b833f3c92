import { checkedOptions } from '../tensor/checked';
import { expected } from '../tensor/expected';
import { checkNotNegative, checkPositive } from '../tensor/numbers';
import { scopedNoGrad } from '../tensor/scope';
import { checkShapes } from '../tensor/shapes';
import type { Tensor } from '../tensor/tensor';

export interface ProjectedSignStepOptions {
  /** How far each element goes, above 0. Default 2/255. */
  stepSize?: number;
  /** How far each element may be from the clean input, from 0. Default 8/255. */
  epsilon?: number;
  /** The smallest value that an input has; null for no bound. Default 0. */
  clipMin?: number | null;
  /** The largest value that an input has; null for no bound. Default 1. */
  clipMax?: number | null;
}

/**
 * A step of projected gradient ascent in the maximum norm: `x' + stepSize sign(g)`, brought back into `[x - epsilon, x + epsilon]`
 * and then into the range of inputs. No gradient flows.
 *
 * Shapes: adversarial, inputs and gradient alike.
 *
 * @throws for shapes that differ, a step that is not above 0, a negative epsilon
 *
 * Madry et al.: Towards Deep Learning Models Resistant to Adversarial Attacks. ICLR 2018, arXiv 1706.06083
 */
export function projectedSignStep(adversarial: Tensor, inputs: Tensor, gradient: Tensor, options?: ProjectedSignStepOptions): Tensor {
  const { stepSize = 2 / 255, epsilon = 8 / 255, clipMin = 0, clipMax = 1 } = checkedOptions(options, 'projectedSignStep');
  checkPositive(stepSize, 'stepSize');
  checkNotNegative(epsilon, 'epsilon');
  checkBound(clipMin, 'clipMin');
  checkBound(clipMax, 'clipMax');
  checkShapes(['inputs', inputs, ...inputs.shape], ['adversarial', adversarial, ...inputs.shape], ['gradient', gradient, ...inputs.shape]);
  return scopedNoGrad(() => {
    const moved = adversarial.add(gradient.sign(), { alpha: stepSize }).clamp(inputs.sub(epsilon), inputs.add(epsilon));
    return clipMin === null && clipMax === null ? moved : moved.clamp(clipMin, clipMax);
  });
}

function checkBound(bound: number | null, name: string): void {
  if (bound !== null && typeof bound !== 'number') throw expected('a number or null', name, bound);
}
