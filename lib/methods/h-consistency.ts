import { checkedOptions } from '../tensor/checked';
import { onesLike, zerosLike } from '../tensor/generated/root';
import { checkCount, checkNotNegative } from '../tensor/numbers';
import { scopedNoGrad } from '../tensor/scope';
import type { Tensor } from '../tensor/tensor';
import { checkRange } from '../tensor/values';

export interface HConsistencyOptions {
  /** Index of the comp-sum family, from 0. Default 1, cross-entropy. */
  tau?: number;
  /** Number of classes, from 2. Default 2. */
  numClasses?: number;
}

/** Halvings after which no interval of numbers from 0 to 1 can get smaller in double precision. */
const HALVINGS = 60;

/**
 * The tight transform of the consistency bound of comp-sum losses: an excess `beta` of the zero-one loss costs at least `T(beta)` of the
 * surrogate's. With `a = 1 / (2 - tau)`, `m = ((1 + b)^a + (1 - b)^a) / 2` and n classes:
 * `2^(1 - tau) / (1 - tau) (1 - m^(2 - tau))` below tau = 1, `((1 + b) log(1 + b) + (1 - b) log(1 - b)) / 2` at 1,
 * `(m^(2 - tau) - 1) / ((tau - 1) n^(tau - 1))` between 1 and 2, `b / ((tau - 1) n^(tau - 1))` from 2 on. No gradient flows.
 *
 * Shapes: any, elementwise. Defaults: tau 1, 2 classes.
 *
 * @throws for `beta` outside [0, 1], a negative tau, fewer than 2 classes
 *
 * Mao, Mohri, Zhong, ICML 2023, arXiv 2304.07288
 */
export function hConsistencyTransform(beta: Tensor, options?: HConsistencyOptions): Tensor {
  const { tau, numClasses } = checkedFamily(options, 'hConsistencyTransform');
  checkRange(beta, 0, 1, 'beta');
  return scopedNoGrad(() => transform(beta, tau, numClasses));
}

/**
 * The largest excess of the zero-one loss that an excess of a comp-sum loss allows: the inverse of `hConsistencyTransform`, and 1 where
 * the excess is beyond `T(1)`. No gradient flows.
 *
 * At most `sqrt(2^tau (2 - tau) e)` below tau = 1, `sqrt(2 n^(tau - 1) e)` from 1 to 2, `(tau - 1) n^(tau - 1) e` from 2 on.
 *
 * Shapes: any, elementwise. Defaults: tau 1, 2 classes.
 *
 * @throws for a negative excess, a negative tau, fewer than 2 classes
 *
 * Mao, Mohri, Zhong, ICML 2023, arXiv 2304.07288
 */
export function hConsistencyBound(excess: Tensor, options?: HConsistencyOptions): Tensor {
  const { tau, numClasses } = checkedFamily(options, 'hConsistencyBound');
  checkRange(excess, 0, Number.POSITIVE_INFINITY, 'excess');
  return scopedNoGrad(() => {
    let low = zerosLike(excess);
    let high = onesLike(excess);
    for (let k = 0; k < HALVINGS; k++) {
      const middle = low.add(high).div(2);
      const below = transform(middle, tau, numClasses).lt(excess);
      low = middle.where(below, low);
      high = high.where(below, middle);
    }
    return high;
  });
}

function checkedFamily(options: HConsistencyOptions | undefined, where: string): Required<HConsistencyOptions> {
  const { tau = 1, numClasses = 2 } = checkedOptions(options, where);
  checkNotNegative(tau, 'tau');
  checkCount(numClasses, 'numClasses', 2);
  return { tau, numClasses };
}

function transform(beta: Tensor, tau: number, numClasses: number): Tensor {
  const more = beta.add(1);
  const less = beta.neg().add(1);
  if (tau === 1) return more.xlogy(more).add(less.xlogy(less)).div(2);
  const scale = (tau - 1) * numClasses ** (tau - 1);
  if (tau >= 2) return beta.div(scale);
  const exponent = 1 / (2 - tau);
  const mean = more
    .pow(exponent)
    .add(less.pow(exponent))
    .div(2)
    .pow(2 - tau);
  return tau < 1
    ? mean
        .neg()
        .add(1)
        .mul(2 ** (1 - tau) / (1 - tau))
    : mean.sub(1).div(scale);
}
