import { checkedOptions } from '../tensor/checked';
import { expected } from '../tensor/expected';
import type { Tensor } from '../tensor/tensor';
import { dropout, type InplaceOptions } from './functional';
import { Module } from './module';
import { python } from './repr';

export interface DropoutOptions extends InplaceOptions {
  /** Probability that an element is set to zero. Default 0.5. */
  p?: number;
}

/**
 * While training, sets elements to zero with probability p and multiplies the rest by 1 / (1 - p); the identity otherwise.
 *
 * @throws for p outside [0, 1]
 */
export class Dropout extends Module {
  readonly p: number;
  readonly inplace: boolean;

  constructor(options?: DropoutOptions) {
    super();
    const { p = 0.5, inplace = false } = checkedOptions(options, 'Dropout');
    if (!(p >= 0 && p <= 1)) throw expected('a probability in [0, 1]', 'p', p);
    this.p = p;
    this.inplace = inplace;
  }

  override forward(input: Tensor): Tensor {
    return dropout(input, { p: this.p, training: this.training, inplace: this.inplace });
  }

  protected override extraRepr(): string {
    return `p=${python(this.p)}, inplace=${python(this.inplace)}`;
  }
}
