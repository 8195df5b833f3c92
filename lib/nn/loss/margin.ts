import { expected } from '../../tensor/expected';
import type { Tensor } from '../../tensor/tensor';
import { PairwiseDistance } from '../distance';
import {
  cosineEmbeddingLoss,
  type DistanceFunction,
  type HingeEmbeddingOptions,
  hingeEmbeddingLoss,
  type MarginOptions,
  type MultilabelSoftMarginOptions,
  type MultiMarginOptions,
  marginRankingLoss,
  multilabelMarginLoss,
  multilabelSoftMarginLoss,
  multiMarginLoss,
  softMarginLoss,
  type TripletMarginOptions,
  type TripletMarginWithDistanceOptions,
  tripletMarginLoss,
  tripletMarginWithDistanceLoss,
} from '../functional/loss-margin';
import { Module } from '../module';
import type { Buffer } from '../parameter';
import { bufferOf, Loss } from './loss';

/**
 * `max(0, -y (x1 - x2) + margin)` with y = 1 where x1 should rank higher, -1 where x2 should. Default margin 0.
 *
 * @throws for another reduction
 */
export class MarginRankingLoss extends Loss {
  readonly margin: number;

  constructor(options: MarginOptions = {}) {
    super(options);
    const { margin = 0 } = options;
    this.margin = margin;
  }

  override forward(input1: Tensor, input2: Tensor, target: Tensor): Tensor {
    return marginRankingLoss(input1, input2, target, this);
  }
}

/**
 * For distances `x`: `x` where y = 1, `max(0, margin - x)` where y = -1. Default margin 1.
 *
 * @throws for another reduction
 */
export class HingeEmbeddingLoss extends Loss {
  readonly margin: number;

  constructor(options: HingeEmbeddingOptions = {}) {
    super(options);
    const { margin = 1 } = options;
    this.margin = margin;
  }

  override forward(input: Tensor, target: Tensor): Tensor {
    return hingeEmbeddingLoss(input, target, this);
  }
}

/**
 * `1 - cos(x1, x2)` where y = 1, `max(0, cos(x1, x2) - margin)` where y = -1. Default margin 0; -1 to 1 make sense.
 *
 * Shapes: inputs [N, D], target [N]; or [D] and [].
 *
 * @throws for another reduction
 */
export class CosineEmbeddingLoss extends Loss {
  readonly margin: number;

  constructor(options: MarginOptions = {}) {
    super(options);
    const { margin = 0 } = options;
    this.margin = margin;
  }

  override forward(input1: Tensor, input2: Tensor, target: Tensor): Tensor {
    return cosineEmbeddingLoss(input1, input2, target, this);
  }
}

/** `log(1 + exp(-y x))` with y in {-1, 1}. Shapes: input and target the same. @throws for another reduction */
export class SoftMarginLoss extends Loss {
  override forward(input: Tensor, target: Tensor): Tensor {
    return softMarginLoss(input, target, this);
  }
}

/**
 * The multi-class hinge loss: `sum over i != y of max(0, w_y (margin - x_y + x_i))^p / C` (Crammer and Singer, 2001). Defaults: p 1,
 * margin 1.
 *
 * Shapes: input [N, C], target int64 [N], weight [C].
 *
 * @throws for another reduction, and for p other than 1 and 2
 */
export class MultiMarginLoss extends Loss {
  readonly p: 1 | 2;
  readonly margin: number;
  readonly weight: Buffer | null;

  constructor(options: MultiMarginOptions = {}) {
    super(options);
    const { p = 1, margin = 1, weight = null } = options;
    if (p !== 1 && p !== 2) throw expected('1 or 2', 'p', p);
    this.p = p;
    this.margin = margin;
    this.weight = bufferOf(weight);
  }

  override forward(input: Tensor, target: Tensor): Tensor {
    return multiMarginLoss(input, target, this);
  }
}

/**
 * The hinge loss of several labels: `sum over labels y and others i of max(0, 1 - (x_y - x_i)) / C`.
 *
 * Shapes: input [N, C]; target int64 [N, C], with the labels in front and -1 behind the last.
 *
 * @throws for another reduction
 */
export class MultiLabelMarginLoss extends Loss {
  override forward(input: Tensor, target: Tensor): Tensor {
    return multilabelMarginLoss(input, target, this);
  }
}

/**
 * Binary cross entropy of several labels, the mean over the classes: `-mean over c of w_c (y log sigmoid(x) + (1 - y) log sigmoid(-x))`.
 *
 * Shapes: input and target [N, C], weight [C]; without reduction [N].
 *
 * @throws for another reduction
 */
export class MultiLabelSoftMarginLoss extends Loss {
  readonly weight: Buffer | null;

  constructor(options: MultilabelSoftMarginOptions = {}) {
    super(options);
    const { weight = null } = options;
    this.weight = bufferOf(weight);
  }

  override forward(input: Tensor, target: Tensor): Tensor {
    return multilabelSoftMarginLoss(input, target, this);
  }
}

/**
 * `max(0, |anchor - positive|_p - |anchor - negative|_p + margin)`. Defaults: margin 1, p 2, eps 1e-6, no swap.
 *
 * @throws for another reduction, and for a margin that is not positive
 */
export class TripletMarginLoss extends Loss {
  readonly margin: number;
  readonly p: number;
  readonly eps: number;
  readonly swap: boolean;

  constructor(options: TripletMarginOptions = {}) {
    super(options);
    const { margin = 1, p = 2, eps = 1e-6, swap = false } = options;
    checkMargin(margin);
    this.margin = margin;
    this.p = p;
    this.eps = eps;
    this.swap = swap;
  }

  override forward(anchor: Tensor, positive: Tensor, negative: Tensor): Tensor {
    return tripletMarginLoss(anchor, positive, negative, this);
  }
}

export interface TripletMarginWithDistanceLossOptions extends Omit<TripletMarginWithDistanceOptions, 'distanceFunction'> {
  /** A function, or a module, which is then part of this one. Default: `PairwiseDistance`. */
  distanceFunction?: DistanceFunction | (Module & { forward: DistanceFunction }) | null;
}

/**
 * `max(0, d(anchor, positive) - d(anchor, negative) + margin)` with a distance of one's own. Defaults: margin 1, no swap.
 *
 * @throws for another reduction, and for a margin that is not positive
 */
export class TripletMarginWithDistanceLoss extends Loss {
  readonly distanceFunction: DistanceFunction | (Module & { forward: DistanceFunction });
  readonly margin: number;
  readonly swap: boolean;

  constructor(options: TripletMarginWithDistanceLossOptions = {}) {
    super(options);
    const { distanceFunction = null, margin = 1, swap = false } = options;
    checkMargin(margin);
    this.distanceFunction = distanceFunction ?? new PairwiseDistance();
    this.margin = margin;
    this.swap = swap;
  }

  override forward(anchor: Tensor, positive: Tensor, negative: Tensor): Tensor {
    const { distanceFunction: distance, margin, swap, reduction } = this;
    const distanceFunction: DistanceFunction = distance instanceof Module ? (a, b) => distance.forward(a, b) : distance;
    return tripletMarginWithDistanceLoss(anchor, positive, negative, { distanceFunction, margin, swap, reduction });
  }
}

function checkMargin(margin: number): void {
  if (typeof margin !== 'number' || !(margin > 0)) throw expected('a positive number', 'margin', margin);
}
