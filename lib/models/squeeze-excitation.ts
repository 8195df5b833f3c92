import { AdaptiveAvgPool2d, Conv2d, Module, Sigmoid, SiLU } from '../nn';
import type { Tensor } from '../tensor/tensor';

/**
 * Scales each channel by what the means of all channels say: `x sigmoid(fc2(silu(fc1(mean(x)))))` (Hu et al., 2018), with the
 * activation that EfficientNet takes.
 *
 * Shapes: input and output [N, inputChannels, H, W].
 *
 * @throws for channels that are no positive whole numbers
 */
export class SqueezeExcitation extends Module {
  readonly avgpool: AdaptiveAvgPool2d;
  readonly fc1: Conv2d;
  readonly fc2: Conv2d;
  readonly activation: SiLU;
  readonly scaleActivation: Sigmoid;

  constructor(inputChannels: number, squeezeChannels: number) {
    super();
    this.avgpool = new AdaptiveAvgPool2d(1);
    this.fc1 = new Conv2d(inputChannels, squeezeChannels, 1);
    this.fc2 = new Conv2d(squeezeChannels, inputChannels, 1);
    this.activation = new SiLU({ inplace: true });
    this.scaleActivation = new Sigmoid();
  }

  override forward(input: Tensor): Tensor {
    const squeezed = this.activation.forward(this.fc1.forward(this.avgpool.forward(input)));
    return this.scaleActivation.forward(this.fc2.forward(squeezed)).mul(input);
  }
}
