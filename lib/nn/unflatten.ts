import { checkedTensor } from '../tensor/checked';
import type { Tensor } from '../tensor/tensor';
import { Elementwise } from './elementwise';
import { python } from './repr';
import { checkSizes } from './sizes';

/**
 * Splits one dimension into several: [N, 12] to [N, 3, 4] by `new Unflatten(1, [3, 4])`. One of the sizes may be -1: what is left.
 *
 * @throws for sizes that are no whole numbers, and in `forward` where their product is not the dimension's size
 */
export class Unflatten extends Elementwise {
  constructor(
    readonly dim: number,
    readonly unflattenedSize: readonly number[],
  ) {
    super();
    checkSizes(unflattenedSize, 'unflattenedSize', -1);
  }

  override forward(input: Tensor): Tensor {
    checkedTensor(input, 'input');
    return input.unflatten(this.dim, this.unflattenedSize);
  }

  protected override extraRepr(): string {
    return `dim=${this.dim}, unflattened_size=${python(this.unflattenedSize)}`;
  }
}
