import { noGrad } from '../autograd/modes';
import { checkedOptions } from '../tensor/checked';
import { full, zeros } from '../tensor/generated/root';
import { checkCount, checkPositive } from '../tensor/numbers';
import { linalg } from '../tensor/operators';
import { scope } from '../tensor/scope';
import type { Tensor } from '../tensor/tensor';
import { checkFiniteFeatures, checkLabelled } from './labelled-features';
import { multinomialNewton, type NewtonLimits } from './multinomial-newton';

export interface LogisticRegressionFitOptions {
  /** Number of classes K. Default: the largest label plus one, which is read for it. */
  numClasses?: number | null;
  /** Weight C of the data against the penalty, above 0. Default 1, scikit-learn's. */
  inverseRegularization?: number;
  /** Most steps of Newton's method, from 1. Default 1000; some ten are taken. */
  maxIterations?: number;
  /** Ends when no element of the gradient is larger, above 0, or when rounding hides any further progress. Default 1e-8. */
  tolerance?: number;
}

/** A linear layer. */
export interface LinearClassifier {
  /** [K, d] */
  readonly weight: Tensor;
  /** [K] */
  readonly bias: Tensor;
}

/**
 * Multinomial logistic regression with an L2 penalty, to the minimum: `C sum of cross-entropy(W x + b) + 1/2 |W|^2`; the bias is free of
 * penalty, and its elements sum to 0. By damped Newton steps, in double precision whatever the features' dtype. No gradient flows.
 *
 * It has a row for each class, for two classes too: scikit-learn's single row there has another scale of penalty. A class without samples has
 * weight 0 and bias -Infinity, where the minimum lies for it; the others' biases then sum to 0.
 *
 * Shapes: features [N, d], labels int64 [N]; weight [K, d], bias [K], in the features' dtype.
 *
 * @throws for no samples, lengths that differ, labels outside [0, numClasses), features that are not finite, a weight or tolerance not above 0
 *
 * Zheng et al.: Revisiting Discriminative vs. Generative Classifiers: Theory and Implications. ICML 2023, arXiv 2302.02334
 */
export function logisticRegressionFit(features: Tensor, labels: Tensor, options?: LogisticRegressionFitOptions): LinearClassifier {
  const given = checkedOptions(options, 'logisticRegressionFit');
  const { numClasses = null, inverseRegularization = 1, maxIterations = 1000, tolerance = 1e-8 } = given;
  checkPositive(inverseRegularization, 'inverseRegularization');
  checkCount(maxIterations, 'maxIterations', 1);
  checkPositive(tolerance, 'tolerance');
  const classes = checkLabelled(features, labels, numClasses);
  return scope(() =>
    noGrad(() => {
      checkFiniteFeatures(features, features.sum());
      const [x, y] = [features.double(), labels.long()];
      const present = y.bincount({ minlength: classes }).gt(0);
      const places = present.nonzero().squeeze(1);
      const limits = { weight: inverseRegularization, maxIterations, tolerance };
      if (places.size(0) === classes) return inDType(fitted(x, y, classes, limits), features);
      const { weight, bias } = fitted(x, present.cumsum(0).sub(1).indexSelect(0, y), places.size(0), limits);
      const place = { dtype: 'float64', device: x.device } as const;
      const all = {
        weight: zeros([classes, x.size(1)], place).indexCopy(0, places, weight),
        bias: full([classes], Number.NEGATIVE_INFINITY, place).indexCopy(0, places, bias),
      };
      return inDType(all, features);
    }),
  );
}

function inDType({ weight, bias }: LinearClassifier, { dtype }: Tensor): LinearClassifier {
  return { weight: weight.to(dtype), bias: bias.to(dtype) };
}

function fitted(x: Tensor, y: Tensor, classes: number, limits: NewtonLimits): LinearClassifier {
  const [samples, width] = x.shape as [number, number];
  if (2 * samples > width) return multinomialNewton(x, y, classes, limits);
  // The penalty keeps the weights in the span of the few samples: an orthogonal basis of it has fewer features, and the same penalty.
  const { Q, R } = linalg.qr(x.t());
  const { weight, bias } = multinomialNewton(R.t(), y, classes, limits);
  return { weight: weight.matmul(Q.t()), bias };
}
