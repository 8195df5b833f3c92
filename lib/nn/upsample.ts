import { checkedOptions } from '../tensor/checked';
import { expected } from '../tensor/expected';
import type { Tensor } from '../tensor/tensor';
import { Elementwise } from './elementwise';
import { type InterpolationMode, interpolate } from './functional';
import { float, python } from './repr';

export interface UpsampleSizeOptions {
  /** Spatial size of the output, one number for all dimensions or one each. Either this or `scaleFactor` is needed. */
  size?: number | readonly number[] | null;
  /** Spatial size of the output as a multiple of the input's. */
  scaleFactor?: number | readonly number[] | null;
}

export interface UpsampleOptions extends UpsampleSizeOptions {
  /** As for `interpolate`. Default `'nearest'`. */
  mode?: InterpolationMode;
  /** Let the corner pixels' centres, not the images' corners, coincide; for the linear and cubic modes. Default false. */
  alignCorners?: boolean | null;
  /** Compute the scale anew from the output's size, which was rounded down. Default false. */
  recomputeScaleFactor?: boolean | null;
}

/**
 * A sequence, image or volume in another size.
 *
 * Shapes: input [N, C, L], [N, C, H, W] or [N, C, D, H, W], output [N, C, ...size].
 *
 * @throws unless exactly one of `size` and `scaleFactor` is given, and in `forward` for a mode that does not fit the input
 */
export class Upsample extends Elementwise {
  readonly size: number | readonly number[] | null;
  readonly scaleFactor: number | readonly number[] | null;
  readonly mode: InterpolationMode;
  readonly alignCorners: boolean | null;
  readonly recomputeScaleFactor: boolean | null;

  constructor(options: UpsampleOptions) {
    super();
    const {
      size = null,
      scaleFactor = null,
      mode = 'nearest',
      alignCorners = null,
      recomputeScaleFactor = null,
    } = checkedOptions(options, this.constructor.name);
    if ((size === null) === (scaleFactor === null)) throw expected('a size or a scaleFactor', this.constructor.name, options);
    this.size = size;
    this.scaleFactor = scaleFactor;
    this.mode = mode;
    this.alignCorners = alignCorners;
    this.recomputeScaleFactor = recomputeScaleFactor;
  }

  override forward(input: Tensor): Tensor {
    return interpolate(input, this);
  }

  protected override extraRepr(): string {
    const target = this.scaleFactor === null ? `size=${python(this.size)}` : `scale_factor=${float(this.scaleFactor)}`;
    return `${target}, mode='${this.mode}'`;
  }
}

/**
 * An image in another size, each pixel that of the nearest position.
 *
 * Shapes: input [N, C, H, W], output [N, C, H', W'].
 *
 * @throws unless exactly one of `size` and `scaleFactor` is given
 */
export class UpsamplingNearest2d extends Upsample {
  constructor(options: UpsampleSizeOptions) {
    super({ ...options, mode: 'nearest' });
  }
}

/**
 * An image in another size, each pixel mixed from its four neighbours, with the corner pixels' centres aligned.
 *
 * Shapes: input [N, C, H, W], output [N, C, H', W'].
 *
 * @throws unless exactly one of `size` and `scaleFactor` is given
 */
export class UpsamplingBilinear2d extends Upsample {
  constructor(options: UpsampleSizeOptions) {
    super({ ...options, mode: 'bilinear', alignCorners: true });
  }
}
