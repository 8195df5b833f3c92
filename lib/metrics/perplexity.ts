import { checkedOptions, checkedTensor } from '../tensor/checked';
import { logSoftmax } from '../tensor/generated/root';
import type { Tensor } from '../tensor/tensor';
import { type ClassOptions, scoresOf } from './classes';
import { Metric, Sum } from './metric';

/**
 * `exp(mean -log p(target))`: between how many equally likely classes the model hesitates.
 *
 * Shapes: logits [N, C, ...]; target int64 [N, ...].
 */
export class Perplexity extends Metric<[logits: Tensor, target: Tensor], number> {
  readonly #ignoreIndex: number | null;
  readonly #sum = new Sum();
  readonly #counted = new Sum();

  /** The default of `ignoreIndex` is -100, as in `crossEntropy`. */
  constructor(options?: ClassOptions) {
    super();
    const { ignoreIndex = -100 } = checkedOptions(options, 'Perplexity');
    this.#ignoreIndex = ignoreIndex;
  }

  protected override accumulate(logits: Tensor, target: Tensor): void {
    checkedTensor(target, 'target');
    const logProbabilities = logSoftmax(scoresOf(logits, target, null, 'Perplexity').to('float64'), 1);
    const truth = target.flatten();
    const counted = this.#ignoreIndex === null ? truth.eq(truth) : truth.ne(this.#ignoreIndex);
    const ofTarget = logProbabilities.gather(1, truth.maskedFill(counted.logicalNot(), 0).unsqueeze(1)).squeeze(1);
    this.#sum.add(ofTarget.mul(counted).sum().neg());
    this.#counted.add(counted.sum());
  }

  protected override evaluate(): number {
    return Math.exp(Number(this.#sum.total.item()) / Number(this.#counted.total.item()));
  }

  protected override clear(): void {
    this.#sum.clear();
    this.#counted.clear();
  }
}
