import type { Tensor } from '../tensor/tensor';
import { Elementwise } from './elementwise';
import { channelShuffle, pixelShuffle, pixelUnshuffle } from './functional';
import { checkSize } from './sizes';

/**
 * Turns channels into pixels (Shi et al., 2016).
 *
 * Shapes: input [*, C r^2, H, W], output [*, C, H r, W r].
 *
 * @throws for a factor that is no positive whole number, and in `forward` for channels that its square does not divide
 */
export class PixelShuffle extends Elementwise {
  constructor(readonly upscaleFactor: number) {
    super();
    checkSize(upscaleFactor, 'upscaleFactor');
  }

  override forward(input: Tensor): Tensor {
    return pixelShuffle(input, this.upscaleFactor);
  }

  protected override extraRepr(): string {
    return `upscale_factor=${this.upscaleFactor}`;
  }
}

/**
 * Turns pixels into channels: the way back from `PixelShuffle`.
 *
 * Shapes: input [*, C, H r, W r], output [*, C r^2, H, W].
 *
 * @throws for a factor that is no positive whole number, and in `forward` for sizes that it does not divide
 */
export class PixelUnshuffle extends Elementwise {
  constructor(readonly downscaleFactor: number) {
    super();
    checkSize(downscaleFactor, 'downscaleFactor');
  }

  override forward(input: Tensor): Tensor {
    return pixelUnshuffle(input, this.downscaleFactor);
  }

  protected override extraRepr(): string {
    return `downscale_factor=${this.downscaleFactor}`;
  }
}

/**
 * Deals the channels out over groups, so that a grouped convolution that follows sees all of them (Zhang et al., 2018).
 *
 * Shapes: input and output [N, C, *].
 *
 * @throws for a number of groups that is no positive whole number, and in `forward` for channels that it does not divide
 */
export class ChannelShuffle extends Elementwise {
  constructor(readonly groups: number) {
    super();
    checkSize(groups, 'groups');
  }

  override forward(input: Tensor): Tensor {
    return channelShuffle(input, this.groups);
  }

  protected override extraRepr(): string {
    return `groups=${this.groups}`;
  }
}
