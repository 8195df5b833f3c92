import { AdaptiveAvgPool2d, Dropout, init, Linear, Module, Sequential, SiLU } from '../nn';
import { checkedOptions } from '../tensor/checked';
import type { Tensor } from '../tensor/tensor';
import { type Chain, chain } from './chain';
import { Conv2dNormActivation } from './conv2d-norm-activation';
import { divisibleByEight } from './divisible';
import { initialiseConvolutions } from './initialise';
import { SqueezeExcitation } from './squeeze-excitation';
import { StochasticDepth } from './stochastic-depth';

export interface EfficientNetOptions {
  /** Default 1000, ImageNet's. */
  numClasses?: number;
  /** Probability of dropout before the classifier. Default 0.2. */
  dropout?: number;
  /** Probability that the last residual branch is left out while training; it grows linearly from 0 at the first. Default 0.2. */
  stochasticDepthProb?: number;
}

/** Expansion, kernel, first stride, channels and blocks of each stage: table 1 of the paper. */
const STAGES = [
  [1, 3, 1, 16, 1],
  [6, 3, 2, 24, 2],
  [6, 5, 2, 40, 2],
  [6, 3, 2, 80, 3],
  [6, 5, 1, 112, 3],
  [6, 5, 2, 192, 4],
  [6, 3, 1, 320, 1],
] as const;

interface MBConvShape {
  readonly inChannels: number;
  readonly outChannels: number;
  readonly kernelSize: number;
  readonly stride: number;
  readonly expandRatio: number;
}

/** MobileNetV2's block with squeeze-and-excitation, whose branch may be left out while training. */
class MBConv extends Module {
  readonly block: Chain;
  readonly stochasticDepth: StochasticDepth;
  readonly #residual: boolean;

  constructor({ inChannels, outChannels, kernelSize, stride, expandRatio }: MBConvShape, dropProbability: number) {
    super();
    const wide = divisibleByEight(inChannels * expandRatio);
    const activationLayer = SiLU;
    this.#residual = stride === 1 && inChannels === outChannels;
    this.block = chain([
      ...(wide === inChannels ? [] : [new Conv2dNormActivation(inChannels, wide, { kernelSize: 1, activationLayer })]),
      new Conv2dNormActivation(wide, wide, { kernelSize, stride, groups: wide, activationLayer }),
      new SqueezeExcitation(wide, Math.max(1, Math.floor(inChannels / 4))),
      new Conv2dNormActivation(wide, outChannels, { kernelSize: 1, activationLayer: null }),
    ]);
    this.stochasticDepth = new StochasticDepth(dropProbability, 'row');
  }

  override forward(input: Tensor): Tensor {
    const branch = this.block.forward(input);
    return this.#residual ? this.stochasticDepth.forward(branch).add_(input) : branch;
  }
}

/**
 * EfficientNet-B0: MobileNetV2's blocks with squeeze-and-excitation, in the sizes that a search found (Tan and Le, 2019).
 *
 * Shapes: input [N, 3, H, W], output [N, numClasses] before any softmax; the features are H / 32 x W / 32. State dict keys, and initial
 * values under the same seed, are torchvision's.
 *
 * @throws for classes that are no positive whole number, and for probabilities outside [0, 1]
 */
export class EfficientNet extends Module {
  readonly features: Chain;
  readonly avgpool: AdaptiveAvgPool2d;
  readonly classifier: Sequential<readonly [Dropout, Linear]>;

  constructor(options?: EfficientNetOptions) {
    super();
    const { numClasses = 1000, dropout = 0.2, stochasticDepthProb = 0.2 } = checkedOptions(options, 'EfficientNet');
    const total = STAGES.reduce((sum, [, , , , count]) => sum + count, 0);
    let channels = 32;
    let position = 0;
    const stem = new Conv2dNormActivation(3, channels, { stride: 2, activationLayer: SiLU });
    const stages = STAGES.map(([expandRatio, kernelSize, firstStride, outChannels, count]) =>
      chain(
        Array.from({ length: count }, (_, k) => {
          const shape = { inChannels: channels, outChannels, kernelSize, stride: k === 0 ? firstStride : 1, expandRatio };
          channels = outChannels;
          return new MBConv(shape, (stochasticDepthProb * position++) / total);
        }),
      ),
    );
    const head = new Conv2dNormActivation(channels, 4 * channels, { kernelSize: 1, activationLayer: SiLU });
    this.features = chain([stem, ...stages, head]);
    this.avgpool = new AdaptiveAvgPool2d(1);
    const linear = new Linear(4 * channels, numClasses);
    this.classifier = new Sequential(new Dropout({ p: dropout, inplace: true }), linear);
    initialiseConvolutions(this);
    const bound = 1 / Math.sqrt(numClasses);
    init.uniform_(linear.weight, { a: -bound, b: bound });
    if (linear.bias !== null) init.zeros_(linear.bias);
  }

  override forward(input: Tensor): Tensor {
    return this.classifier.forward(this.avgpool.forward(this.features.forward(input)).flatten(1));
  }
}

/** EfficientNet-B0: 5.3 million parameters with 1000 classes (Tan and Le, 2019). */
export function efficientnetB0(options?: EfficientNetOptions): EfficientNet {
  return new EfficientNet(checkedOptions(options, 'efficientnetB0'));
}
