import { checkedOptions } from '../tensor/checked';
import type { Tensor } from '../tensor/tensor';
import { type InplaceOptions, relu } from './functional';
import { Module } from './module';

/** `max(0, x)`, elementwise. */
export class ReLU extends Module {
  readonly inplace: boolean;

  constructor(options?: InplaceOptions) {
    super();
    const { inplace = false } = checkedOptions(options, 'ReLU');
    this.inplace = inplace;
  }

  override forward(input: Tensor): Tensor {
    return relu(input, { inplace: this.inplace });
  }

  protected override extraRepr(): string {
    return this.inplace ? 'inplace=True' : '';
  }
}
