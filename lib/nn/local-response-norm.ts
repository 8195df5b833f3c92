import { checkedOptions } from '../tensor/checked';
import type { Tensor } from '../tensor/tensor';
import { Elementwise } from './elementwise';
import { type LocalResponseNormOptions, localResponseNorm } from './functional';
import { float, python } from './repr';
import { checkSize } from './sizes';

/**
 * `x / (k + alpha mean(x'^2))^beta`, the mean over `size` neighbouring channels (Krizhevsky et al., 2012).
 *
 * Shapes: input and output [N, C, *].
 *
 * @throws for a size that is no positive whole number, and in `forward` for fewer than three dimensions
 */
export class LocalResponseNorm extends Elementwise {
  readonly alpha: number;
  readonly beta: number;
  readonly k: number;

  constructor(
    readonly size: number,
    options?: LocalResponseNormOptions,
  ) {
    super();
    const { alpha = 1e-4, beta = 0.75, k = 1 } = checkedOptions(options, 'LocalResponseNorm');
    checkSize(size, 'size');
    this.alpha = alpha;
    this.beta = beta;
    this.k = k;
  }

  override forward(input: Tensor): Tensor {
    return localResponseNorm(input, this.size, this);
  }

  protected override extraRepr(): string {
    return `${this.size}, alpha=${python(this.alpha)}, beta=${float(this.beta)}, k=${float(this.k)}`;
  }
}
