import { logsigmoid, softplus } from '../nn/functional';
import { checkedOptions } from '../tensor/checked';
import { expected } from '../tensor/expected';
import { checkCount, checkPositive } from '../tensor/numbers';
import { scopedNoGrad } from '../tensor/scope';
import type { Tensor } from '../tensor/tensor';
import { type SeparationResult, separate } from './separate';
import { checkSigned, signedFeatures } from './signed-margins';

export interface LogisticStepOptions {
  /** Above 0; as large as one likes. Default 1. */
  stepSize?: number;
  /** Divides the gradient by the mean of `sigmoid(-margin)`, which makes the bound on the steps independent of n. Default false. */
  normalized?: boolean;
}

/**
 * A step of gradient descent on `losses.logisticRegressionLoss`: `theta + step/n sum of sigmoid(-m_i) y_i a_i`; normalized
 * `theta + step sum of w_i y_i a_i`, `w = softmax(log sigmoid(-m))`, which holds where the gradient has vanished in rounding. No gradient flows.
 *
 * Shapes: theta [d], features [n, d], labels -1 or +1, int64 [n]; [d].
 *
 * @throws for no samples, shapes that disagree, labels other than -1 and +1, a step that is not above 0
 *
 * Tyurin: From Logistic Regression to the Perceptron Algorithm: Exploring Gradient Descent with Large Step Sizes. AAAI 2025, arXiv 2412.08424
 */
export function logisticGradientDescentStep(theta: Tensor, features: Tensor, labels: Tensor, options?: LogisticStepOptions): Tensor {
  const { stepSize, normalized } = checkedStep(options, 'logisticGradientDescentStep');
  checkSigned(theta, features, labels);
  return scopedNoGrad(() => {
    const signed = signedFeatures(features, labels);
    return moved(theta, signed, signed.mv(theta), stepSize, normalized);
  });
}

export interface LogisticGradientDescentOptions extends LogisticStepOptions {
  /** Most updates, from 0. Default 1000. */
  iterations?: number;
  /** Ends as soon as all samples are on their side. Default true. */
  stopWhenSolved?: boolean;
}

export interface LogisticGradientDescentResult extends SeparationResult {
  /** The loss before each update, and at the end: [iterations + 1]. */
  readonly losses: Tensor;
}

/**
 * Gradient descent on `losses.logisticRegressionLoss` until all samples are on their side: margins above 0. With a large step it is the batch
 * perceptron, and the loss rises before it succeeds: neither loss nor gradient tell when to stop.
 *
 * From theta = 0 and with margin mu, radius R: normalized it needs at most `R^2/mu^2 + 2 log(2n - 1) / (step mu^2)` updates.
 *
 * Shapes: theta [d], features [n, d], labels -1 or +1, int64 [n].
 *
 * @throws for no samples, shapes that disagree, labels other than -1 and +1, a step that is not above 0, `iterations` below 0
 *
 * Tyurin, AAAI 2025, arXiv 2412.08424
 */
export function logisticGradientDescent(
  theta: Tensor,
  features: Tensor,
  labels: Tensor,
  options?: LogisticGradientDescentOptions,
): LogisticGradientDescentResult {
  const { iterations = 1000, stopWhenSolved = true, ...step } = checkedOptions(options, 'logisticGradientDescent');
  const { stepSize, normalized } = checkedStep(step, 'logisticGradientDescent');
  checkCount(iterations, 'iterations');
  if (typeof stopWhenSolved !== 'boolean') throw expected('a boolean', 'stopWhenSolved', stopWhenSolved);
  checkSigned(theta, features, labels);
  const { kept, ...result } = separate(theta, features, labels, iterations, stopWhenSolved, {
    seen: (margins) => softplus(margins.neg(), { threshold: 50 }).mean(),
    update: (current, signed, margins) => moved(current, signed, margins, stepSize, normalized),
  });
  return { ...result, losses: kept as Tensor };
}

function checkedStep(options: LogisticStepOptions | undefined, where: string): Required<LogisticStepOptions> {
  const { stepSize = 1, normalized = false } = checkedOptions(options, where);
  checkPositive(stepSize, 'stepSize');
  if (typeof normalized !== 'boolean') throw expected('a boolean', 'normalized', normalized);
  return { stepSize, normalized };
}

function moved(theta: Tensor, signed: Tensor, margins: Tensor, stepSize: number, normalized: boolean): Tensor {
  const against = margins.neg();
  const weights = normalized ? logsigmoid(against).softmax(0) : against.sigmoid();
  return theta.add(signed.t().mv(weights), { alpha: normalized ? stepSize : stepSize / margins.size(0) });
}
