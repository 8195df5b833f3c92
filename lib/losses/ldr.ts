import { softplus } from '../nn/functional';
import { type ReductionOptions, reduced } from '../nn/functional/reduction';
import { checkedOptions } from '../tensor/checked';
import { expected } from '../tensor/expected';
import { checkChoice, checkCount, checkNotNegative } from '../tensor/numbers';
import type { Tensor } from '../tensor/tensor';
import { checkClassification, logitsOverLabel } from './classification';

/** How logits are scaled before an LDR loss; every row keeps its gradient through it. */
export type LdrNormalization = 'none' | 'l1' | 'softplus';

const NORMALIZATIONS = ['none', 'l1', 'softplus'] as const;

/** Rows whose mean size is below it count as zero rows. */
const TINY = 1e-12;

export interface LdrScoreOptions {
  /** Added to the scores of all other classes, from 0. Default 0.1, the authors'. */
  margin?: number;
  /** `'l1'`: rows of mean absolute value 1; `'softplus'`: positive rows of mean 1. Without it large temperatures diverge. Default `'none'`. */
  normalization?: LdrNormalization;
}

export interface LdrKlOptions extends LdrScoreOptions, ReductionOptions {
  /** From 0, the largest violation, to Infinity, the mean over the classes. Default 1. */
  temperature?: number;
}

/**
 * The label-distributionally robust loss with a KL penalty: the worst mixture `p` of the violations `q_k = f_k - f_y + margin 1[k != y]`,
 * `max over p of sum p_k q_k - T KL(p, uniform) = T (logsumexp(q / T) - log K)`.
 *
 * T = 1 without margin is cross-entropy minus log K; T = 0 the hinge of Crammer and Singer, `max q_k`; T = Infinity the mean of the
 * violations, which is symmetric and so robust to label noise.
 *
 * Shapes: logits [B, K], labels int64 [B]; a scalar, or [B] without reduction. Defaults: the authors'.
 *
 * @throws for an empty batch, labels outside [0, K), another shape, a negative temperature or margin, an unknown normalization
 *
 * Zhu, Ying, Yang: Label Distributionally Robust Losses for Multi-class Classification. ICML 2023, arXiv 2112.14869
 */
export function ldrKlLoss(logits: Tensor, labels: Tensor, options?: LdrKlOptions): Tensor {
  const { temperature = 1, reduction = 'mean', ...score } = checkedOptions(options, 'ldrKlLoss');
  checkNotNegative(temperature, 'temperature');
  const { C } = checkClassification(logits, labels);
  return reduced(robust(violations(normalized(logits, score.normalization), labels, score.margin), temperature, C), reduction);
}

export interface LdrTopKKlOptions extends LdrKlOptions {
  /** How many classes the worst mixture must be spread over, from 1 to K. Default 1: `ldrKlLoss`. */
  k?: number;
}

/**
 * As `ldrKlLoss`, with mixtures that give no class more than `1 / k`; for errors among the best k. At T = 0 it is the top-k hinge, the mean
 * of the k largest violations.
 *
 * The worst mixture caps the a largest violations at `1 / k` and is a softmax over the rest, for the first a at which no more is capped:
 * `(1/k) sum of the a largest - T (a/k) log(K/k) + s T (logsumexp(rest / T) - log s - log K)`, `s = (k - a) / k`.
 *
 * Shapes and defaults as for `ldrKlLoss`.
 *
 * @throws as `ldrKlLoss`, and for a `k` outside [1, K]
 *
 * Zhu, Ying, Yang, ICML 2023, arXiv 2112.14869
 */
export function ldrTopKKlLoss(logits: Tensor, labels: Tensor, options?: LdrTopKKlOptions): Tensor {
  const { k = 1, temperature = 1, reduction = 'mean', ...score } = checkedOptions(options, 'ldrTopKKlLoss');
  checkNotNegative(temperature, 'temperature');
  checkCount(k, 'k', 1);
  const { C } = checkClassification(logits, labels);
  if (k > C) throw expected(`a whole number up to the ${C} classes`, 'k', k);
  const q = violations(normalized(logits, score.normalization), labels, score.margin);
  return reduced(k === 1 ? robust(q, temperature, C) : robustTopK(q, temperature, k, C), reduction);
}

/** Violations of the label's lead, [B, K], 0 at the label. */
export function violations(scores: Tensor, labels: Tensor, margin = 0.1): Tensor {
  checkNotNegative(margin, 'margin');
  const q = logitsOverLabel(scores, labels);
  return margin === 0 ? q : q.add_(margin).scatter_(1, labels.long().unsqueeze(1), 0);
}

/** The logits in their normalization. */
export function normalized(logits: Tensor, normalization: LdrNormalization = 'none'): Tensor {
  checkChoice(normalization, 'normalization', NORMALIZATIONS);
  if (normalization === 'none') return logits;
  // Softplus is above 0, so its mean is its mean size too.
  const rows = normalization === 'softplus' ? softplus(logits) : logits;
  return rows.div(rows.abs().mean(1, true).clampMin(TINY));
}

function robust(q: Tensor, temperature: number, classes: number): Tensor {
  if (temperature === 0) return q.amax([1]);
  if (temperature === Number.POSITIVE_INFINITY) return q.mean(1);
  return q.div(temperature).logsumexp([1]).sub(Math.log(classes)).mul(temperature);
}

function robustTopK(q: Tensor, temperature: number, k: number, classes: number): Tensor {
  if (temperature === Number.POSITIVE_INFINITY || k === classes) return q.mean(1); // only the uniform mixture is left
  const { values: top, indices } = q.topk(k, 1);
  if (temperature === 0) return top.mean(1);
  const capped = cappedCount(q.detach(), top.detach(), indices, temperature, k);
  const isCapped = q.newZeros([k], { dtype: 'int64' }).add(1).cumsum(0).le(capped.unsqueeze(1)); // [B, k]: the first a of each row
  const sum = top.maskedFill(isCapped.logicalNot(), 0).sum(1);
  // What is capped leaves the softmax. A capped place may be any of the row's, so it goes by index.
  const rest = q.div(temperature).scatterAdd(1, indices, q.newZeros([]).expandAs(top).maskedFill(isCapped, Number.NEGATIVE_INFINITY));
  const share = capped.to(q.dtype).div(-k).add(1);
  const uncapped = rest.logsumexp([1]).sub(share.log()).sub(Math.log(classes)).mul(share).mul(temperature);
  return sum
    .div(k)
    .add(uncapped)
    .sub(capped.to(q.dtype).mul((temperature * Math.log(classes / k)) / k));
}

/** How many of the largest violations the worst mixture caps at `1 / k`, int64 [B]: the first number at which the next one stays below. */
function cappedCount(q: Tensor, top: Tensor, indices: Tensor, temperature: number, k: number): Tensor {
  const scaled = top.div(temperature);
  const beyond = q.div(temperature).scatter(1, indices, Number.NEGATIVE_INFINITY).logsumexp([1], true);
  // rests[a] = logsumexp of all but the a largest: from behind, one more at each step.
  const rests = beyond.expand([-1, 1]).logaddexp(scaled.flip([1]).logcumsumexp(1).flip([1]));
  const shares = q
    .newZeros([k])
    .add(1)
    .cumsum(0)
    .neg()
    .add(k + 1)
    .div(k); // (k - a) / k
  const accepted = shares
    .log()
    .add(scaled)
    .sub(rests)
    .le(-Math.log(k) + 1e-12);
  return accepted
    .cumsum(1)
    .eq(0)
    .sum(1)
    .clampMax(k - 1); // the last one holds but for rounding
}
