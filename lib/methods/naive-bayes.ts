import { noGrad } from '../autograd/modes';
import { checkedOptions } from '../tensor/checked';
import { expected } from '../tensor/expected';
import { zeros } from '../tensor/generated/root';
import { checkNotNegative } from '../tensor/numbers';
import { scope } from '../tensor/scope';
import { checkNotEmpty, checkShapes } from '../tensor/shapes';
import type { Tensor } from '../tensor/tensor';
import { checkRange } from '../tensor/values';
import { checkFiniteFeatures, checkLabelled } from './labelled-features';

export interface NaiveBayesUpdateOptions {
  /** Added to every variance, from 0. Default 1e-9, scikit-learn's, which multiplies it by the largest variance of a feature. */
  varianceSmoothing?: number;
}

export interface NaiveBayesFitOptions extends NaiveBayesUpdateOptions {
  /** Number of classes K. Default: the largest label plus one, which is read for it. */
  numClasses?: number | null;
}

/** A Gaussian naive Bayes model of K classes and d features. */
export interface NaiveBayesModel {
  /** [K, d] */
  readonly means: Tensor;
  /** [K, d], smoothing included. */
  readonly variances: Tensor;
  /** Samples of each class, [K], in the means' dtype. */
  readonly counts: Tensor;
  /** Shares of the classes, [K]. */
  readonly priors: Tensor;
}

/**
 * Gaussian naive Bayes: mean and variance (divided by the count) of each feature in each class, and the classes' shares. A class without samples
 * has mean 0, the smoothing as its variance, and prior 0. No gradient flows.
 *
 * Shapes: features [N, d], labels int64 [N]; the model is of the features' dtype, float32 for bfloat16 and float16, which cannot count.
 *
 * @throws for no samples, lengths that differ, labels outside [0, numClasses), a negative smoothing, features that are not finite
 *
 * Zheng et al.: Revisiting Discriminative vs. Generative Classifiers: Theory and Implications. ICML 2023, arXiv 2302.02334
 */
export function naiveBayesFit(features: Tensor, labels: Tensor, options?: NaiveBayesFitOptions): NaiveBayesModel {
  const { numClasses = null, varianceSmoothing = 1e-9 } = checkedOptions(options, 'naiveBayesFit');
  checkNotNegative(varianceSmoothing, 'varianceSmoothing');
  const classes = checkLabelled(features, labels, numClasses);
  const wide = features.dtype === 'bfloat16' || features.dtype === 'float16' ? 'float32' : features.dtype;
  return scope(() => noGrad(() => fitted(features.to(wide), labels.long(), classes, varianceSmoothing)));
}

/**
 * A model with the samples of a further batch: the same as one fitted to all at once. `n = n1 + n2`, `mu = (n1 mu1 + n2 mu2) / n`,
 * `var = (n1 var1 + n2 var2) / n + n1 n2 / n^2 (mu1 - mu2)^2`. No gradient flows.
 *
 * Shapes: means and variances [K, d], counts [K], features [N, d], labels int64 [N]. The smoothing must be the model's own.
 *
 * @throws as `naiveBayesFit`, and for a model of another shape, negative counts
 *
 * Chan, Golub, LeVeque: Updating Formulae and a Pairwise Algorithm for Computing Sample Variances. 1979
 */
export function naiveBayesUpdate(
  means: Tensor,
  variances: Tensor,
  counts: Tensor,
  features: Tensor,
  labels: Tensor,
  options?: NaiveBayesUpdateOptions,
): NaiveBayesModel {
  const { varianceSmoothing = 1e-9 } = checkedOptions(options, 'naiveBayesUpdate');
  checkNotNegative(varianceSmoothing, 'varianceSmoothing');
  const { K, d } = checkShapes(['means', means, 'K', 'd'], ['variances', variances, 'K', 'd'], ['counts', counts, 'K']);
  checkLabelled(features, labels, K);
  checkShapes(['features', features, 'N', d]);
  checkRange(counts, 0, Number.POSITIVE_INFINITY, 'counts', { refuseNaN: true });
  return scope(() =>
    noGrad(() => {
      const batch = fitted(features.to(means.dtype), labels.long(), K, varianceSmoothing);
      const total = counts.add(batch.counts);
      // The batch's share of each class: 0 where both have none, which leaves the model as it is.
      const share = batch.counts.div(total.clampMin(1)).unsqueeze(1);
      const between = means.sub(batch.means).square_().mul_(share.sub(share.square()));
      return {
        means: means.lerp(batch.means, share),
        variances: variances.lerp(batch.variances, share).add_(between),
        counts: total,
        priors: total.div(total.sum()),
      };
    }),
  );
}

export interface NaiveBayesLogitsOptions {
  /** One variance for each feature, the mean of the classes' weighted by their priors, rather than one for each class too. Default true. */
  sharedVariance?: boolean;
}

/**
 * Log joint densities of samples and classes: `log prior_k - 1/2 sum over j of (x_j - mu_kj)^2 / v_j + log(2 pi v_j)`; their softmax is the
 * posterior. A class of prior 0 has -Infinity. Differentiable in everything.
 *
 * Shapes: features [B, d], means and variances [K, d], priors [K]; [B, K].
 *
 * @throws for an empty batch or model, and shapes that disagree
 *
 * Zheng et al., ICML 2023, arXiv 2302.02334
 */
export function naiveBayesLogits(
  features: Tensor,
  means: Tensor,
  variances: Tensor,
  priors: Tensor,
  options?: NaiveBayesLogitsOptions,
): Tensor {
  const { sharedVariance = true } = checkedOptions(options, 'naiveBayesLogits');
  if (typeof sharedVariance !== 'boolean') throw expected('a boolean', 'sharedVariance', sharedVariance);
  const { d } = checkModel(means, variances, priors);
  checkShapes(['features', features, 'B', d]);
  checkNotEmpty(features, 'features');
  // Around the middle of the classes little is lost where the square is multiplied out. The densities do not depend on where it is.
  const middle = priors.detach().matmul(means.detach());
  const [x, mu] = [features.sub(middle), means.sub(middle)];
  // Without samples and smoothing a class has variance 0, and would have NaN for its density.
  const v = sharedVariance ? priors.matmul(variances) : variances.maskedFill(priors.eq(0).unsqueeze(1), 1);
  const precision = v.reciprocal();
  const weight = mu.mul(precision);
  // Of a class, the squared distance of its mean from the middle and the size of its spread, log(2 pi) of each feature apart.
  const size = v.log().addcmul(weight, mu).sum(1);
  const constant = priors
    .log()
    .sub((Math.log(2 * Math.PI) * d) / 2)
    .sub(size, { alpha: 0.5 });
  const linear = constant.addmm(x, weight.t());
  const squares = x.square();
  return sharedVariance
    ? linear.sub(squares.mv(precision).unsqueeze(1), { alpha: 0.5 })
    : linear.addmm(squares, precision.t(), { alpha: -0.5 });
}

/**
 * Naive Bayes with a shared variance as a linear layer: `w_k = mu_k / v`, `b_k = log prior_k - 1/2 sum of mu_kj^2 / v_j`. Its logits are
 * `naiveBayesLogits` but for a term that all classes share; it may be fine-tuned from there. Differentiable in everything.
 *
 * Shapes: means and variances [K, d], priors [K]; weight [K, d], bias [K], -Infinity for a prior of 0.
 *
 * @throws for an empty model, and shapes that disagree
 *
 * Zheng et al., ICML 2023, arXiv 2302.02334
 */
export function naiveBayesLinear(
  means: Tensor,
  variances: Tensor,
  priors: Tensor,
  options?: Record<never, never>,
): { weight: Tensor; bias: Tensor } {
  checkedOptions(options, 'naiveBayesLinear');
  checkModel(means, variances, priors);
  return scope(() => {
    const weight = means.div(priors.matmul(variances));
    return { weight, bias: priors.log().sub(weight.mul(means).sum(1), { alpha: 0.5 }) };
  });
}

/** Elements of deviations at a time: as many as a processor's cache holds, more where there is none to speak of. */
const CHUNK = { cache: 2 ** 17, memory: 2 ** 24 };

/** The corrected two-pass algorithm: the deviations from a rounded mean say how far it is off. */
function fitted(features: Tensor, labels: Tensor, classes: number, smoothing: number): NaiveBayesModel {
  const [samples, width] = features.shape as [number, number];
  const { dtype, device } = features;
  const none = () => zeros([classes, width], { dtype, device });
  const counts = labels.bincount({ minlength: classes }).to(dtype);
  const divisor = counts.clampMin(1).unsqueeze(1);
  const means = none().indexAdd_(0, labels, features).div_(divisor);
  checkFiniteFeatures(features, means.sum());
  const [deviations, squares] = [none(), none()];
  const count = Math.max(1, Math.floor((device === 'cpu' ? CHUNK.cache : CHUNK.memory) / width));
  for (let start = 0; start < samples; start += count) {
    scope(() => {
      const length = Math.min(count, samples - start);
      const part = labels.narrow(0, start, length);
      const deviation = means.indexSelect(0, part).sub_(features.narrow(0, start, length));
      deviations.indexAdd_(0, part, deviation);
      squares.indexAdd_(0, part, deviation.square_());
    });
  }
  deviations.div_(divisor);
  const variances = squares.div_(divisor).sub_(deviations.square()).clampMin_(0).add_(smoothing);
  return { means: means.sub_(deviations), variances, counts, priors: counts.div(samples) };
}

function checkModel(means: Tensor, variances: Tensor, priors: Tensor): { K: number; d: number } {
  checkNotEmpty(means, 'means');
  return checkShapes(['means', means, 'K', 'd'], ['variances', variances, 'K', 'd'], ['priors', priors, 'K']);
}
