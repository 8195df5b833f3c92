import { enableGrad } from '../autograd/modes';
import { checkClassification } from '../losses/classification';
import { correctnessAwareLoss } from '../losses/correctness-aware';
import { crossEntropy } from '../nn/functional';
import { applyTemperature } from '../nn/temperature';
import { TemperatureCalibrator, type TemperatureCalibratorLayerOptions } from '../nn/temperature-calibrator';
import { Adam } from '../optim/adam';
import { checkedOptions } from '../tensor/checked';
import { expected } from '../tensor/expected';
import { checkChoice, checkCount, checkPositive } from '../tensor/numbers';
import { scope } from '../tensor/scope';
import type { Tensor } from '../tensor/tensor';

const OBJECTIVES = ['correctnessAware', 'balanced', 'crossEntropy'] as const;

/** What a calibrator is trained for: the correctness-aware loss, the same with balanced weights, or cross-entropy. */
export type CalibratorObjective = (typeof OBJECTIVES)[number];

export interface TrainCalibratorOptions extends Omit<TemperatureCalibratorLayerOptions, 'numViews' | 'device' | 'dtype'> {
  /** Default `'correctnessAware'`; the authors' code has `'balanced'`. */
  objective?: CalibratorObjective;
  /** Steps, each over all samples; from 1. Default 500. */
  steps?: number;
  /** Of Adam, above 0. Default 0.01. */
  learningRate?: number;
  /** One to go on with, which is changed; the options of the calibrator are then its own. Default: a new one. */
  calibrator?: TemperatureCalibrator | null;
}

/**
 * Trains a calibrator on logits of samples that the classifier was not trained on, and those of transformed copies of them. The classifier
 * stays as it is: give logits without gradient.
 *
 * Shapes: logits [N, C], each of the views [N, C], labels int64 [N]. Defaults: 500 steps of Adam at 0.01 over all samples, which does for
 * some thousand samples; the authors take 10 epochs in batches of 1,000 at 1e-4, on more of them.
 *
 * @throws for shapes that disagree, labels outside [0, C), an unknown objective, settings outside their range
 *
 * Liu, Wang, Zou, Zou, Zheng: Optimizing Calibration by Gaining Aware of Prediction Correctness. 2024, arXiv 2404.13016
 */
export function trainCalibrator(
  logits: Tensor,
  transformedLogits: readonly Tensor[],
  labels: Tensor,
  options?: TrainCalibratorOptions,
): TemperatureCalibrator {
  const {
    objective = 'correctnessAware',
    steps = 500,
    learningRate = 0.01,
    calibrator: given = null,
    ...layer
  } = checkedOptions(options, 'trainCalibrator');
  checkChoice(objective, 'objective', OBJECTIVES);
  checkCount(steps, 'steps', 1);
  checkPositive(learningRate, 'learningRate');
  checkClassification(logits, labels);
  if (given !== null && !(given instanceof TemperatureCalibrator)) throw expected('a TemperatureCalibrator or null', 'calibrator', given);
  const calibrator = given ?? newCalibrator(logits, transformedLogits, layer);
  enableGrad(() =>
    scope(() => {
      const features = calibrator.features(logits, transformedLogits);
      const frozen = logits.detach();
      const optimizer = new Adam(calibrator.parameters(), { lr: learningRate });
      for (let step = 0; step < steps; step++) {
        scope(() => {
          optimizer.zeroGrad();
          lossOf(objective, frozen, calibrator.fromFeatures(features), labels).backward();
          optimizer.step();
        });
      }
      optimizer.zeroGrad();
    }),
  );
  return calibrator;
}

function newCalibrator(
  logits: Tensor,
  views: readonly Tensor[],
  options: Omit<TemperatureCalibratorLayerOptions, 'numViews'>,
): TemperatureCalibrator {
  if (!Array.isArray(views) || views.length === 0) throw expected('an array of at least one tensor', 'transformedLogits', views);
  return new TemperatureCalibrator({ ...options, numViews: views.length, device: logits.device, dtype: logits.dtype });
}

function lossOf(objective: CalibratorObjective, logits: Tensor, temperatures: Tensor, labels: Tensor): Tensor {
  if (objective === 'crossEntropy') return crossEntropy(applyTemperature(logits, temperatures), labels);
  return correctnessAwareLoss(logits, temperatures, labels, { weighting: objective === 'balanced' ? 'balanced' : 'none' });
}
