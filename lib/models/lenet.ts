import { Conv2d, functional as F, Linear, Module } from '../nn';
import { checkSize } from '../nn/sizes';
import { checkedOptions } from '../tensor/checked';
import { expected } from '../tensor/expected';
import type { Tensor } from '../tensor/tensor';

export interface LeNetOptions {
  /** Default 10. */
  numClasses?: number;
  /** Channels of the images. Default 1. */
  inChannels?: number;
  /** Side of the images; those of 28 are framed by two pixels of zero. Default 28, MNIST's. */
  imageSize?: 28 | 32;
}

/**
 * LeNet-5 (LeCun et al., 1998) as it is built today: two convolutions of 5 x 5, each with ReLU and a maximum over 2 x 2, and three
 * linear layers, 400 to 120 to 84 to the classes. The network and state dict keys of PyTorch's introduction to networks.
 *
 * Shapes: input [N, inChannels, imageSize, imageSize], output [N, numClasses] before any softmax.
 *
 * @throws for another image size, and for numbers that are not positive whole ones
 */
export class LeNet extends Module {
  readonly conv1: Conv2d;
  readonly conv2: Conv2d;
  readonly fc1: Linear;
  readonly fc2: Linear;
  readonly fc3: Linear;

  constructor(options?: LeNetOptions) {
    super();
    const { numClasses = 10, inChannels = 1, imageSize = 28 } = checkedOptions(options, 'LeNet');
    checkSize(numClasses, 'numClasses');
    if (imageSize !== 28 && imageSize !== 32) throw expected('28 or 32', 'imageSize', imageSize);
    this.conv1 = new Conv2d(inChannels, 6, 5, { padding: (32 - imageSize) / 2 });
    this.conv2 = new Conv2d(6, 16, 5);
    this.fc1 = new Linear(400, 120);
    this.fc2 = new Linear(120, 84);
    this.fc3 = new Linear(84, numClasses);
  }

  override forward(input: Tensor): Tensor {
    const low = F.maxPool2d(this.conv1.forward(input).relu(), 2);
    const high = F.maxPool2d(this.conv2.forward(low).relu(), 2);
    const wide = this.fc1.forward(high.flatten(1)).relu();
    return this.fc3.forward(this.fc2.forward(wide).relu());
  }
}
