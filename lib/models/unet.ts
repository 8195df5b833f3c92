import { BatchNorm2d, Conv2d, ConvTranspose2d, functional as F, MaxPool2d, Module, ReLU, Sequential, Upsample } from '../nn';
import { checkSize } from '../nn/sizes';
import { checkedOptions } from '../tensor/checked';
import { expected } from '../tensor/expected';
import { cat } from '../tensor/generated/root';
import type { Tensor } from '../tensor/tensor';
import { type Chain, chain } from './chain';

export interface UNetOptions {
  /** Enlarge by bilinear interpolation, which has no weights, instead of transposed convolutions. Default false. */
  bilinear?: boolean;
  /** Channels at full size; each halving of the sides doubles them. Even with `bilinear`. Default 64. */
  width?: number;
}

/** Two 3 x 3 convolutions that keep the size, each with batch normalisation and ReLU. */
class DoubleConv extends Module {
  readonly doubleConv: Chain;

  constructor(inChannels: number, outChannels: number, midChannels = outChannels) {
    super();
    this.doubleConv = chain([
      new Conv2d(inChannels, midChannels, 3, { padding: 1, bias: false }),
      new BatchNorm2d(midChannels),
      new ReLU({ inplace: true }),
      new Conv2d(midChannels, outChannels, 3, { padding: 1, bias: false }),
      new BatchNorm2d(outChannels),
      new ReLU({ inplace: true }),
    ]);
  }

  override forward(input: Tensor): Tensor {
    return this.doubleConv.forward(input);
  }
}

/** Half the sides, then a `DoubleConv`. */
class Down extends Module {
  readonly maxpoolConv: Sequential<readonly [MaxPool2d, DoubleConv]>;

  constructor(inChannels: number, outChannels: number) {
    super();
    this.maxpoolConv = new Sequential(new MaxPool2d(2), new DoubleConv(inChannels, outChannels));
  }

  override forward(input: Tensor): Tensor {
    return this.maxpoolConv.forward(input);
  }
}

/** Twice the sides, joined with what the way down had at that size, then a `DoubleConv`. */
class Up extends Module {
  readonly up: Upsample | ConvTranspose2d;
  readonly conv: DoubleConv;

  constructor(inChannels: number, outChannels: number, bilinear: boolean) {
    super();
    this.up = bilinear
      ? new Upsample({ scaleFactor: 2, mode: 'bilinear', alignCorners: true })
      : new ConvTranspose2d(inChannels, inChannels / 2, 2, { stride: 2 });
    this.conv = new DoubleConv(inChannels, outChannels, bilinear ? inChannels / 2 : outChannels);
  }

  override forward(deep: Tensor, skipped: Tensor): Tensor {
    const enlarged = this.up.forward(deep);
    return this.conv.forward(cat([skipped, framed(enlarged, skipped)], 1));
  }
}

/** Zeros around an image that lost odd rows or columns on the way down. */
function framed(image: Tensor, wanted: Tensor): Tensor {
  const rows = wanted.size(2) - image.size(2);
  const columns = wanted.size(3) - image.size(3);
  if (rows === 0 && columns === 0) return image;
  const [top, left] = [Math.floor(rows / 2), Math.floor(columns / 2)];
  return F.pad(image, [left, columns - left, top, rows - top]);
}

/** A 1 x 1 convolution to the classes. */
class OutConv extends Module {
  readonly conv: Conv2d;

  constructor(inChannels: number, outChannels: number) {
    super();
    this.conv = new Conv2d(inChannels, outChannels, 1);
  }

  override forward(input: Tensor): Tensor {
    return this.conv.forward(input);
  }
}

/**
 * U-Net: four halvings of an image and four doublings back, each joined with its counterpart of the same size, for one answer per pixel
 * (Ronneberger et al., 2015), with padded convolutions and batch normalisation. State dict keys are those of the usual PyTorch version:
 * `inc`, `down1` to `down4`, `up1` to `up4`, `outc`.
 *
 * Shapes: input [N, nChannels, H, W], output [N, nClasses, H, W] before any softmax; H and W from 16, best multiples of 16.
 *
 * @throws for numbers that are not positive whole ones, and for an odd width with `bilinear`
 */
export class UNet extends Module {
  readonly inc: DoubleConv;
  readonly down1: Down;
  readonly down2: Down;
  readonly down3: Down;
  readonly down4: Down;
  readonly up1: Up;
  readonly up2: Up;
  readonly up3: Up;
  readonly up4: Up;
  readonly outc: OutConv;

  constructor(nChannels: number, nClasses: number, options?: UNetOptions) {
    super();
    const { bilinear = false, width = 64 } = checkedOptions(options, 'UNet');
    checkSize(nChannels, 'nChannels');
    checkSize(nClasses, 'nClasses');
    checkSize(width, 'width');
    if (bilinear && width % 2 !== 0) throw expected('an even number', 'width', width);
    const factor = bilinear ? 2 : 1;
    this.inc = new DoubleConv(nChannels, width);
    this.down1 = new Down(width, 2 * width);
    this.down2 = new Down(2 * width, 4 * width);
    this.down3 = new Down(4 * width, 8 * width);
    this.down4 = new Down(8 * width, (16 * width) / factor);
    this.up1 = new Up(16 * width, (8 * width) / factor, bilinear);
    this.up2 = new Up(8 * width, (4 * width) / factor, bilinear);
    this.up3 = new Up(4 * width, (2 * width) / factor, bilinear);
    this.up4 = new Up(2 * width, width, bilinear);
    this.outc = new OutConv(width, nClasses);
  }

  override forward(input: Tensor): Tensor {
    const full = this.inc.forward(input);
    const half = this.down1.forward(full);
    const quarter = this.down2.forward(half);
    const eighth = this.down3.forward(quarter);
    const deepest = this.down4.forward(eighth);
    const up = this.up2.forward(this.up1.forward(deepest, eighth), quarter);
    return this.outc.forward(this.up4.forward(this.up3.forward(up, half), full));
  }
}
