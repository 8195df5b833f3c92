import { expected } from '../../tensor/expected';
import type { Tensor } from '../../tensor/tensor';
import {
  type BinaryCrossEntropyOptions,
  type BinaryCrossEntropyWithLogitsOptions,
  binaryCrossEntropy,
  binaryCrossEntropyWithLogits,
  type ClassWeightOptions,
  type CrossEntropyOptions,
  crossEntropy,
  type KlDivOptions,
  klDiv,
  nllLoss,
} from '../functional/loss-classification';
import type { Reduction } from '../functional/reduction';
import type { Buffer } from '../parameter';
import { bufferOf, Loss } from './loss';

/**
 * Cross entropy between logits `x` and class numbers, or class probabilities `y`: `-sum over c of w_c y_c log softmax(x)_c`.
 *
 * Shapes: input [C], [N, C] or [N, C, d1, ...]; target int64 [], [N] or [N, d1, ...], or probabilities of the input's shape.
 * Defaults: no weights, `ignoreIndex` -100, `labelSmoothing` 0, the mean over the weights of the targets.
 *
 * @throws for another reduction, or a label smoothing outside [0, 1]
 */
export class CrossEntropyLoss extends Loss {
  readonly weight: Buffer | null;
  readonly ignoreIndex: number;
  readonly labelSmoothing: number;

  constructor(options: CrossEntropyOptions = {}) {
    super(options);
    const { weight = null, ignoreIndex = -100, labelSmoothing = 0 } = options;
    if (typeof labelSmoothing !== 'number' || !(labelSmoothing >= 0 && labelSmoothing <= 1))
      throw expected('a share in [0, 1]', 'labelSmoothing', labelSmoothing);
    this.weight = bufferOf(weight);
    this.ignoreIndex = ignoreIndex;
    this.labelSmoothing = labelSmoothing;
  }

  override forward(input: Tensor, target: Tensor): Tensor {
    return crossEntropy(input, target, this);
  }
}

/**
 * The negative log-likelihood of class numbers `y` under log-probabilities `x`: `-w_y x_y`. Shapes as for `CrossEntropyLoss`.
 *
 * @throws for another reduction
 */
export class NLLLoss extends Loss {
  readonly weight: Buffer | null;
  readonly ignoreIndex: number;

  constructor(options: ClassWeightOptions = {}) {
    super(options);
    const { weight = null, ignoreIndex = -100 } = options;
    this.weight = bufferOf(weight);
    this.ignoreIndex = ignoreIndex;
  }

  override forward(input: Tensor, target: Tensor): Tensor {
    return nllLoss(input, target, this);
  }
}

/**
 * The Kullback-Leibler divergence of log-probabilities `x` from probabilities `y`: `y (log y - x)`; with `logTarget` y is given in
 * logarithms. `reduction: 'batchmean'` divides by the size of the batch, as the divergence's definition does; the default is the
 * mean over all elements.
 *
 * @throws for another reduction
 */
export class KLDivLoss extends Loss<Reduction | 'batchmean'> {
  readonly logTarget: boolean;

  constructor(options: KlDivOptions = {}) {
    super(options);
    const { logTarget = false } = options;
    this.logTarget = logTarget;
  }

  override forward(input: Tensor, target: Tensor): Tensor {
    return klDiv(input, target, this);
  }
}

/**
 * Binary cross entropy for probabilities `x`: `-w (y log x + (1 - y) log(1 - x))`; logarithms below -100 count as -100.
 *
 * Shapes: input and target the same; weight any that is broadcast to it.
 *
 * @throws for another reduction
 */
export class BCELoss extends Loss {
  readonly weight: Buffer | null;

  constructor(options: BinaryCrossEntropyOptions = {}) {
    super(options);
    const { weight = null } = options;
    this.weight = bufferOf(weight);
  }

  override forward(input: Tensor, target: Tensor): Tensor {
    return binaryCrossEntropy(input, target, this);
  }
}

/**
 * Binary cross entropy of `sigmoid(x)`, in a stable form: `-w (p y log sigmoid(x) + (1 - y) log(1 - sigmoid(x)))`, with a weight
 * `p` for positive answers (`posWeight`).
 *
 * Shapes: input and target the same; weight and posWeight any that are broadcast to it.
 *
 * @throws for another reduction
 */
export class BCEWithLogitsLoss extends Loss {
  readonly weight: Buffer | null;
  readonly posWeight: Buffer | null;

  constructor(options: BinaryCrossEntropyWithLogitsOptions = {}) {
    super(options);
    const { weight = null, posWeight = null } = options;
    this.weight = bufferOf(weight);
    this.posWeight = bufferOf(posWeight);
  }

  override forward(input: Tensor, target: Tensor): Tensor {
    return binaryCrossEntropyWithLogits(input, target, this);
  }
}
