/** Losses of metric learning that own what they compare with: a direction or a proxy for each class. */

import { noGrad } from '../autograd/modes';
import { checkedOptions } from '../tensor/checked';
import { empty, rand } from '../tensor/generated/root';
import { checkNotNegative, checkPositive } from '../tensor/numbers';
import { scopedNoGrad } from '../tensor/scope';
import { checkShapes } from '../tensor/shapes';
import type { Tensor } from '../tensor/tensor';
import { embedding } from './functional';
import { type Reduction, type ReductionOptions, reductionCode } from './functional/reduction';
import * as init from './init';
import type { FactoryOptions } from './linear';
import { type AdaFaceOptions, adaFaceLoss, checkAdaFace, INITIAL_MEAN, INITIAL_STD } from './metric-learning/adaface';
import {
  arcFaceLoss,
  type ConstrainedSoftmaxOptions,
  checkAngle,
  constrainedSoftmaxLoss,
  cosFaceLoss,
  cosineLogits,
  directions,
  type MarginSoftmaxOptions,
  type NormalizedSoftmaxOptions,
  normalizedSoftmaxLoss,
} from './metric-learning/margin-softmax';
import { type ProxyAnchorOptions, proxyAnchorLoss } from './metric-learning/proxy-anchor';
import { unitRows } from './metric-learning/rows';
import { checkRate, sampledClasses } from './metric-learning/sampled-classes';
import { checkedLimits, type SFaceOptions, sfaceLoss } from './metric-learning/sface';
import { divisors } from './metric-learning/unit-norm';
import { Module } from './module';
import { Buffer, Parameter } from './parameter';
import { checkSize } from './sizes';

export interface SampledHeadOptions {
  /**
   * Share of the classes that a step in training looks at, in (0, 1]: those of its samples, and of the others each with this probability. Below 1
   * the weights get sparse gradients, for `optim.SparseAdam`, `Adagrad` or plain `SGD`; in evaluation all classes count. Default 1.
   *
   * With a million classes of 512 features a tenth takes a tenth of the time, and beside the weights a tenth of the memory (Partial FC, An et al.,
   * CVPR 2022, arXiv 2203.15565).
   */
  sampleRate?: number;
}

/** What the heads with a direction for each class share. */
abstract class SoftmaxHead extends Module {
  /** [numClasses, inFeatures]; their length does not matter, but to the constrained softmax. */
  readonly weights: Parameter;
  readonly scale: number;
  readonly reduction: Reduction;
  readonly sampleRate: number;

  constructor(
    readonly inFeatures: number,
    readonly numClasses: number,
    {
      scale,
      reduction = 'mean',
      sampleRate = 1,
      device,
      dtype,
    }: ReductionOptions & SampledHeadOptions & FactoryOptions & { scale: number },
  ) {
    super();
    checkSize(inFeatures, 'inFeatures');
    checkSize(numClasses, 'numClasses');
    checkPositive(scale, 'scale');
    reductionCode(reduction);
    checkRate(sampleRate, 'sampleRate');
    this.sampleRate = sampleRate;
    this.scale = scale;
    this.reduction = reduction;
    this.weights = new Parameter(empty([numClasses, inFeatures], { device, dtype }));
    this.resetParameters();
  }

  /** Draws the initial values again. */
  resetParameters(): void {
    init.xavierUniform_(this.weights);
  }

  /** `scale cos(x_i, w_j)`, [B, numClasses]: without a margin, to predict with. */
  logits(embeddings: Tensor): Tensor {
    checkShapes(['embeddings', embeddings, 'B', this.inFeatures]);
    return cosineLogits(directions(embeddings, this.weights), this.scale);
  }

  /** The loss of labels among the classes that this step looks at. */
  protected over(labels: Tensor, loss: (weights: Tensor, labels: Tensor) => Tensor): Tensor {
    const { weights, numClasses, sampleRate } = this;
    if (sampleRate === 1 || !this.training) return loss(weights, labels);
    const { classes, labels: places } = sampledClasses(labels, rand([numClasses], { device: weights.device }), { rate: sampleRate });
    return loss(embedding(classes, weights, { sparse: true }), places);
  }

  protected override extraRepr(): string {
    const sampled = this.sampleRate === 1 ? '' : `, sample_rate=${this.sampleRate}`;
    return `in_features=${this.inFeatures}, num_classes=${this.numClasses}, scale=${this.scale}${sampled}`;
  }
}

/**
 * `losses.normalizedSoftmaxLoss` with the weights of the classes as a parameter.
 *
 * Shapes: embeddings [B, inFeatures], labels int64 [B]; a scalar, or [B] without reduction. Weights begin Xavier uniform. Default scale 20.
 *
 * @throws for sizes that are no positive whole numbers, a scale that is not above 0; in `forward` as the function
 *
 * Wang, Xiang, Cheng, Yuille, ACM MM 2017, arXiv 1704.06369; Zhai, Wu, BMVC 2019, arXiv 1811.12649
 */
export class NormalizedSoftmaxHead extends SoftmaxHead {
  constructor(inFeatures: number, numClasses: number, options?: NormalizedSoftmaxOptions & SampledHeadOptions & FactoryOptions) {
    super(inFeatures, numClasses, { scale: 20, ...checkedOptions(options, 'NormalizedSoftmaxHead') });
  }

  override forward(embeddings: Tensor, labels: Tensor): Tensor {
    return this.over(labels, (weights, places) => normalizedSoftmaxLoss(embeddings, weights, places, this));
  }
}

/**
 * `losses.constrainedSoftmaxLoss` with the weights of the classes as a parameter: a linear layer without bias behind embeddings of a fixed
 * length. `constrain()` belongs after each step of the optimizer.
 *
 * Shapes: embeddings [B, inFeatures], labels int64 [B]; a scalar, or [B] without reduction. Weights begin Xavier uniform, brought to length 1.
 * Default scale 10.
 *
 * @throws for sizes that are no positive whole numbers, a scale that is not above 0; in `forward` as the function
 *
 * Pereira, Joly, Valduriez, Porto, 2021, arXiv 2102.03243
 */
export class ConstrainedSoftmaxHead extends SoftmaxHead {
  constructor(inFeatures: number, numClasses: number, options?: ConstrainedSoftmaxOptions & SampledHeadOptions & FactoryOptions) {
    super(inFeatures, numClasses, { scale: 10, ...checkedOptions(options, 'ConstrainedSoftmaxHead') });
  }

  override resetParameters(): void {
    super.resetParameters();
    this.constrain();
  }

  /** Brings the weights back to length 1, in place and outside the graph, as `methods.unitNormConstraint` would. */
  constrain(): void {
    scopedNoGrad(() => {
      this.weights.div_(divisors(this.weights));
    });
  }

  override forward(embeddings: Tensor, labels: Tensor): Tensor {
    return this.over(labels, (weights, places) => constrainedSoftmaxLoss(embeddings, weights, places, this));
  }
}

/**
 * `losses.cosFaceLoss` with the weights of the classes as a parameter.
 *
 * Shapes: embeddings [B, inFeatures], labels int64 [B]; a scalar, or [B] without reduction. Weights begin Xavier uniform. Defaults: scale 64,
 * margin 0.35.
 *
 * @throws for sizes that are no positive whole numbers, a scale that is not above 0, a negative margin; in `forward` as the function
 *
 * Wang, Wang, Zhou, Ji, Gong, Zhou, Li, Liu, CVPR 2018, arXiv 1801.09414
 */
export class CosFaceHead extends SoftmaxHead {
  readonly margin: number;

  constructor(inFeatures: number, numClasses: number, options?: MarginSoftmaxOptions & SampledHeadOptions & FactoryOptions) {
    const { margin = 0.35, ...rest } = checkedOptions(options, 'CosFaceHead');
    checkNotNegative(margin, 'margin');
    super(inFeatures, numClasses, { scale: 64, ...rest });
    this.margin = margin;
  }

  override forward(embeddings: Tensor, labels: Tensor): Tensor {
    return this.over(labels, (weights, places) => cosFaceLoss(embeddings, weights, places, this));
  }

  protected override extraRepr(): string {
    return `${super.extraRepr()}, margin=${this.margin}`;
  }
}

/**
 * `losses.arcFaceLoss` with the weights of the classes as a parameter.
 *
 * Shapes: embeddings [B, inFeatures], labels int64 [B]; a scalar, or [B] without reduction. Weights begin Xavier uniform. Defaults: scale 64,
 * margin 0.5.
 *
 * @throws for sizes that are no positive whole numbers, a scale that is not above 0, a margin outside [0, pi]; in `forward` as the function
 *
 * Deng, Guo, Xue, Zafeiriou, CVPR 2019, arXiv 1801.07698
 */
export class ArcFaceHead extends SoftmaxHead {
  readonly margin: number;

  constructor(inFeatures: number, numClasses: number, options?: MarginSoftmaxOptions & SampledHeadOptions & FactoryOptions) {
    const { margin = 0.5, ...rest } = checkedOptions(options, 'ArcFaceHead');
    checkAngle(margin, 'margin');
    super(inFeatures, numClasses, { scale: 64, ...rest });
    this.margin = margin;
  }

  override forward(embeddings: Tensor, labels: Tensor): Tensor {
    return this.over(labels, (weights, places) => arcFaceLoss(embeddings, weights, places, this));
  }

  protected override extraRepr(): string {
    return `${super.extraRepr()}, margin=${this.margin}`;
  }
}

/**
 * `losses.sfaceLoss` with the weights of the classes as a parameter.
 *
 * Shapes: embeddings [B, inFeatures], labels int64 [B]; a scalar, or [B] without reduction. Weights begin normal with deviation
 * `sqrt(8 / numClasses)`, the authors'. Defaults: scale 64, k 80, a 0.87, b 1.2.
 *
 * @throws for sizes that are no positive whole numbers, a scale that is not above 0, a `k` that is negative or infinite, an `a` or `b` outside
 * [0, pi]; in `forward` as the function
 *
 * Zhong, Deng, Hu, Zhao, Li, Wen, IEEE TIP 2021, arXiv 2205.12010
 */
export class SFaceHead extends SoftmaxHead {
  readonly k: number;
  readonly a: number;
  readonly b: number;

  constructor(inFeatures: number, numClasses: number, options?: SFaceOptions & SampledHeadOptions & FactoryOptions) {
    const { k, a, b, ...rest } = checkedOptions(options, 'SFaceHead');
    const limits = checkedLimits({ k, a, b });
    super(inFeatures, numClasses, { scale: 64, ...rest });
    this.k = limits.k;
    this.a = limits.a;
    this.b = limits.b;
  }

  override resetParameters(): void {
    init.normal_(this.weights, { std: Math.sqrt(8 / this.numClasses) });
  }

  override forward(embeddings: Tensor, labels: Tensor): Tensor {
    return this.over(labels, (weights, places) => sfaceLoss(embeddings, weights, places, this));
  }

  protected override extraRepr(): string {
    return `${super.extraRepr()}, k=${this.k}, a=${this.a}, b=${this.b}`;
  }
}

export interface AdaFaceHeadOptions extends AdaFaceOptions, SampledHeadOptions, FactoryOptions {
  /** Weight of a batch in the mean and the deviation of the lengths, in [0, 1]. Default 0.01, with which the authors train. */
  momentum?: number;
}

/**
 * `losses.adaFaceLoss` with the weights of the classes as a parameter, and the mean and the deviation of the embeddings' lengths as buffers.
 * While training each batch moves them; in evaluation they stay.
 *
 * Shapes: embeddings [B, inFeatures], labels int64 [B]; a scalar, or [B] without reduction. Weights begin uniform with length 1, the authors'.
 * Defaults: scale 64, margin 0.4, h 0.333, momentum 0.01.
 *
 * @throws for sizes that are no positive whole numbers, a scale that is not above 0, a margin outside [0, pi], a negative h, a momentum outside
 * [0, 1]; in `forward` as the function
 *
 * Kim, Jain, Liu, CVPR 2022, arXiv 2204.00964
 */
export class AdaFaceHead extends SoftmaxHead {
  readonly margin: number;
  readonly h: number;
  readonly momentum: number;
  readonly runningMean: Buffer;
  readonly runningStd: Buffer;

  constructor(inFeatures: number, numClasses: number, options?: AdaFaceHeadOptions) {
    const { margin = 0.4, h = 0.333, momentum = 0.01, scale = 64, ...rest } = checkedOptions(options, 'AdaFaceHead');
    checkAdaFace(scale, margin, h, momentum);
    super(inFeatures, numClasses, { scale, ...rest });
    this.margin = margin;
    this.h = h;
    this.momentum = momentum;
    const { device, dtype } = rest;
    this.runningMean = new Buffer(empty([], { device, dtype }).fill_(INITIAL_MEAN));
    this.runningStd = new Buffer(empty([], { device, dtype }).fill_(INITIAL_STD));
  }

  override resetParameters(): void {
    init.uniform_(this.weights, { a: -1, b: 1 });
    noGrad(() => this.weights.copy_(unitRows(this.weights)));
  }

  override forward(embeddings: Tensor, labels: Tensor): Tensor {
    const { runningMean, runningStd } = this;
    return this.over(labels, (weights, places) => {
      const result = adaFaceLoss(embeddings, weights, places, runningMean, runningStd, this);
      if (this.training) {
        runningMean.copy_(result.runningMean);
        runningStd.copy_(result.runningStd);
      }
      return result.loss;
    });
  }

  protected override extraRepr(): string {
    return `${super.extraRepr()}, margin=${this.margin}, h=${this.h}, momentum=${this.momentum}`;
  }
}

/**
 * `losses.proxyAnchorLoss` with the proxies of the classes as a parameter. The authors let it learn 100 times as fast as the rest.
 *
 * Shapes: embeddings [B, inFeatures], labels int64 [B]; a scalar. Proxies begin Kaiming normal over the classes. Defaults: margin 0.1, alpha 32.
 *
 * @throws for sizes that are no positive whole numbers, a negative margin, an alpha that is not above 0; in `forward` as the function
 *
 * Kim, Kim, Cho, Kwak, CVPR 2020, arXiv 2003.13911
 */
export class ProxyAnchorHead extends Module {
  /** [numClasses, inFeatures]; their length does not matter. */
  readonly proxies: Parameter;
  readonly margin: number;
  readonly alpha: number;

  constructor(
    readonly inFeatures: number,
    readonly numClasses: number,
    options?: ProxyAnchorOptions & FactoryOptions,
  ) {
    super();
    const { margin = 0.1, alpha = 32, device, dtype } = checkedOptions(options, 'ProxyAnchorHead');
    checkSize(inFeatures, 'inFeatures');
    checkSize(numClasses, 'numClasses');
    checkNotNegative(margin, 'margin');
    checkPositive(alpha, 'alpha');
    this.margin = margin;
    this.alpha = alpha;
    this.proxies = new Parameter(empty([numClasses, inFeatures], { device, dtype }));
    this.resetParameters();
  }

  /** Draws the initial values again. */
  resetParameters(): void {
    init.kaimingNormal_(this.proxies, { mode: 'fanOut' });
  }

  override forward(embeddings: Tensor, labels: Tensor): Tensor {
    return proxyAnchorLoss(embeddings, this.proxies, labels, this);
  }

  protected override extraRepr(): string {
    const { inFeatures, numClasses, margin, alpha } = this;
    return `in_features=${inFeatures}, num_classes=${numClasses}, margin=${margin}, alpha=${alpha}`;
  }
}
