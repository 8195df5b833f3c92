import { noGrad } from '../autograd/modes';
import { checkedOptions } from '../tensor/checked';
import { expected } from '../tensor/expected';
import { empty, eye, zeros } from '../tensor/generated/root';
import { checkLabels } from '../tensor/labels';
import { checkChoice, checkCount, checkNotNegative, checkPositive } from '../tensor/numbers';
import { scope } from '../tensor/scope';
import { checkShapes } from '../tensor/shapes';
import type { Tensor } from '../tensor/tensor';
import type { DeviceLike } from '../tensor/types';
import {
  checkBounds,
  correction,
  type FactoredBounds,
  type FactoredBoundsOptions,
  factoredForward,
  factoredLoss,
  factoredUpdate,
  factoredWeights,
  inBounds,
  mapRows,
  refresh,
} from './factored-output';
import { reduced } from './functional/reduction';
import * as init from './init';
import { Module } from './module';
import { Buffer } from './parameter';
import { checkSize } from './sizes';
import { checkedSpherical, type SphericalMember, type SphericalOptions, sphericalTerms } from './spherical-family';

export interface FactoredOutputLayerOptions extends SphericalOptions, FactoredBoundsOptions {
  /** Size of a step, from 0. Default 0.01. The layer's field of this name may be changed at any time, as by a schedule. */
  learningRate?: number;
  /** Of the loss and its gradient over the samples. Default `'mean'`. */
  reduction?: 'mean' | 'sum';
  /** After so many steps U's singular values are looked at and its inverse is computed anew. Default 10, of the authors' operator. */
  stabilizePeriod?: number;
  /** After so many steps Q and wBar are computed anew from all weights; 0 for never. Default 10,000. */
  refreshPeriod?: number;
  /** Standard deviation of the initial weights, above 0. Default `1 / sqrt(3 inFeatures)`, that of `Linear`. */
  std?: number;
  /** Default `'cpu'`. */
  device?: DeviceLike;
  /** Of V, which holds a row for each class. Default float32. */
  dtype?: 'float32' | 'float64' | 'bfloat16';
  /** Of the rest of the state, and of the calculation. Default float64: from sums in float32 the variance of the scores is lost. */
  stateDtype?: 'float32' | 'float64';
}

/** What a step of `FactoredOutputLayer` gives. */
export interface FactoredOutputLayerStep {
  /** The loss before the step, []. */
  readonly loss: Tensor;
  /** The gradient with respect to `hidden`, [m, inFeatures]. */
  readonly gradHidden: Tensor;
}

/**
 * The output layer of a classifier and its loss of the spherical family in one, for very many classes: a step of gradient descent takes
 * the same time for a thousand classes and for a million. It does exactly what `Linear` without bias, the loss and plain SGD do,
 * but the weights, `W = V U + 1 omega^T`, are never formed.
 *
 * ```ts
 * const hidden = body.forward(inputs);
 * const { loss, gradHidden } = output.step(hidden, labels); // the output layer has learned
 * hidden.backward(gradHidden); // and the layers below get their gradients
 * optimizer.step();
 * ```
 *
 * The state is in buffers, there are no parameters: no optimizer, momentum or weight decay applies to it. A bias is one more feature of
 * `hidden` that is always 1. `forward` gives the loss alone, differentiable with respect to `hidden`, `logits` all scores.
 *
 * Steps let the singular values of U drift. Every `stabilizePeriod` steps those outside `[lower, upper] * target` are brought back, at a cost
 * of one pass over V for each such pass; with the Z-loss there is next to none to correct, with the squared error very many.
 *
 * Shapes: hidden [m, inFeatures], labels int64 [m]. Initial weights are normal.
 *
 * @throws for sizes that are no positive whole numbers, options outside their range, and in `step`, `forward` and `logits` for an
 * empty batch, labels outside [0, numClasses), another shape; in `step` when `learningRate` makes U singular
 *
 * Vincent, de Brébisson, Bouthillier: Efficient Exact Gradient Update for training Deep Networks with Very Large Sparse Targets. NIPS 2015,
 * arXiv 1412.7091; de Brébisson, Vincent: The Z-loss, 2016, arXiv 1604.08859
 */
export class FactoredOutputLayer extends Module {
  /** V [numClasses, inFeatures]. */
  readonly v: Buffer;
  /** U [inFeatures, inFeatures]. */
  readonly u: Buffer;
  /** The transpose of U's inverse. */
  readonly uInverseTransposed: Buffer;
  /** W^T W. */
  readonly qMatrix: Buffer;
  /** omega [inFeatures]. */
  readonly omega: Buffer;
  /** W^T 1. */
  readonly wBar: Buffer;
  /** How many steps there were, []. */
  readonly numSteps: Buffer;
  /** Size of a step. */
  learningRate: number;
  readonly std: number;
  readonly reduction: 'mean' | 'sum';
  readonly stabilizePeriod: number;
  readonly refreshPeriod: number;
  readonly #member: SphericalMember & { readonly numClasses: number };
  readonly #bounds: FactoredBounds;

  constructor(
    readonly inFeatures: number,
    readonly numClasses: number,
    options?: FactoredOutputLayerOptions,
  ) {
    super();
    checkSize(inFeatures, 'inFeatures');
    checkSize(numClasses, 'numClasses');
    const {
      learningRate = 0.01,
      reduction = 'mean',
      stabilizePeriod = 10,
      refreshPeriod = 10_000,
      std = 1 / Math.sqrt(3 * inFeatures),
      device,
      dtype = 'float32',
      stateDtype = 'float64',
      ...rest
    } = checkedOptions(options, 'FactoredOutputLayer');
    checkNotNegative(learningRate, 'learningRate');
    checkChoice(reduction, 'reduction', ['mean', 'sum']);
    checkCount(stabilizePeriod, 'stabilizePeriod', 1);
    checkCount(refreshPeriod, 'refreshPeriod');
    checkPositive(std, 'std');
    checkChoice(dtype, 'dtype', ['float32', 'float64', 'bfloat16']);
    checkChoice(stateDtype, 'stateDtype', ['float32', 'float64']);
    this.#member = { ...checkedSpherical(rest), numClasses };
    this.#bounds = checkBounds(rest);
    this.learningRate = learningRate;
    this.reduction = reduction;
    this.stabilizePeriod = stabilizePeriod;
    this.refreshPeriod = refreshPeriod;
    this.std = std;
    const small = { device, dtype: stateDtype };
    this.v = new Buffer(empty([numClasses, inFeatures], { device, dtype }));
    this.u = new Buffer(eye(inFeatures, small));
    this.uInverseTransposed = new Buffer(eye(inFeatures, small));
    this.qMatrix = new Buffer(zeros([inFeatures, inFeatures], small));
    this.omega = new Buffer(zeros([inFeatures], small));
    this.wBar = new Buffer(zeros([inFeatures], small));
    this.numSteps = new Buffer(zeros([], { device, dtype: 'int64' }));
    this.resetParameters();
  }

  /** Draws the initial weights again. */
  resetParameters(): void {
    init.normal_(this.v, { std: this.std });
    this.#unfactored();
    this.refresh();
    noGrad(() => this.numSteps.zero_());
  }

  /** Takes the matrix [numClasses, inFeatures] for the weights, as from a `Linear`. */
  setWeights(weights: Tensor): void {
    checkShapes(['weights', weights, this.numClasses, this.inFeatures]);
    noGrad(() => this.v.copy_(weights));
    this.#unfactored();
    this.refresh();
  }

  /** The weights that the factors stand for, [numClasses, inFeatures], in V's dtype. */
  weights(): Tensor {
    return noGrad(() => scope(() => factoredWeights(this)));
  }

  /** The loss, which is differentiable with respect to `hidden`; nothing is learned. */
  override forward(hidden: Tensor, labels: Tensor): Tensor {
    const indices = this.#checked(hidden, labels);
    const { activations, squares, sums } = factoredForward(this, hidden.to(this.u.dtype), indices);
    return reduced(sphericalTerms(activations.squeeze(1), sums, squares, this.#member), this.reduction);
  }

  /** The scores of all classes, [m, numClasses]: at the cost that the layer else avoids, for its best classes. */
  logits(hidden: Tensor): Tensor {
    checkShapes(['hidden', hidden, 'm', this.inFeatures]);
    const h = hidden.to(this.u.dtype);
    return h.mm(this.u.t()).to(this.v.dtype).mm(this.v.t()).add(h.mv(this.omega).unsqueeze(1).to(this.v.dtype));
  }

  /**
   * One step of gradient descent, in place: the loss before it, and the gradient for the layers below, of `hidden`'s dtype. What
   * `hidden` was computed from is not gone back through.
   */
  step(hidden: Tensor, labels: Tensor): FactoredOutputLayerStep {
    const indices = this.#checked(hidden, labels);
    checkNotNegative(this.learningRate, 'learningRate');
    return noGrad(() =>
      scope(() => {
        const h = hidden.detach().to(this.u.dtype);
        const forward = factoredForward(this, h, indices);
        const { loss, gradients } = factoredLoss(forward, this.#member, this.reduction);
        const gradHidden = factoredUpdate(this, h, indices, forward, gradients, this.learningRate);
        const steps = Number(this.numSteps.add_(1).item());
        if (steps % this.stabilizePeriod === 0) this.stabilize();
        if (this.refreshPeriod > 0 && steps % this.refreshPeriod === 0) this.refresh();
        return { loss, gradHidden: gradHidden.to(hidden.dtype) };
      }),
    );
  }

  /**
   * Brings the singular values of U back into bounds and computes its inverse anew; W stays the same. `step` does it now and then. Gives
   * how many values were outside. Where more than a third were, the factors are multiplied: V is W, U the identity.
   */
  stabilize(): number {
    return noGrad(() =>
      scope(() => {
        const { v, u, uInverseTransposed } = this;
        // What is not finite cannot be mended; it shows in the loss.
        if (!u.isfinite().all().item()) return 0;
        if (inBounds(u, this.#bounds)) {
          uInverseTransposed.copy_(u.inverse().t());
          return 0;
        }
        const { directions, changes, ...corrected } = correction(u, this.#bounds);
        const count = directions.size(1);
        if (3 * count > this.inFeatures) {
          mapRows(v, u.dtype, (rows) => rows.mm(u).add_(this.omega));
          this.#unfactored();
        } else {
          mapRows(v, u.dtype, (rows) => rows.addmm(rows.mm(directions), changes));
          u.copy_(corrected.u);
          uInverseTransposed.copy_(corrected.uInverseTransposed);
        }
        return count;
      }),
    );
  }

  /** Computes Q and wBar anew from the weights, which takes longer the more classes there are. `step` does it now and then. */
  refresh(): void {
    noGrad(() => scope(() => refresh(this)));
  }

  /** V is W from here on. */
  #unfactored(): void {
    noGrad(() => {
      this.u.zero_().fillDiagonal_(1);
      this.uInverseTransposed.copy_(this.u);
      this.omega.zero_();
    });
  }

  /** The labels as [m, 1]. */
  #checked(hidden: Tensor, labels: Tensor): Tensor {
    const { m } = checkShapes(['hidden', hidden, 'm', this.inFeatures], ['labels', labels, 'm']);
    if (m === 0) throw expected('at least one sample', 'hidden', hidden);
    checkLabels(labels, this.numClasses);
    return labels.long().unsqueeze(1);
  }

  protected override extraRepr(): string {
    const { inFeatures, numClasses, reduction } = this;
    return `in_features=${inFeatures}, num_classes=${numClasses}, loss=${this.#member.loss}, reduction=${reduction}`;
  }
}
