import { Module } from '../nn';
import { float } from '../nn/repr';
import { checkedTensor } from '../tensor/checked';
import { expected } from '../tensor/expected';
import { empty } from '../tensor/generated/root';
import { checkProbability } from '../tensor/numbers';
import type { Tensor } from '../tensor/tensor';

/**
 * While training, sets the whole input, or whole samples of it, to zero with probability p and multiplies the rest by 1 / (1 - p); the
 * identity otherwise. On a residual branch it leaves the branch out (Huang et al., 2016). `torchvision.ops.StochasticDepth`.
 *
 * Shapes: input and output [N, *].
 *
 * @param p the probability that a branch is dropped
 * @param mode `'row'` decides for each sample, `'batch'` for all together
 * @throws for p outside [0, 1], and for another mode
 */
export class StochasticDepth extends Module {
  constructor(
    readonly p: number,
    readonly mode: 'batch' | 'row',
  ) {
    super();
    checkProbability(p, 'p');
    if (mode !== 'batch' && mode !== 'row') throw expected("'batch' or 'row'", 'mode', mode);
  }

  override forward(input: Tensor): Tensor {
    checkedTensor(input, 'input');
    if (!this.training || this.p === 0) return input;
    const survival = 1 - this.p;
    const shape = input.shape.map((size, dim) => (dim === 0 && this.mode === 'row' ? size : 1));
    const kept = empty(shape, { dtype: input.dtype, device: input.device }).bernoulli_(survival);
    return input.mul(survival > 0 ? kept.div_(survival) : kept);
  }

  protected override extraRepr(): string {
    return `p=${float(this.p)}, mode=${this.mode}`;
  }
}
