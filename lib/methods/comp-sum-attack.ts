import { grad } from '../autograd';
import { noGrad } from '../autograd/modes';
import { logitsOverLabel } from '../losses/classification';
import { checkedOptions, checkedTensor } from '../tensor/checked';
import { expected } from '../tensor/expected';
import { checkCount } from '../tensor/numbers';
import { checkShapes } from '../tensor/shapes';
import type { Tensor } from '../tensor/tensor';
import { type ProjectedSignStepOptions, projectedSignStep } from './projected-sign-step';

export interface CompSumAttackOptions extends ProjectedSignStepOptions {
  /** Steps of ascent. Default 10. */
  steps?: number;
  /** Where to begin, of the inputs' shape. Default: the inputs plus uniform noise in [-epsilon, epsilon], clipped. */
  start?: Tensor | null;
}

/**
 * Inputs near the given ones at which the label's leads over the other classes differ most from the clean ones:
 * `max over |x' - x| <= epsilon of |D(model(x')) - D(model(x))|`, by projected sign ascent. The attacked inputs carry no gradient.
 *
 * It must not begin at the inputs themselves: there the gradient is zero. It asks the model `steps + 1` times; a model that behaves
 * differently in training, by dropout or batch statistics, is best put in evaluation mode around it.
 *
 * Shapes: inputs [B, ...], labels int64 [B], `model(inputs)` [B, C]; the result is of the inputs' shape. Defaults: 10 steps, the step's
 * own defaults.
 *
 * @throws for a model that is no function, `steps` that is no whole number from 1, a start of another shape, and as `projectedSignStep`
 *
 * Mao, Mohri, Zhong, ICML 2023, arXiv 2304.07288; the step rule is projected gradient ascent's
 */
export function compSumAttack(model: (inputs: Tensor) => Tensor, inputs: Tensor, labels: Tensor, options?: CompSumAttackOptions): Tensor {
  const { steps = 10, start = null, ...step } = checkedOptions(options, 'compSumAttack');
  if (typeof model !== 'function') throw expected('a function from inputs to logits', 'model', model);
  checkedTensor(inputs, 'inputs');
  checkedTensor(labels, 'labels');
  checkCount(steps, 'steps', 1);
  if (start !== null) checkShapes(['start', start, ...inputs.shape]);
  const { clean, begin } = noGrad(() => ({
    clean: logitsOverLabel(model(inputs), labels),
    begin: start ?? randomStart(inputs, step),
  }));
  let attacked = begin.detach();
  for (let k = 0; k < steps; k++) {
    const leaf = attacked.detach().requiresGrad_();
    const [ascent] = grad(logitsOverLabel(model(leaf), labels).sub(clean).norm(2, [1]).sum(), [leaf]);
    attacked = projectedSignStep(leaf.detach(), inputs.detach(), ascent as Tensor, step);
  }
  return attacked;
}

function randomStart(inputs: Tensor, { epsilon = 8 / 255, clipMin = 0, clipMax = 1 }: ProjectedSignStepOptions): Tensor {
  const noise = inputs.detach().clone().uniform_(-epsilon, epsilon);
  const moved = inputs.add(noise);
  return clipMin === null && clipMax === null ? moved : moved.clamp(clipMin, clipMax);
}
