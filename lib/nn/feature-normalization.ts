import { checkPositive } from '../tensor/numbers';
import type { Tensor } from '../tensor/tensor';
import { normalize } from './functional';
import { Module } from './module';

/**
 * Gives features a fixed length: `scale x / |x|` along the last dimension, before a last layer without bias. A row of zeros stays one.
 *
 * Shapes: input [*, D], output [*, D].
 *
 * @throws for a scale that is not above 0
 *
 * Wang, Xiang, Cheng, Yuille: NormFace. ACM MM 2017, arXiv 1704.06369; Pereira, Joly, Valduriez, Porto, 2021, arXiv 2102.03243
 */
export class FeatureNormalization extends Module {
  constructor(
    /** The length, above 0. Default 10, of Pereira et al. */
    readonly scale = 10,
  ) {
    super();
    checkPositive(scale, 'scale');
  }

  override forward(input: Tensor): Tensor {
    return normalize(input, { dim: -1 }).mul(this.scale);
  }

  protected override extraRepr(): string {
    return `scale=${this.scale}`;
  }
}
