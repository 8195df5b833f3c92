import { BatchNorm2d, Conv2d, Dropout, functional as F, init, Linear, Module, ReLU6, Sequential } from '../nn';
import { checkedOptions } from '../tensor/checked';
import { expected } from '../tensor/expected';
import type { Tensor } from '../tensor/tensor';
import { type Chain, chain } from './chain';
import { Conv2dNormActivation } from './conv2d-norm-activation';
import { divisibleByEight } from './divisible';
import { initialiseConvolutions } from './initialise';

export interface MobileNetV2Options {
  /** Default 1000, ImageNet's. */
  numClasses?: number;
  /** All numbers of channels times this, rounded to multiples of 8. Default 1. */
  widthMult?: number;
  /** Probability of dropout before the classifier. Default 0.2. */
  dropout?: number;
}

/** Expansion, channels, blocks and first stride of each stage: table 2 of the paper. */
const STAGES = [
  [1, 16, 1, 1],
  [6, 24, 2, 2],
  [6, 32, 3, 2],
  [6, 64, 4, 2],
  [6, 96, 3, 1],
  [6, 160, 3, 2],
  [6, 320, 1, 1],
] as const;

/** Wider by a 1 x 1 convolution, filtered channel by channel, narrower by another, beside a shortcut where shapes agree. */
class InvertedResidual extends Module {
  readonly conv: Chain;
  readonly #residual: boolean;

  constructor(inChannels: number, outChannels: number, stride: number, expandRatio: number) {
    super();
    const wide = Math.round(inChannels * expandRatio);
    const activationLayer = ReLU6;
    this.#residual = stride === 1 && inChannels === outChannels;
    this.conv = chain([
      ...(expandRatio === 1 ? [] : [new Conv2dNormActivation(inChannels, wide, { kernelSize: 1, activationLayer })]),
      new Conv2dNormActivation(wide, wide, { stride, groups: wide, activationLayer }),
      new Conv2d(wide, outChannels, 1, { bias: false }),
      new BatchNorm2d(outChannels),
    ]);
  }

  override forward(input: Tensor): Tensor {
    const branch = this.conv.forward(input);
    return this.#residual ? branch.add_(input) : branch;
  }
}

/**
 * MobileNetV2: convolutions per channel between narrow layers, for devices with little to compute with (Sandler et al., 2018).
 *
 * Shapes: input [N, 3, H, W], output [N, numClasses] before any softmax; the features are H / 32 x W / 32. State dict keys, and initial
 * values under the same seed, are torchvision's.
 *
 * @throws for a width that is not positive, classes that are no positive whole number, and a probability outside [0, 1]
 */
export class MobileNetV2 extends Module {
  readonly features: Chain;
  readonly classifier: Sequential<readonly [Dropout, Linear]>;

  constructor(options?: MobileNetV2Options) {
    super();
    const { numClasses = 1000, widthMult = 1, dropout = 0.2 } = checkedOptions(options, 'MobileNetV2');
    if (typeof widthMult !== 'number' || !(widthMult > 0 && widthMult < Infinity))
      throw expected('a positive number', 'widthMult', widthMult);
    const lastChannels = divisibleByEight(1280 * Math.max(1, widthMult));
    let channels = divisibleByEight(32 * widthMult);
    const stem = new Conv2dNormActivation(3, channels, { stride: 2, activationLayer: ReLU6 });
    const blocks = STAGES.flatMap(([expandRatio, width, count, firstStride]) =>
      Array.from({ length: count }, (_, k) => {
        const inChannels = channels;
        channels = divisibleByEight(width * widthMult);
        return new InvertedResidual(inChannels, channels, k === 0 ? firstStride : 1, expandRatio);
      }),
    );
    const head = new Conv2dNormActivation(channels, lastChannels, { kernelSize: 1, activationLayer: ReLU6 });
    this.features = chain([stem, ...blocks, head]);
    const linear = new Linear(lastChannels, numClasses);
    this.classifier = new Sequential(new Dropout({ p: dropout }), linear);
    initialiseConvolutions(this);
    init.normal_(linear.weight, { std: 0.01 });
    if (linear.bias !== null) init.zeros_(linear.bias);
  }

  override forward(input: Tensor): Tensor {
    return this.classifier.forward(F.adaptiveAvgPool2d(this.features.forward(input), [1, 1]).flatten(1));
  }
}

/** MobileNetV2: 3.5 million parameters with 1000 classes and width 1 (Sandler et al., 2018). */
export function mobilenetV2(options?: MobileNetV2Options): MobileNetV2 {
  return new MobileNetV2(checkedOptions(options, 'mobilenetV2'));
}
