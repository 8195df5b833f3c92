import { AdaptiveAvgPool2d, BatchNorm2d, Conv2d, Identity, init, Linear, MaxPool2d, Module, ReLU, Sequential } from '../nn';
import { checkSize } from '../nn/sizes';
import { checkedOptions } from '../tensor/checked';
import { expected } from '../tensor/expected';
import type { Tensor } from '../tensor/tensor';
import { type Chain, chain } from './chain';
import { initialiseConvolutions } from './initialise';

export interface ResNetOptions {
  /** Default 1000, ImageNet's. */
  numClasses?: number;
  /** For small images, such as CIFAR's of 32 x 32: begin with a 3 x 3 convolution of stride 1 and no pooling. Default false. */
  cifarStem?: boolean;
  /** Let each residual branch start from zero, so that blocks start as identities (Goyal et al., 2017). Default false. */
  zeroInitResidual?: boolean;
  /** Channels of the stem and the first stage; each further stage has twice as many. Default 64. */
  width?: number;
}

/** What makes a residual block of `expansion x planes` output channels. */
export type ResNetBlock = typeof BasicBlock | typeof Bottleneck;

type Shortcut = Sequential<readonly [Conv2d, BatchNorm2d]> | null;

function conv3x3(inChannels: number, outChannels: number, stride = 1): Conv2d {
  return new Conv2d(inChannels, outChannels, 3, { stride, padding: 1, bias: false });
}

function conv1x1(inChannels: number, outChannels: number, stride = 1): Conv2d {
  return new Conv2d(inChannels, outChannels, 1, { stride, bias: false });
}

/**
 * Two 3 x 3 convolutions beside a shortcut: `relu(bn2(conv2(relu(bn1(conv1(x))))) + shortcut(x))` (He et al., 2015).
 *
 * Shapes: input [N, inPlanes, H, W], output [N, planes, H / stride, W / stride].
 */
export class BasicBlock extends Module {
  static readonly expansion = 1;

  readonly conv1: Conv2d;
  readonly bn1: BatchNorm2d;
  readonly relu: ReLU;
  readonly conv2: Conv2d;
  readonly bn2: BatchNorm2d;
  /** Brings the input to the output's shape; null where it has it. */
  readonly downsample: Shortcut;

  constructor(inPlanes: number, planes: number, options?: { stride?: number; downsample?: Shortcut }) {
    super();
    const { stride = 1, downsample = null } = checkedOptions(options, 'BasicBlock');
    this.conv1 = conv3x3(inPlanes, planes, stride);
    this.bn1 = new BatchNorm2d(planes);
    this.relu = new ReLU({ inplace: true });
    this.conv2 = conv3x3(planes, planes);
    this.bn2 = new BatchNorm2d(planes);
    this.downsample = downsample;
  }

  /** The last normalisation of the residual branch. */
  get lastNorm(): BatchNorm2d {
    return this.bn2;
  }

  override forward(input: Tensor): Tensor {
    const inner = this.relu.forward(this.bn1.forward(this.conv1.forward(input)));
    const branch = this.bn2.forward(this.conv2.forward(inner));
    return this.relu.forward(branch.add_(this.downsample?.forward(input) ?? input));
  }
}

/**
 * A 3 x 3 convolution between two of 1 x 1, the last to four times the channels, beside a shortcut (He et al., 2015). The stride is
 * that of the 3 x 3 convolution, as in torchvision ("ResNet v1.5").
 *
 * Shapes: input [N, inPlanes, H, W], output [N, 4 planes, H / stride, W / stride].
 */
export class Bottleneck extends Module {
  static readonly expansion = 4;

  readonly conv1: Conv2d;
  readonly bn1: BatchNorm2d;
  readonly conv2: Conv2d;
  readonly bn2: BatchNorm2d;
  readonly conv3: Conv2d;
  readonly bn3: BatchNorm2d;
  readonly relu: ReLU;
  /** Brings the input to the output's shape; null where it has it. */
  readonly downsample: Shortcut;

  constructor(inPlanes: number, planes: number, options?: { stride?: number; downsample?: Shortcut }) {
    super();
    const { stride = 1, downsample = null } = checkedOptions(options, 'Bottleneck');
    this.conv1 = conv1x1(inPlanes, planes);
    this.bn1 = new BatchNorm2d(planes);
    this.conv2 = conv3x3(planes, planes, stride);
    this.bn2 = new BatchNorm2d(planes);
    this.conv3 = conv1x1(planes, planes * Bottleneck.expansion);
    this.bn3 = new BatchNorm2d(planes * Bottleneck.expansion);
    this.relu = new ReLU({ inplace: true });
    this.downsample = downsample;
  }

  /** The last normalisation of the residual branch. */
  get lastNorm(): BatchNorm2d {
    return this.bn3;
  }

  override forward(input: Tensor): Tensor {
    const narrow = this.relu.forward(this.bn1.forward(this.conv1.forward(input)));
    const inner = this.relu.forward(this.bn2.forward(this.conv2.forward(narrow)));
    const branch = this.bn3.forward(this.conv3.forward(inner));
    return this.relu.forward(branch.add_(this.downsample?.forward(input) ?? input));
  }
}

/**
 * A residual network: a stem, four stages of blocks of which each but the first halves the sides and doubles the channels, the mean
 * over the image, and a linear classifier (He et al., 2015).
 *
 * Shapes: input [N, 3, H, W], output [N, numClasses] before any softmax. The stem makes the sides a quarter, with `cifarStem` it keeps
 * them. State dict keys, and initial values under the same seed, are torchvision's.
 *
 * @param layers how many blocks each of the four stages has
 * @throws for other than four positive whole numbers, and for sizes that are no positive whole numbers
 */
export class ResNet extends Module {
  readonly conv1: Conv2d;
  readonly bn1: BatchNorm2d;
  readonly relu: ReLU;
  readonly maxpool: MaxPool2d | Identity;
  readonly layer1: Chain;
  readonly layer2: Chain;
  readonly layer3: Chain;
  readonly layer4: Chain;
  readonly avgpool: AdaptiveAvgPool2d;
  readonly fc: Linear;

  constructor(block: ResNetBlock, layers: readonly number[], options?: ResNetOptions) {
    super();
    const { numClasses = 1000, cifarStem = false, zeroInitResidual = false, width = 64 } = checkedOptions(options, 'ResNet');
    checkSize(numClasses, 'numClasses');
    checkSize(width, 'width');
    const [first, second, third, fourth, ...more] = layers;
    if (first === undefined || second === undefined || third === undefined || fourth === undefined || more.length > 0)
      throw expected('the numbers of blocks of four stages', 'layers', layers);
    this.conv1 = cifarStem ? conv3x3(3, width) : new Conv2d(3, width, 7, { stride: 2, padding: 3, bias: false });
    this.bn1 = new BatchNorm2d(width);
    this.relu = new ReLU({ inplace: true });
    this.maxpool = cifarStem ? new Identity() : new MaxPool2d(3, { stride: 2, padding: 1 });
    this.layer1 = stage(block, width, width, first, 1);
    this.layer2 = stage(block, width * block.expansion, width * 2, second, 2);
    this.layer3 = stage(block, width * 2 * block.expansion, width * 4, third, 2);
    this.layer4 = stage(block, width * 4 * block.expansion, width * 8, fourth, 2);
    this.avgpool = new AdaptiveAvgPool2d([1, 1]);
    this.fc = new Linear(width * 8 * block.expansion, numClasses);
    initialiseConvolutions(this);
    if (zeroInitResidual) startAsIdentities(this);
  }

  /** What the classifier sees: [N, 3, H, W] to [N, features]. */
  features(input: Tensor): Tensor {
    const stem = this.maxpool.forward(this.relu.forward(this.bn1.forward(this.conv1.forward(input))));
    const deep = [this.layer1, this.layer2, this.layer3, this.layer4].reduce((x, layer) => layer.forward(x), stem);
    return this.avgpool.forward(deep).flatten(1);
  }

  override forward(input: Tensor): Tensor {
    return this.fc.forward(this.features(input));
  }
}

/** Blocks of which the first has the stride, and a shortcut that fits where the shape changes. */
function stage(block: ResNetBlock, inPlanes: number, planes: number, blocks: number, stride: number): Chain {
  checkSize(blocks, 'layers');
  const outPlanes = planes * block.expansion;
  // Before the block's own convolutions, because PyTorch draws so.
  const downsample =
    stride === 1 && inPlanes === outPlanes ? null : new Sequential(conv1x1(inPlanes, outPlanes, stride), new BatchNorm2d(outPlanes));
  const first = new block(inPlanes, planes, { stride, downsample });
  return chain([first, ...Array.from({ length: blocks - 1 }, () => new block(outPlanes, planes))]);
}

function startAsIdentities(network: ResNet): void {
  for (const module of network.modules())
    if ((module instanceof BasicBlock || module instanceof Bottleneck) && module.lastNorm.weight !== null)
      init.zeros_(module.lastNorm.weight);
}

/** ResNet-18: 18 layers with weights, 11.7 million parameters with 1000 classes (He et al., 2015). */
export function resnet18(options?: ResNetOptions): ResNet {
  return new ResNet(BasicBlock, [2, 2, 2, 2], checkedOptions(options, 'resnet18'));
}

/** ResNet-34: 34 layers with weights, 21.8 million parameters with 1000 classes (He et al., 2015). */
export function resnet34(options?: ResNetOptions): ResNet {
  return new ResNet(BasicBlock, [3, 4, 6, 3], checkedOptions(options, 'resnet34'));
}

/** ResNet-50: 50 layers with weights, 25.6 million parameters with 1000 classes (He et al., 2015). */
export function resnet50(options?: ResNetOptions): ResNet {
  return new ResNet(Bottleneck, [3, 4, 6, 3], checkedOptions(options, 'resnet50'));
}
