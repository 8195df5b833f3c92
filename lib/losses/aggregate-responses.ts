import { Bags } from '../nn/bags';
import { binaryCrossEntropyWithLogits, logsigmoid, mseLoss } from '../nn/functional';
import { type Reduction, type ReductionOptions, reduced } from '../nn/functional/reduction';
import { checkedOptions } from '../tensor/checked';
import { checkChoice, checkClosedShare, checkCount } from '../tensor/numbers';
import { checkNotEmpty, checkShapes } from '../tensor/shapes';
import type { Tensor } from '../tensor/tensor';
import { checkWithin } from '../tensor/values';
import { widened } from '../tensor/widened';

/** The squared error; or the cross-entropy of logits with shares of ones in [0, 1]. */
export type ResponseLoss = 'squared' | 'logistic';

const LOSSES = ['squared', 'logistic'] as const;

export interface AggregateLossOptions extends ReductionOptions {
  /** Default `'squared'`. */
  loss?: ResponseLoss;
}

/**
 * How far the mean prediction of each bag is from the mean response, which is all that is known of its samples' responses: the mean over
 * the m bags of `l(y_a, mean f_i)`. Unbiased, but with few bags of high variance.
 *
 * Squared: `(mean f_i - y_a)^2`. Logistic, f logits: `-y_a log mean sigmoid(f_i) - (1 - y_a) log mean sigmoid(-f_i)`, finite and with a
 * gradient for logits of any size.
 *
 * Shapes: predictions [n], bagIndices int64 [n], bagResponses [m]; a scalar, or [m] without reduction. All samples of a bag have to be there.
 * On other devices than the CPU an empty bag gives NaN instead of an error.
 *
 * @throws for no samples, lengths that differ, a bag outside [0, m) or without samples, an unknown loss, and for the logistic loss responses
 *   outside [0, 1]
 *
 * Javanmard, Chen, Mirrokni, Badanidiyuru, Fu: Learning from Aggregate responses: Instance Level versus Bag Level Loss Functions. ICLR 2024,
 * arXiv 2401.11081
 */
export function bagLevelLoss(predictions: Tensor, bagIndices: Tensor, bagResponses: Tensor, options?: AggregateLossOptions): Tensor {
  const { loss = 'squared', reduction = 'mean' } = checkedOptions(options, 'bagLevelLoss');
  const bags = checkedBags(predictions, bagIndices, bagResponses, loss);
  return bagLevel(widened(predictions), bags, bagResponses, loss, reduction).to(predictions.dtype);
}

/**
 * How far each prediction is from the mean response of its bag: the mean over the n samples of `l(y_a, f_i)`. Of low variance, but it draws
 * the predictions of a bag together.
 *
 * Squared: `(f_i - y_a)^2`; with bags of one size it is `bagLevelLoss + withinBagSpread`. Logistic: `log(1 + exp(f_i)) - y_a f_i`.
 *
 * Shapes: predictions [n], bagIndices int64 [n], bagResponses [m]; a scalar, or [n] without reduction.
 *
 * @throws as `bagLevelLoss`
 *
 * Javanmard et al., ICLR 2024, arXiv 2401.11081
 */
export function instanceLevelLoss(predictions: Tensor, bagIndices: Tensor, bagResponses: Tensor, options?: AggregateLossOptions): Tensor {
  const { loss = 'squared', reduction = 'mean' } = checkedOptions(options, 'instanceLevelLoss');
  const bags = checkedBags(predictions, bagIndices, bagResponses, loss);
  return instanceLevel(widened(predictions), bags, bagResponses, loss, reduction).to(predictions.dtype);
}

export interface InterpolatedAggregateOptions {
  /** Weight of the instance level, in [0, 1]: 0 is `bagLevelLoss`, 1 `instanceLevelLoss`. Default 0.5. */
  rho?: number;
  /** Default `'squared'`. */
  loss?: ResponseLoss;
}

/**
 * Between the two: `(1 - rho) bagLevelLoss + rho instanceLevelLoss`. Squared and with bags of one size, it is the bag-level loss with
 * a penalty of rho times `withinBagSpread`: bias against variance. For linear models `methods.optimalInterpolation` says which rho is best.
 *
 * Shapes: predictions [n], bagIndices int64 [n], bagResponses [m]; a scalar.
 *
 * @throws as `bagLevelLoss`, and for a rho outside [0, 1]
 *
 * Javanmard et al., ICLR 2024, arXiv 2401.11081
 */
export function interpolatedAggregateLoss(
  predictions: Tensor,
  bagIndices: Tensor,
  bagResponses: Tensor,
  options?: InterpolatedAggregateOptions,
): Tensor {
  const { rho = 0.5, loss = 'squared' } = checkedOptions(options, 'interpolatedAggregateLoss');
  checkClosedShare(rho, 'rho');
  const bags = checkedBags(predictions, bagIndices, bagResponses, loss);
  const f = widened(predictions);
  const level = (of: typeof bagLevel) => of(f, bags, bagResponses, loss, 'mean');
  // At the ends the other level has no say, whatever its value.
  const value = rho === 0 ? level(bagLevel) : rho === 1 ? level(instanceLevel) : level(bagLevel).lerp(level(instanceLevel), rho);
  return value.to(predictions.dtype);
}

export interface WithinBagSpreadOptions {
  /** Number of bags; null: the highest of `bagIndices` plus 1, which waits for a GPU. Default null. */
  numBags?: number | null;
}

/**
 * How far predictions are from the mean of their bag: the mean over the n samples of `(f_i - mean f)^2`. With bags of one size it is what the
 * squared instance-level loss has over the bag-level one.
 *
 * Shapes: predictions [n], bagIndices int64 [n]; a scalar.
 *
 * @throws for no samples, lengths that differ, a bag outside [0, numBags) or without samples
 *
 * Javanmard et al., ICLR 2024, arXiv 2401.11081
 */
export function withinBagSpread(predictions: Tensor, bagIndices: Tensor, options?: WithinBagSpreadOptions): Tensor {
  const { numBags = null } = checkedOptions(options, 'withinBagSpread');
  if (numBags !== null) checkCount(numBags, 'numBags', 1);
  checkShapes(['predictions', predictions, 'n'], ['bagIndices', bagIndices, 'n']);
  checkNotEmpty(predictions, 'predictions');
  const bags = new Bags(bagIndices, numBags);
  const f = widened(predictions);
  return mseLoss(f, bags.ofEach(bags.means(f))).to(predictions.dtype);
}

function checkedBags(predictions: Tensor, bagIndices: Tensor, bagResponses: Tensor, loss: ResponseLoss): Bags {
  const { m } = checkShapes(['predictions', predictions, 'n'], ['bagIndices', bagIndices, 'n'], ['bagResponses', bagResponses, 'm']);
  checkNotEmpty(predictions, 'predictions');
  checkChoice(loss, 'loss', LOSSES);
  if (loss === 'logistic') checkWithin(bagResponses, 0, 1, 'bagResponses');
  return new Bags(bagIndices, m);
}

function bagLevel(f: Tensor, bags: Bags, responses: Tensor, loss: ResponseLoss, reduction: Reduction): Tensor {
  const y = responses.to(f.dtype);
  if (loss === 'squared') return mseLoss(bags.means(f), y, { reduction });
  const far = reachesFar(f);
  return reduced(
    logMeanSigmoid(f.neg(), bags, far)
      .lerp(logMeanSigmoid(f, bags, far), y)
      .neg(),
    reduction,
  );
}

function instanceLevel(f: Tensor, bags: Bags, responses: Tensor, loss: ResponseLoss, reduction: Reduction): Tensor {
  const y = bags.ofEach(responses.to(f.dtype));
  return loss === 'squared' ? mseLoss(f, y, { reduction }) : binaryCrossEntropyWithLogits(f, y, { reduction });
}

/** Logits up to here have sigmoids whose mean, even over a very large bag, is far from vanishing in single precision. */
const NEAR = 60;

/** Whether there may be logits beyond `NEAR`. On other devices than the CPU they are not looked at, which would wait for the device. */
function reachesFar(f: Tensor): boolean {
  if (f.device !== 'cpu') return true;
  const { min, max } = f.detach().aminmax();
  return !(Number(min.item()) >= -NEAR && Number(max.item()) <= NEAR);
}

/** `log` of the mean of `sigmoid(x)` over each bag, [m]; for logits that reach far, in units of the largest of each bag. */
function logMeanSigmoid(x: Tensor, bags: Bags, far: boolean): Tensor {
  if (!far) return bags.means(x.sigmoid()).log();
  const log = logsigmoid(x);
  const largest = bags.largest(log);
  return bags
    .means(log.sub(bags.ofEach(largest)).exp())
    .log()
    .add(largest);
}
