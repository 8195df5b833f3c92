/** Nonlinearities without parameters. */

import { checkedOptions } from '../tensor/checked';
import type { Tensor } from '../tensor/tensor';
import { Elementwise, elementwise } from './elementwise';
import type {
  CELUOptions,
  ELUOptions,
  GELUOptions,
  GLUOptions,
  HardtanhOptions,
  InplaceOptions,
  LeakyReLUOptions,
  RReLUOptions,
  ShrinkOptions,
  SoftplusOptions,
} from './functional';
import * as F from './functional';
import { float, python } from './repr';

const nothing = (): string => '';
const lambd = (options: Required<ShrinkOptions>): string => float(options.lambd);

/** `max(0, x)`. */
export class ReLU extends elementwise<InplaceOptions>({ inplace: false }, F.relu) {}

/** `min(max(0, x), 6)`. */
export class ReLU6 extends elementwise<InplaceOptions>({ inplace: false }, F.relu6) {}

/** `x` where positive, else `negativeSlope x` (Maas et al., 2013). */
export class LeakyReLU extends elementwise<LeakyReLUOptions>({ negativeSlope: 0.01, inplace: false }, F.leakyRelu) {}

/**
 * `x` where positive, else `a x`, with a drawn for each element uniformly on [lower, upper] while training and (lower + upper) / 2 in
 * evaluation (Xu et al., 2015).
 */
export class RReLU extends elementwise<Omit<RReLUOptions, 'training'>>({ lower: 1 / 8, upper: 1 / 3, inplace: false }, F.rrelu) {}

/** `x` where positive, else `alpha (exp(x) - 1)` (Clevert et al., 2016). */
export class ELU extends elementwise<ELUOptions>({ alpha: 1, inplace: false }, F.elu) {}

/** `x` where positive, else `alpha (exp(x / alpha) - 1)`: an ELU with a continuous slope (Barron, 2017). */
export class CELU extends elementwise<CELUOptions>({ alpha: 1, inplace: false }, F.celu) {}

/** The ELU whose scale and alpha keep mean 0 and variance 1 through layers (Klambauer et al., 2017). */
export class SELU extends elementwise<InplaceOptions>({ inplace: false }, F.selu) {}

/** `x P(X <= x)` with X standard normal (Hendrycks and Gimpel, 2016). */
export class GELU extends elementwise<GELUOptions>({ approximate: 'none' }, (x, { approximate }) => F.gelu(x, { approximate })) {}

/** `x sigmoid(x)`, also called swish (Elfwing et al., 2017). */
export class SiLU extends elementwise<InplaceOptions>({ inplace: false }, F.silu) {}

/** `x tanh(softplus(x))` (Misra, 2019). */
export class Mish extends elementwise<InplaceOptions>({ inplace: false }, F.mish) {}

/** `x relu6(x + 3) / 6`: SiLU from straight lines (Howard et al., 2019). */
export class Hardswish extends elementwise<InplaceOptions>({ inplace: false }, F.hardswish, nothing) {}

/** `relu6(x + 3) / 6`: a sigmoid from straight lines. */
export class Hardsigmoid extends elementwise<InplaceOptions>({ inplace: false }, F.hardsigmoid, nothing) {}

/** `x` limited to [minVal, maxVal]. */
export class Hardtanh extends elementwise<HardtanhOptions>({ minVal: -1, maxVal: 1, inplace: false }, F.hardtanh) {}

/** `x` where `|x| > lambd`, else 0. */
export class Hardshrink extends elementwise<ShrinkOptions>({ lambd: 0.5 }, (x, options) => F.hardshrink(x, options.lambd), lambd) {}

/** `x` moved towards 0 by `lambd`, and 0 within. */
export class Softshrink extends elementwise<ShrinkOptions>({ lambd: 0.5 }, (x, options) => F.softshrink(x, options.lambd), lambd) {}

/** `x - tanh(x)`. */
export class Tanhshrink extends elementwise<object>({}, (x) => F.tanhshrink(x)) {}

/** `log(1 + exp(beta x)) / beta`, and `x` itself where `beta x > threshold`. */
export class Softplus extends elementwise<SoftplusOptions>({ beta: 1, threshold: 20 }, (x, o) => F.softplus(x, o.beta, o.threshold)) {}

/** `x / (1 + |x|)`. */
export class Softsign extends elementwise<object>({}, (x) => F.softsign(x)) {}

/** `1 / (1 + exp(-x))`. */
export class Sigmoid extends elementwise<object>({}, (x) => F.sigmoid(x)) {}

/** The hyperbolic tangent. */
export class Tanh extends elementwise<object>({}, (x) => F.tanh(x)) {}

/** `log(sigmoid(x))`, without overflow. */
export class LogSigmoid extends elementwise<object>({}, (x) => F.logsigmoid(x)) {}

/**
 * Half of the input gated by the other half: `a sigmoid(b)` (Dauphin et al., 2017).
 *
 * Shapes: input with an even size along `dim`, output with half of it.
 */
export class GLU extends elementwise<GLUOptions>({ dim: -1 }, (x, { dim }) => F.glu(x, dim)) {}

/** `x` where greater than `threshold`, else `value`. */
export class Threshold extends Elementwise {
  readonly inplace: boolean;

  constructor(
    readonly threshold: number,
    readonly value: number,
    options?: InplaceOptions,
  ) {
    super();
    const { inplace = false } = checkedOptions(options, 'Threshold');
    this.inplace = inplace;
  }

  override forward(input: Tensor): Tensor {
    return F.threshold(input, this.threshold, this.value, this);
  }

  protected override extraRepr(): string {
    return `threshold=${python(this.threshold)}, value=${python(this.value)}${this.inplace ? ', inplace=True' : ''}`;
  }
}
