import { BatchNorm2d, Conv2d, Sequential } from '../nn';
import { atLeastOne, type TensorModule } from './chain';

export interface Conv2dNormActivationOptions {
  /** Side of the kernel, odd. Default 3. */
  kernelSize?: number;
  /** Default 1. */
  stride?: number;
  /** Default 1. */
  groups?: number;
  /** The class of the activation, which works in place; null for none. */
  activationLayer: (new (options: { inplace: boolean }) => TensorModule) | null;
}

/**
 * A convolution without bias that keeps the size but for its stride, batch normalisation, and an activation:
 * torchvision's block of that name.
 *
 * Shapes: input [N, inChannels, H, W], output [N, outChannels, ceil(H / stride), ceil(W / stride)].
 *
 * @throws for sizes that are no positive whole numbers, and for channels that `groups` does not divide
 */
export class Conv2dNormActivation extends Sequential<readonly [TensorModule, ...TensorModule[]]> {
  constructor(
    inChannels: number,
    outChannels: number,
    { kernelSize = 3, stride = 1, groups = 1, activationLayer }: Conv2dNormActivationOptions,
  ) {
    const padding = Math.floor((kernelSize - 1) / 2);
    super(
      ...atLeastOne([
        new Conv2d(inChannels, outChannels, kernelSize, { stride, padding, groups, bias: false }),
        new BatchNorm2d(outChannels),
        ...(activationLayer === null ? [] : [new activationLayer({ inplace: true })]),
      ]),
    );
  }
}
