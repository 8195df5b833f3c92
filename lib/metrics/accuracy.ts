import { checkedOptions, checkedTensor } from '../tensor/checked';
import { expected } from '../tensor/expected';
import type { Tensor } from '../tensor/tensor';
import { type ClassOptions, classesOf, scoresOf } from './classes';
import { Metric, Sum } from './metric';

export interface AccuracyOptions extends ClassOptions {
  /** A prediction is right when the target is among the `topK` best scores. Default 1. */
  topK?: number;
}

/**
 * The share of right predictions, in [0, 1].
 *
 * Shapes: scores [N, C, ...], or class numbers [N, ...] of an integer dtype when topK is 1; target int64 [N, ...].
 *
 * @throws for shapes that do not fit, and for fewer classes than topK
 */
export class Accuracy extends Metric<[prediction: Tensor, target: Tensor], number> {
  readonly #topK: number;
  readonly #ignoreIndex: number | null;
  readonly #right = new Sum();
  readonly #counted = new Sum();

  constructor(options?: AccuracyOptions) {
    super();
    const { topK = 1, ignoreIndex = null } = checkedOptions(options, 'Accuracy');
    if (!Number.isInteger(topK) || topK < 1) throw expected('a positive whole number', 'topK', topK);
    this.#topK = topK;
    this.#ignoreIndex = ignoreIndex;
  }

  protected override accumulate(prediction: Tensor, target: Tensor): void {
    checkedTensor(target, 'target');
    const right = this.#isRight(prediction, target);
    const counts = this.#ignoreIndex === null ? null : target.flatten().ne(this.#ignoreIndex);
    this.#right.add((counts === null ? right : right.logicalAnd(counts)).sum());
    this.#counted.add(counts === null ? right.newFull([], target.numel(), { dtype: 'int64' }) : counts.sum());
  }

  #isRight(prediction: Tensor, target: Tensor): Tensor {
    if (this.#topK === 1) return classesOf(prediction, target, null, 'Accuracy').eq(target.flatten());
    const scores = scoresOf(prediction, target, null, 'Accuracy');
    if (scores.size(1) < this.#topK) throw expected(`at least topK = ${this.#topK} classes`, 'Accuracy', prediction);
    return scores.topk(this.#topK, { dim: 1 }).indices.eq(target.flatten().unsqueeze(1)).any(1);
  }

  /** NaN when no sample counted. */
  protected override evaluate(): number {
    return Number(this.#right.total.item()) / Number(this.#counted.total.item());
  }

  protected override clear(): void {
    this.#right.clear();
    this.#counted.clear();
  }
}

export interface BinaryAccuracyOptions {
  /** Scores above it say yes. Default 0.5, for probabilities; 0 is right for logits. */
  threshold?: number;
}

/**
 * The share of right answers to a yes-or-no question, in [0, 1].
 *
 * Shapes: scores and target alike; a target above 0.5, or true, is yes.
 */
export class BinaryAccuracy extends Metric<[score: Tensor, target: Tensor], number> {
  readonly #threshold: number;
  readonly #right = new Sum();
  #counted = 0;

  constructor(options?: BinaryAccuracyOptions) {
    super();
    const { threshold = 0.5 } = checkedOptions(options, 'BinaryAccuracy');
    if (typeof threshold !== 'number') throw expected('a number', 'threshold', threshold);
    this.#threshold = threshold;
  }

  protected override accumulate(score: Tensor, target: Tensor): void {
    checkedTensor(score, 'score');
    checkedTensor(target, 'target');
    if (score.shape.join() !== target.shape.join())
      throw expected(`a target of the scores' shape [${score.shape.join(', ')}]`, 'BinaryAccuracy', target);
    this.#right.add(score.gt(this.#threshold).eq(target.gt(0.5)).sum());
    this.#counted += score.numel();
  }

  protected override evaluate(): number {
    return Number(this.#right.total.item()) / this.#counted;
  }

  protected override clear(): void {
    this.#right.clear();
    this.#counted = 0;
  }
}
