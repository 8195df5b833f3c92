/** What classification metrics share: which class was said, and counts of said against true. */

import { checkedTensor } from '../tensor/checked';
import { expected } from '../tensor/expected';
import { where } from '../tensor/generated/root';
import { Tensor } from '../tensor/tensor';

export interface ClassOptions {
  /** Samples with this target do not count. Default: all count. */
  ignoreIndex?: number | null;
}

/** Scores [N, C, ...] with the classes last, [M, C], for targets [N, ...]. */
export function scoresOf(prediction: Tensor, target: Tensor, numClasses: number | null, where: string): Tensor {
  checkedTensor(prediction, 'prediction');
  checkedTensor(target, 'target');
  checkTensors(prediction, target, where);
  const [batch, classes, ...spatial] = prediction.shape;
  const fits = prediction.dim() === target.dim() + 1 && [batch, ...spatial].join() === target.shape.join();
  if (!fits || classes === undefined || (numClasses !== null && classes !== numClasses))
    throw expected(`scores [N, ${numClasses ?? 'C'}, ...] for targets [${target.shape.join(', ')}]`, where, prediction);
  return prediction.movedim(1, -1).reshape([-1, classes]);
}

/** The class that each prediction says, [M]: class numbers of the target's shape as they are, of scores the best. */
export function classesOf(prediction: Tensor, target: Tensor, numClasses: number | null, where: string): Tensor {
  checkedTensor(prediction, 'prediction');
  checkedTensor(target, 'target');
  checkTensors(prediction, target, where);
  if (!prediction.isFloatingPoint() && prediction.shape.join() === target.shape.join()) return prediction.flatten();
  return scoresOf(prediction, target, numClasses, where).argmax(1);
}

function checkTensors(prediction: Tensor, target: Tensor, where: string): void {
  if (!(prediction instanceof Tensor)) throw expected('a tensor of predictions', where, prediction);
  if (!(target instanceof Tensor) || target.isFloatingPoint()) throw expected('a tensor of class numbers as target', where, target);
}

/**
 * How often each class was said for each true class, int64 [C, C] with the true ones as rows, and what else there was, as one
 * number: predictions or targets that are no class.
 */
export function confusionCounts(
  said: Tensor,
  target: Tensor,
  numClasses: number,
  ignoreIndex: number | null,
): [counts: Tensor, strangers: Tensor] {
  checkedTensor(target, 'target');
  const truth = target.flatten();
  const known = isClass(truth, numClasses).logicalAnd(isClass(said, numClasses));
  const counted = ignoreIndex === null ? known : known.logicalAnd(truth.ne(ignoreIndex));
  // All that does not count goes to one more bin: selecting would wait for a device.
  const cells = numClasses * numClasses;
  const cell = where(counted, truth.mul(numClasses).add(said), cells).to('int64');
  const counts = cell
    .bincount({ minlength: cells + 1 })
    .narrow(0, 0, cells)
    .reshape([numClasses, numClasses]);
  const strange = ignoreIndex === null ? known.logicalNot() : known.logicalNot().logicalAnd(truth.ne(ignoreIndex));
  return [counts, strange.sum()];
}

function isClass(numbers: Tensor, numClasses: number): Tensor {
  return numbers.ge(0).logicalAnd(numbers.lt(numClasses));
}
