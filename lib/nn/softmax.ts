import { expected } from '../tensor/expected';
import type { Tensor } from '../tensor/tensor';
import { checkDimensions } from './dimensions';
import { Elementwise } from './elementwise';
import { logSoftmax, softmax, softmin } from './functional';

export interface SoftmaxDimOptions {
  /** The dimension along which the output sums to one. PyTorch guesses one where none is given, and warns; here it is needed. */
  dim: number;
}

/** Softmax and its relatives: the shape stays, the values along a dimension are normalised. */
abstract class SoftmaxLayer extends Elementwise {
  readonly dim: number;

  constructor(options: SoftmaxDimOptions) {
    super();
    if (typeof options?.dim !== 'number') throw expected('a dimension such as { dim: 1 }', this.constructor.name, options);
    this.dim = options.dim;
  }

  protected override extraRepr(): string {
    return `dim=${this.dim}`;
  }
}

/**
 * `exp(x) / sum(exp(x))` along `dim`.
 *
 * @throws without a dimension
 */
export class Softmax extends SoftmaxLayer {
  override forward(input: Tensor): Tensor {
    return softmax(input, this.dim);
  }
}

/**
 * `softmax(-x)` along `dim`.
 *
 * @throws without a dimension
 */
export class Softmin extends SoftmaxLayer {
  override forward(input: Tensor): Tensor {
    return softmin(input, this.dim);
  }
}

/**
 * `log(softmax(x))` along `dim`, in a stable form.
 *
 * @throws without a dimension
 */
export class LogSoftmax extends SoftmaxLayer {
  override forward(input: Tensor): Tensor {
    return logSoftmax(input, this.dim);
  }
}

const IMAGES = { 3: '[C, H, W]', 4: '[N, C, H, W]' };

/**
 * Softmax over the channels of each pixel.
 *
 * Shapes: input and output [N, C, H, W] or [C, H, W].
 *
 * @throws in `forward` for other numbers of dimensions
 */
export class Softmax2d extends Elementwise {
  override forward(input: Tensor): Tensor {
    checkDimensions(input, IMAGES, 'Softmax2d');
    return softmax(input, -3);
  }
}
