import { type ReductionOptions, reduced } from '../nn/functional/reduction';
import { checkedOptions } from '../tensor/checked';
import { expected } from '../tensor/expected';
import { checkClosedShare, checkCount, checkPositive } from '../tensor/numbers';
import { scopedNoGrad } from '../tensor/scope';
import { checkShapes } from '../tensor/shapes';
import type { Tensor } from '../tensor/tensor';
import { checkClassification } from './classification';
import { type LdrScoreOptions, normalized, violations } from './ldr';

export interface AldrKlOptions extends LdrScoreOptions, ReductionOptions {
  /** The highest temperature, that of a sample about which nothing is known; above 0. Default 1. */
  temperature0?: number;
  /** How strongly temperatures are held at `temperature0`, above 1. Default 2, the authors'. */
  alpha?: number;
  /** Steps of the fixed point at each visit, from 1. Default 1, the authors'. */
  iterations?: number;
  /** Whether the temperature's step sees the margin. Default false, as the authors; true for the exact joint maximum. */
  marginInProbabilities?: boolean;
  /** Added to the probabilities in the temperature's step, in [0, 1]. Default 1e-5, the authors'; 0 for the exact joint maximum. */
  probabilityFloor?: number;
}

export interface AldrKlResult {
  readonly loss: Tensor;
  /** The new temperature of each sample, [B], to be kept for its next visit. No gradient flows into it. */
  readonly temperatures: Tensor;
}

/**
 * The adaptive label-distributionally robust loss: `ldrKlLoss` with a temperature for each sample, lower where the network is sure:
 * `T <- T0 - T0 KL(p, uniform) / (alpha log K)` of `p = softmax(f / T)`, then
 * `T (logsumexp(q / T) - log K) - alpha log K / (2 T0) (T - T0)^2`.
 *
 * Shapes: logits [B, K], labels int64 [B], temperatures [B], `temperature0` for samples never seen; loss a scalar, or [B] without
 * reduction. The caller keeps the temperatures: `kept.indexPut_([ids], result.temperatures)`.
 *
 * @throws as `ldrKlLoss`, and for temperatures of another length, `alpha` not above 1, `temperature0` not above 0, no iterations
 *
 * Zhu, Ying, Yang, ICML 2023, arXiv 2112.14869; one step at each visit as in the authors' code
 */
export function aldrKlLoss(logits: Tensor, labels: Tensor, temperatures: Tensor, options?: AldrKlOptions): AldrKlResult {
  const { temperature0 = 1, alpha = 2, iterations = 1, reduction = 'mean', ...rest } = checkedOptions(options, 'aldrKlLoss');
  const { marginInProbabilities = false, probabilityFloor = 1e-5, margin, normalization } = rest;
  checkPositive(temperature0, 'temperature0');
  if (typeof alpha !== 'number' || !(alpha > 1)) throw expected('a number above 1', 'alpha', alpha);
  checkCount(iterations, 'iterations', 1);
  checkClosedShare(probabilityFloor, 'probabilityFloor');
  const { B, C } = checkClassification(logits, labels);
  checkShapes(['temperatures', temperatures, B]);
  const scores = normalized(logits, normalization);
  const q = violations(scores, labels, margin);
  const logC = Math.log(C);

  const adapted = scopedNoGrad(() => {
    const seen = marginInProbabilities ? q : scores;
    let t = temperatures.detach();
    for (let k = 0; k < iterations; k++) {
      const p = seen
        .div(t.unsqueeze(1))
        .softmax(1)
        .add(probabilityFloor)
        .div(1 + C * probabilityFloor);
      const divergence = p.xlogy(p.mul(C)).sum(1);
      t = divergence.mul(-temperature0 / (alpha * (C === 1 ? 1 : logC))).add(temperature0); // of one class the divergence is 0
    }
    return t;
  });
  const worst = q.div(adapted.unsqueeze(1)).logsumexp([1]).sub(logC).mul(adapted);
  const penalty = adapted
    .sub(temperature0)
    .square()
    .mul((alpha * logC) / (2 * temperature0));
  return { loss: reduced(worst.sub(penalty), reduction), temperatures: adapted };
}
