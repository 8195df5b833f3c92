import { checkedOptions } from '../tensor/checked';
import { expected } from '../tensor/expected';
import { checkChoice, checkCount } from '../tensor/numbers';
import type { Tensor } from '../tensor/tensor';
import { type SeparationResult, separate } from './separate';
import { checkSigned } from './signed-margins';

export interface BatchPerceptronOptions {
  /** Divides by the number of samples on the wrong side instead of by all. Default false. */
  normalized?: boolean;
  /** Most updates, from 0. Default 1000. */
  iterations?: number;
}

/**
 * The batch perceptron: with S the samples whose margin is not above 0, `theta + 1/n sum over S of y_i a_i` until S is empty; the first update
 * is half the mean of all. Normalized `theta + 1/|S| sum over S of y_i a_i` from the start.
 *
 * What gradient descent on the logistic loss becomes as its step grows. From theta = 0 at most `n R^2/mu^2` updates, normalized `R^2/mu^2`.
 *
 * Shapes: theta [d], features [n, d], labels -1 or +1, int64 [n].
 *
 * @throws for no samples, shapes that disagree, labels other than -1 and +1, `iterations` below 0
 *
 * Tyurin: From Logistic Regression to the Perceptron Algorithm: Exploring Gradient Descent with Large Step Sizes. AAAI 2025, arXiv 2412.08424
 */
export function batchPerceptron(theta: Tensor, features: Tensor, labels: Tensor, options?: BatchPerceptronOptions): SeparationResult {
  const { normalized = false, iterations = 1000 } = checkedOptions(options, 'batchPerceptron');
  if (typeof normalized !== 'boolean') throw expected('a boolean', 'normalized', normalized);
  checkCount(iterations, 'iterations');
  checkSigned(theta, features, labels);
  const n = labels.size(0);
  const { kept: _, ...result } = separate(theta, features, labels, iterations, true, {
    update(current, signed, margins, iteration) {
      // The sigmoid of a margin of 0, which all have at the start, is a half.
      if (!normalized && iteration === 0) return current.add(signed.sum(0), { alpha: 1 / (2 * n) });
      const wrong = margins.le(0).to(signed.dtype);
      const sum = signed.t().mv(wrong);
      return current.add(normalized ? sum.div(wrong.sum()) : sum.div(n));
    },
  });
  return result;
}

export interface PerceptronOptions {
  /** Which wrong sample is taken: the first one, or the next one after the last, around the list. Default `'first'`. */
  selection?: 'first' | 'cyclic';
  /** Most updates, from 0. Default 1000. */
  iterations?: number;
}

/**
 * The perceptron: `theta + y_j a_j` for one sample j whose margin is not above 0, until there is none. From theta = 0 at most `R^2/mu^2` updates.
 *
 * Shapes: theta [d], features [n, d], labels -1 or +1, int64 [n].
 *
 * @throws for no samples, shapes that disagree, labels other than -1 and +1, an unknown selection, `iterations` below 0
 *
 * Rosenblatt: The Perceptron. Psychological Review, 1958; Novikoff, 1962
 */
export function perceptron(theta: Tensor, features: Tensor, labels: Tensor, options?: PerceptronOptions): SeparationResult {
  const { selection = 'first', iterations = 1000 } = checkedOptions(options, 'perceptron');
  checkChoice(selection, 'selection', ['first', 'cyclic']);
  checkCount(iterations, 'iterations');
  checkSigned(theta, features, labels);
  let next = 0;
  const { kept: _, ...result } = separate(theta, features, labels, iterations, true, {
    update(current, signed, margins) {
      const n = margins.size(0);
      // The first of the largest, counted from where the search begins.
      const wrong = margins.le(0).to('uint8').roll([-next]);
      const place = (Number(wrong.argmax(0).item()) + next) % n;
      if (selection === 'cyclic') next = (place + 1) % n;
      return current.add(signed.select(0, place));
    },
  });
  return result;
}
