/** How far confidences lie from the share of predictions that are right. */

import { noGrad } from '../autograd/modes';
import { checkedOptions } from '../tensor/checked';
import { arange, bucketize, full, repeatInterleave } from '../tensor/generated/root';
import { checkCount } from '../tensor/numbers';
import { scope, scopedNoGrad } from '../tensor/scope';
import type { Tensor } from '../tensor/tensor';
import { checkConfidences, checkProbabilities, overOneHot } from './confidences';

export interface BinOptions {
  /** Number of bins, from 1. Default 25, the authors' number. */
  bins?: number;
}

/**
 * Expected calibration error: over bins of equal width, `sum_b (n_b / N) |accuracy_b - confidence_b|`. Bin b of M holds the confidences in
 * `(b / M, (b + 1) / M]`, the first one 0 too.
 *
 * Shapes: confidences [N] in [0, 1], correctness [N], bool or whole numbers 0 and 1; a scalar float64. Default: 25 bins. No gradient flows.
 * It is to be taken over all samples: the mean over batches is larger.
 *
 * @throws for empty input, confidences outside [0, 1] or NaN, another correctness, shapes that differ, fewer than 1 bin
 *
 * Naeini, Cooper, Hauskrecht: Obtaining Well Calibrated Probabilities Using Bayesian Binning. AAAI 2015
 */
export function expectedCalibrationError(confidences: Tensor, correctness: Tensor, options?: BinOptions): Tensor {
  const bins = checkedBins(options, 'expectedCalibrationError');
  const { N } = checkConfidences(confidences, correctness);
  return scopedNoGrad(() => sums(bins, binsOf(confidences, bins), surplus(confidences, correctness)).abs().sum().div(N));
}

/**
 * Maximum calibration error: the largest `|accuracy_b - confidence_b|` of all bins that hold a sample, with the bins of
 * `expectedCalibrationError`, whose shapes, default and refusals it has.
 *
 * Naeini, Cooper, Hauskrecht, AAAI 2015
 */
export function maximumCalibrationError(confidences: Tensor, correctness: Tensor, options?: BinOptions): Tensor {
  const bins = checkedBins(options, 'maximumCalibrationError');
  checkConfidences(confidences, correctness);
  return scopedNoGrad(() => {
    const place = binsOf(confidences, bins);
    return sums(bins, place, surplus(confidences, correctness)).abs().div(counts(bins, place).clampMin(1)).max();
  });
}

/**
 * Adaptive calibration error: `expectedCalibrationError` over groups of as many samples each, in the order of confidence. The first N mod M of
 * the M groups have one sample more; equal confidences keep their order.
 *
 * Shapes, default and refusals of `expectedCalibrationError`.
 *
 * Nixon, Dusenberry, Zhang, Jerfel, Tran: Measuring Calibration in Deep Learning. CVPR workshops 2019, arXiv 1904.01685
 */
export function adaptiveCalibrationError(confidences: Tensor, correctness: Tensor, options?: BinOptions): Tensor {
  const bins = checkedBins(options, 'adaptiveCalibrationError');
  const { N } = checkConfidences(confidences, correctness);
  return scopedNoGrad(() => {
    const sizes = arange(bins, { device: confidences.device })
      .lt(N % bins)
      .add(Math.floor(N / bins));
    return sums(bins, repeatInterleave(sizes, { outputSize: N }), sortedSurplus(confidences, correctness))
      .abs()
      .sum()
      .div(N);
  });
}

/**
 * Static calibration error: the mean over classes of `expectedCalibrationError` of the class's probabilities against whether it is the label.
 *
 * Shapes: probabilities [N, C] in [0, 1], labels int64 [N]; a scalar float64. Default: 25 bins. No gradient flows.
 *
 * @throws for empty input, probabilities outside [0, 1] or NaN, labels outside [0, C), another shape, fewer than 1 bin
 *
 * Nixon, Dusenberry, Zhang, Jerfel, Tran, 2019, arXiv 1904.01685
 */
export function staticCalibrationError(probabilities: Tensor, labels: Tensor, options?: BinOptions): Tensor {
  const bins = checkedBins(options, 'staticCalibrationError');
  const { N, C } = checkProbabilities(probabilities, labels);
  return scopedNoGrad(() => {
    const place = binsOf(probabilities, bins).add(arange(C, { device: probabilities.device }).mul(bins));
    return sums(bins * C, place.flatten(), overOneHot(probabilities, labels).flatten())
      .abs()
      .sum()
      .div(N * C);
  });
}

/**
 * Kolmogorov-Smirnov calibration error, without bins: in the order of confidence, the largest `|sum_{i <= j} (p_i - c_i)| / N` over all j.
 * Equal confidences keep their order.
 *
 * Shapes: confidences [N] in [0, 1], correctness [N], bool or whole numbers 0 and 1; a scalar float64. No gradient flows.
 *
 * @throws for empty input, confidences outside [0, 1] or NaN, another correctness, shapes that differ
 *
 * Gupta, Rahimi, Ajanthan, Mensink, Sminchisescu, Hartley: Calibration of Neural Networks using Splines. ICLR 2021, arXiv 2006.12800
 */
export function ksCalibrationError(confidences: Tensor, correctness: Tensor): Tensor {
  const { N } = checkConfidences(confidences, correctness);
  return scopedNoGrad(() => sortedSurplus(confidences, correctness).cumsum(0).abs().max().div(N));
}

/** What a reliability diagram shows of each bin, [bins]; 0 where a bin holds no sample. */
export interface ReliabilityDiagram {
  /** How many samples, int64. */
  readonly counts: Tensor;
  /** The share of them that is right, float64. */
  readonly accuracy: Tensor;
  /** Their mean confidence, float64. */
  readonly confidence: Tensor;
}

/**
 * Accuracy and mean confidence in each of the bins of `expectedCalibrationError`, whose shapes, default and refusals it has.
 *
 * DeGroot, Fienberg: The Comparison and Evaluation of Forecasters. The Statistician, 1983
 */
export function reliabilityDiagram(confidences: Tensor, correctness: Tensor, options?: BinOptions): ReliabilityDiagram {
  const bins = checkedBins(options, 'reliabilityDiagram');
  checkConfidences(confidences, correctness);
  return noGrad(() =>
    scope(() => {
      const place = binsOf(confidences, bins);
      const held = counts(bins, place);
      const mean = (values: Tensor): Tensor => sums(bins, place, values.double()).div(held.clampMin(1));
      return { counts: held, accuracy: mean(correctness), confidence: mean(confidences) };
    }),
  );
}

function checkedBins(options: BinOptions | undefined, where: string): number {
  const { bins = 25 } = checkedOptions(options, where);
  checkCount(bins, 'bins', 1);
  return bins;
}

/**
 * The bin of each value. The edges are rounded to the dtype of the values, so that 0.2 lies on the edge 1 / 5 in every dtype: a product with
 * the number of bins would put some of them beyond it.
 */
function binsOf(values: Tensor, bins: number): Tensor {
  const edges = arange(1, bins, { dtype: 'float64', device: values.device }).div(bins).to(values.dtype);
  return bucketize(values.contiguous(), edges);
}

/** How far each confidence lies above what came of it, 1 or 0; float64. */
function surplus(confidences: Tensor, correctness: Tensor): Tensor {
  return confidences.double().sub(correctness.double());
}

/** `surplus` in the order of confidence. */
function sortedSurplus(confidences: Tensor, correctness: Tensor): Tensor {
  return surplus(confidences, correctness).indexSelect(0, confidences.argsort({ stable: true }));
}

function sums(bins: number, place: Tensor, values: Tensor): Tensor {
  return full([bins], 0, { dtype: 'float64', device: values.device }).indexAdd_(0, place, values);
}

function counts(bins: number, place: Tensor): Tensor {
  return place.bincount({ minlength: bins });
}
