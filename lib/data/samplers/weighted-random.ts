import { checkedOptions } from '../../tensor/checked';
import { tensor } from '../../tensor/creation';
import { expected } from '../../tensor/expected';
import { multinomial } from '../../tensor/generated/root';
import { Tensor } from '../../tensor/tensor';
import type { Randomness } from '../randomness';
import { DrawnSampler } from './drawn';
import { positive } from './sized';

export interface WeightedRandomSamplerOptions extends Randomness {
  /** Draw each position independently. Default true. */
  replacement?: boolean;
}

/**
 * Draws position i with probability weights[i] / sum(weights); the weights need not sum to 1. Under a given seed the positions are
 * PyTorch's.
 *
 * @param weights from 0, not all 0; kept as float64
 * @param numSamples positions in a pass
 * @throws without `replacement`, when there are fewer weights above 0 than `numSamples`
 */
export class WeightedRandomSampler extends DrawnSampler {
  readonly weights: Tensor;
  readonly length: number;
  readonly replacement: boolean;

  constructor(weights: Tensor | readonly number[], numSamples: number, options?: WeightedRandomSamplerOptions) {
    const given = checkedOptions(options, 'WeightedRandomSampler');
    super(given, 'global');
    const { replacement = true } = given;
    if (!(weights instanceof Tensor) && !Array.isArray(weights))
      throw expected('a tensor or an array of numbers', 'WeightedRandomSampler', weights);
    this.weights = (weights instanceof Tensor ? weights.detach().to('float64') : tensor([...weights], { dtype: 'float64' })).keep();
    if (this.weights.dim() !== 1) throw expected('weights of one dimension', 'WeightedRandomSampler', weights);
    const useful = this.weights.isfinite().logicalAnd(this.weights.ge(0)).all().item();
    const positiveWeights = Number(this.weights.gt(0).sum().item());
    if (!useful || positiveWeights === 0) throw expected('finite weights from 0, not all 0,', 'WeightedRandomSampler', weights);
    this.length = positive(numSamples, 'numSamples');
    this.replacement = replacement;
    if (!replacement && positiveWeights < numSamples) {
      throw expected(`at most ${positiveWeights}, the number of weights above 0,`, 'numSamples without replacement', numSamples);
    }
  }

  override *chunks(): IterableIterator<Tensor> {
    yield multinomial(this.weights, this.length, { replacement: this.replacement, generator: this.begin() }).keep();
  }
}
