import { Conv2d, Dropout, GELU, init, LayerNorm, Linear, Module, MultiheadAttention, Parameter, Tanh } from '../nn';
import { checkSize } from '../nn/sizes';
import { checkedOptions, checkedTensor } from '../tensor/checked';
import { expected } from '../tensor/expected';
import { cat, empty, zeros } from '../tensor/generated/root';
import type { Tensor } from '../tensor/tensor';
import { NamedChain } from './chain';
import { MLP } from './mlp';

export interface VisionTransformerOptions {
  /** Probability of dropout of embeddings, of each branch's output and within the linear maps. Default 0. */
  dropout?: number;
  /** Probability of dropout of attention weights. Default 0. */
  attentionDropout?: number;
  /** Default 1000, ImageNet's. */
  numClasses?: number;
  /** Features of a linear map with tanh before the classifier, as in pre-training; null for none. Default null. */
  representationSize?: number | null;
}

export interface ViTOptions extends VisionTransformerOptions {
  /** Side of the images, a multiple of 16. Default 224. */
  imageSize?: number;
}

interface BlockShape {
  readonly numHeads: number;
  readonly hiddenDim: number;
  readonly mlpDim: number;
  readonly dropout: number;
  readonly attentionDropout: number;
}

/** torchvision's, and not the layer's default of 1e-5. */
const EPS = 1e-6;

/** Two linear maps with GELU between them. */
class MLPBlock extends MLP {
  constructor(inDim: number, mlpDim: number, dropout: number) {
    super(inDim, [mlpDim, inDim], { activationLayer: GELU, dropout });
    for (const layer of this.layers) {
      if (!(layer instanceof Linear)) continue;
      init.xavierUniform_(layer.weight);
      if (layer.bias !== null) init.normal_(layer.bias, { std: 1e-6 });
    }
  }
}

/** Attention among all positions and a map of each, both with normalisation before and the input added behind. */
class EncoderBlock extends Module {
  readonly ln_1: LayerNorm;
  readonly selfAttention: MultiheadAttention;
  readonly dropout: Dropout;
  readonly ln_2: LayerNorm;
  readonly mlp: MLPBlock;

  constructor({ numHeads, hiddenDim, mlpDim, dropout, attentionDropout }: BlockShape) {
    super();
    this.ln_1 = new LayerNorm(hiddenDim, { eps: EPS });
    this.selfAttention = new MultiheadAttention(hiddenDim, numHeads, { dropout: attentionDropout, batchFirst: true });
    this.dropout = new Dropout({ p: dropout });
    this.ln_2 = new LayerNorm(hiddenDim, { eps: EPS });
    this.mlp = new MLPBlock(hiddenDim, mlpDim, dropout);
  }

  override forward(input: Tensor): Tensor {
    const normal = this.ln_1.forward(input);
    const [attended] = this.selfAttention.forward(normal, normal, normal, { needWeights: false });
    const middle = this.dropout.forward(attended).add(input);
    return this.mlp.forward(this.ln_2.forward(middle)).add(middle);
  }
}

/** Adds what is learned for each position, and applies the blocks. */
class Encoder extends Module {
  readonly posEmbedding: Parameter;
  readonly dropout: Dropout;
  readonly layers: NamedChain;
  readonly ln: LayerNorm;

  constructor(seqLength: number, numLayers: number, shape: BlockShape) {
    super();
    this.posEmbedding = new Parameter(empty([1, seqLength, shape.hiddenDim]).normal_(0, 0.02));
    this.dropout = new Dropout({ p: shape.dropout });
    this.layers = new NamedChain(
      Object.fromEntries(Array.from({ length: numLayers }, (_, k) => [`encoder_layer_${k}`, new EncoderBlock(shape)])),
    );
    this.ln = new LayerNorm(shape.hiddenDim, { eps: EPS });
  }

  override forward(input: Tensor): Tensor {
    return this.ln.forward(this.layers.forward(this.dropout.forward(input.add(this.posEmbedding))));
  }
}

/**
 * Vision Transformer: an image's patches, each mapped linearly, with a learned token before them and learned embeddings of the positions
 * added, go through blocks of attention; the token's output is classified (Dosovitskiy et al., 2020).
 *
 * ```ts
 * const small = new models.VisionTransformer(32, 4, 6, 3, 192, 768, { numClasses: 10 });
 * ```
 *
 * Shapes: input [N, 3, imageSize, imageSize], output [N, numClasses] before any softmax. State dict keys, and initial values under the
 * same seed, are torchvision's: the classifier starts from zero.
 *
 * @param imageSize side of the images, which `patchSize` divides
 * @param patchSize side of a patch
 * @param hiddenDim features of each position, which `numHeads` divides
 * @param mlpDim features between the two linear maps of a block
 * @throws for sizes that are no positive whole numbers or do not divide each other, and for probabilities outside [0, 1]; in `forward`
 * for images of other sizes
 */
export class VisionTransformer extends Module {
  readonly classToken: Parameter;
  readonly convProj: Conv2d;
  readonly encoder: Encoder;
  readonly heads: NamedChain;

  constructor(
    readonly imageSize: number,
    readonly patchSize: number,
    numLayers: number,
    numHeads: number,
    readonly hiddenDim: number,
    mlpDim: number,
    options?: VisionTransformerOptions,
  ) {
    super();
    const {
      dropout = 0,
      attentionDropout = 0,
      numClasses = 1000,
      representationSize = null,
    } = checkedOptions(options, 'VisionTransformer');
    for (const [name, size] of Object.entries({ imageSize, patchSize, numLayers, numHeads, hiddenDim, mlpDim, numClasses }))
      checkSize(size, name);
    if (representationSize !== null) checkSize(representationSize, 'representationSize');
    if (imageSize % patchSize !== 0) throw expected(`a number that patchSize = ${patchSize} divides`, 'imageSize', imageSize);
    this.convProj = new Conv2d(3, hiddenDim, patchSize, { stride: patchSize });
    this.classToken = new Parameter(zeros([1, 1, hiddenDim]));
    const shape = { numHeads, hiddenDim, mlpDim, dropout, attentionDropout };
    this.encoder = new Encoder((imageSize / patchSize) ** 2 + 1, numLayers, shape);
    const preLogits = representationSize === null ? null : new Linear(hiddenDim, representationSize);
    const head = new Linear(representationSize ?? hiddenDim, numClasses);
    this.heads = new NamedChain(preLogits === null ? { head } : { pre_logits: preLogits, act: new Tanh(), head });
    startSmall(this.convProj, 3 * patchSize ** 2);
    if (preLogits !== null) startSmall(preLogits, hiddenDim);
    for (const parameter of head.parameters()) init.zeros_(parameter);
  }

  /** What the classifier sees: [N, 3, imageSize, imageSize] to [N, hiddenDim]. */
  features(input: Tensor): Tensor {
    const side = this.imageSize;
    const [, channels, height, width, ...more] = checkedTensor(input, 'input').shape;
    if (channels !== 3 || height !== side || width !== side || more.length > 0)
      throw expected(`images [N, 3, ${side}, ${side}]`, 'VisionTransformer', input);
    const patches = this.convProj.forward(input).flatten(2).permute([0, 2, 1]);
    const tokens = cat([this.classToken.expand([input.size(0), -1, -1]), patches], 1);
    return this.encoder.forward(tokens).select(1, 0);
  }

  override forward(input: Tensor): Tensor {
    return this.heads.forward(this.features(input));
  }
}

/** Weights that keep the variance, drawn from a truncated normal distribution, and biases of zero. */
function startSmall({ weight, bias }: Linear | Conv2d, fanIn: number): void {
  init.truncNormal_(weight, { std: Math.sqrt(1 / fanIn) });
  if (bias !== null) init.zeros_(bias);
}

/**
 * ViT-B/16: 12 blocks with 12 heads and 768 features over patches of 16 x 16, 86.6 million parameters with 1000 classes (Dosovitskiy et
 * al., 2020).
 */
export function vitB16(options?: ViTOptions): VisionTransformer {
  const { imageSize = 224, ...rest } = checkedOptions(options, 'vitB16');
  return new VisionTransformer(imageSize, 16, 12, 12, 768, 3072, rest);
}
