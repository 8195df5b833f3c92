import type { Tensor } from '../../tensor/tensor';
import {
  type GaussianNllOptions,
  gaussianNllLoss,
  type HuberOptions,
  huberLoss,
  l1Loss,
  mseLoss,
  type PoissonNllOptions,
  poissonNllLoss,
  type SmoothL1Options,
  smoothL1Loss,
} from '../functional/loss-regression';
import { Loss } from './loss';

/** `|x - y|`. Shapes: input and target the same. @throws for another reduction */
export class L1Loss extends Loss {
  override forward(input: Tensor, target: Tensor): Tensor {
    return l1Loss(input, target, this);
  }
}

/** `(x - y)^2`. Shapes: input and target the same. @throws for another reduction */
export class MSELoss extends Loss {
  override forward(input: Tensor, target: Tensor): Tensor {
    return mseLoss(input, target, this);
  }
}

/**
 * `(x - y)^2 / (2 beta)` below `beta`, `|x - y| - beta / 2` above (Girshick, 2015). Default beta 1; 0 makes it `L1Loss`.
 *
 * @throws for another reduction
 */
export class SmoothL1Loss extends Loss {
  readonly beta: number;

  constructor(options: SmoothL1Options = {}) {
    super(options);
    const { beta = 1 } = options;
    this.beta = beta;
  }

  override forward(input: Tensor, target: Tensor): Tensor {
    return smoothL1Loss(input, target, this);
  }
}

/**
 * `(x - y)^2 / 2` below `delta`, `delta (|x - y| - delta / 2)` above (Huber, 1964). Default delta 1.
 *
 * @throws for another reduction
 */
export class HuberLoss extends Loss {
  readonly delta: number;

  constructor(options: Omit<HuberOptions, 'weight'> = {}) {
    super(options);
    const { delta = 1 } = options;
    this.delta = delta;
  }

  override forward(input: Tensor, target: Tensor): Tensor {
    return huberLoss(input, target, this);
  }
}

/**
 * The negative log-likelihood of counts `y` under Poisson distributions: `exp(x) - y x`, or `x - y log(x + eps)` for rates (`logInput`
 * false). `full` adds Stirling's approximation of `log y!`. Defaults: logarithms of rates, not full, eps 1e-8.
 *
 * @throws for another reduction
 */
export class PoissonNLLLoss extends Loss {
  readonly logInput: boolean;
  readonly full: boolean;
  readonly eps: number;

  constructor(options: PoissonNllOptions = {}) {
    super(options);
    const { logInput = true, full = false, eps = 1e-8 } = options;
    this.logInput = logInput;
    this.full = full;
    this.eps = eps;
  }

  override forward(input: Tensor, target: Tensor): Tensor {
    return poissonNllLoss(input, target, this);
  }
}

/**
 * The negative log-likelihood of `y` under normal distributions with mean `x`: `(log var + (x - y)^2 / var) / 2`; variances below
 * `eps`, 1e-6, count as it (Nix and Weigend, 1994).
 *
 * @throws for another reduction
 */
export class GaussianNLLLoss extends Loss {
  readonly full: boolean;
  readonly eps: number;

  constructor(options: GaussianNllOptions = {}) {
    super(options);
    const { full = false, eps = 1e-6 } = options;
    this.full = full;
    this.eps = eps;
  }

  override forward(input: Tensor, target: Tensor, variance: Tensor | number): Tensor {
    return gaussianNllLoss(input, target, variance, this);
  }
}
