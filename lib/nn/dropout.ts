import { checkedOptions } from '../tensor/checked';
import { checkProbability } from '../tensor/numbers';
import type { Tensor } from '../tensor/tensor';
import { Elementwise } from './elementwise';
import { alphaDropout, dropout, dropout1d, dropout2d, dropout3d, featureAlphaDropout, type InplaceOptions } from './functional';
import { float, python } from './repr';

export interface DropoutOptions extends InplaceOptions {
  /** Probability that an element, or a channel, is dropped. Default 0.5. */
  p?: number;
}

/** Layers that drop a share of their input while training. */
abstract class DropoutLayer extends Elementwise {
  readonly p: number;
  readonly inplace: boolean;

  constructor(options?: DropoutOptions) {
    super();
    const { p = 0.5, inplace = false } = checkedOptions(options, this.constructor.name);
    checkProbability(p, 'p');
    this.p = p;
    this.inplace = inplace;
  }

  protected override extraRepr(): string {
    return `p=${float(this.p)}, inplace=${python(this.inplace)}`;
  }
}

/**
 * While training, sets elements to zero with probability p and multiplies the rest by 1 / (1 - p); the identity otherwise
 * (Hinton et al., 2012).
 *
 * @throws for p outside [0, 1]
 */
export class Dropout extends DropoutLayer {
  override forward(input: Tensor): Tensor {
    return dropout(input, this);
  }
}

/**
 * While training, sets whole channels of sequences to zero with probability p and multiplies the rest by 1 / (1 - p)
 * (Tompson et al., 2015).
 *
 * Shapes: input and output [N, C, L] or [C, L].
 *
 * @throws for p outside [0, 1], and in `forward` for other numbers of dimensions
 */
export class Dropout1d extends DropoutLayer {
  override forward(input: Tensor): Tensor {
    return dropout1d(input, this);
  }
}

/**
 * While training, sets whole channels of images to zero with probability p and multiplies the rest by 1 / (1 - p)
 * (Tompson et al., 2015).
 *
 * Shapes: input and output [N, C, H, W].
 *
 * @throws for p outside [0, 1]
 */
export class Dropout2d extends DropoutLayer {
  override forward(input: Tensor): Tensor {
    return dropout2d(input, this);
  }
}

/**
 * While training, sets whole channels of volumes to zero with probability p and multiplies the rest by 1 / (1 - p)
 * (Tompson et al., 2015).
 *
 * Shapes: input and output [N, C, D, H, W] or [C, D, H, W].
 *
 * @throws for p outside [0, 1]
 */
export class Dropout3d extends DropoutLayer {
  override forward(input: Tensor): Tensor {
    return dropout3d(input, this);
  }
}

/**
 * While training, sets elements to SELU's limit `-scale alpha` with probability p, then scales and shifts so that mean and variance of
 * a standard normal input stay (Klambauer et al., 2017).
 *
 * @throws for p outside [0, 1]
 */
export class AlphaDropout extends DropoutLayer {
  override forward(input: Tensor): Tensor {
    return alphaDropout(input, this);
  }
}

/**
 * `AlphaDropout` for whole channels.
 *
 * Shapes: input and output [N, C, *].
 *
 * @throws for p outside [0, 1]
 */
export class FeatureAlphaDropout extends DropoutLayer {
  override forward(input: Tensor): Tensor {
    return featureAlphaDropout(input, this);
  }
}
