import { checkClassification, logitsOverLabel } from '../losses/classification';
import { checkTemperatureBounds } from '../nn/temperature';
import { checkedOptions } from '../tensor/checked';
import { scope, scopedNoGrad } from '../tensor/scope';
import type { Tensor } from '../tensor/tensor';

export interface FitTemperatureOptions {
  /** The lowest temperature, above 0. Default 0.05. */
  minTemperature?: number;
  /** The highest temperature, from the lowest. Default 20. */
  maxTemperature?: number;
}

/**
 * Temperature scaling: the one temperature for which `mean crossEntropy(logits / T, labels)` is least; a bound where it would lie beyond.
 *
 * In `b = 1 / T` the mean is convex, with the derivative `mean(E_softmax(b h)[h] - h_y)` and the second one `mean Var_softmax(b h)[h]`:
 * Newton's method within a bracket, which is halved where a step would leave it, to full precision. No gradient flows.
 *
 * Shapes: logits [B, C], labels int64 [B]; a scalar of the logits' dtype. Defaults: from 0.05 to 20.
 *
 * @throws for an empty batch, labels outside [0, C), another shape, bounds that are not positive or lie in the wrong order
 *
 * Guo, Pleiss, Sun, Weinberger: On Calibration of Modern Neural Networks. ICML 2017, arXiv 1706.04599
 */
export function fitTemperature(logits: Tensor, labels: Tensor, options?: FitTemperatureOptions): Tensor {
  const { minTemperature = 0.05, maxTemperature = 20 } = checkedOptions(options, 'fitTemperature');
  checkTemperatureBounds({ minTemperature, maxTemperature });
  checkClassification(logits, labels);
  return scopedNoGrad(() => {
    const lead = logitsOverLabel(logits.double(), labels);
    return logits.newFull([], 1 / root((b) => derivatives(lead, b), 1 / maxTemperature, 1 / minTemperature));
  });
}

/** First and second derivative of the mean cross-entropy of `b h`, from each logit minus the label's. */
function derivatives(lead: Tensor, b: number): [slope: number, curvature: number] {
  return scope(() => {
    const p = lead.mul(b).softmax(1);
    const weighted = p.mul(lead);
    const mean = weighted.sum(1);
    const variance = weighted.mul(lead).sum(1).sub(mean.square());
    return [Number(mean.mean().item()), Number(variance.mean().item())];
  });
}

/** Where a function that does not fall, given with its derivative, is 0 between `low` and `high`: the nearest bound where it is not. */
function root(f: (x: number) => [value: number, slope: number], low: number, high: number): number {
  if (f(low)[0] >= 0) return low;
  if (f(high)[0] <= 0) return high;
  let [below, above] = [low, high];
  let x = Math.sqrt(below * above);
  for (;;) {
    const [value, slope] = f(x);
    if (Number.isNaN(value)) return value;
    if (value === 0) return x;
    if (value < 0) below = x;
    else above = x;
    const newton = x - value / slope;
    const inside = newton > below && newton < above;
    const next = inside ? newton : (below + above) / 2;
    if (next <= below || next >= above || Math.abs(next - x) <= Number.EPSILON * x) return next;
    x = next;
  }
}
