import { checkedOptions } from '../tensor/checked';
import { expected } from '../tensor/expected';
import { empty } from '../tensor/generated/root';
import { checkPositive } from '../tensor/numbers';
import { checkShapes } from '../tensor/shapes';
import type { Tensor } from '../tensor/tensor';
import { linear } from './functional';
import * as init from './init';
import type { FactoryOptions } from './linear';
import { Module } from './module';
import { Parameter } from './parameter';
import { checkSize } from './sizes';
import { calibratorFeatures, checkTemperatureBounds } from './temperature';

export interface TemperatureCalibratorOptions {
  /** The lowest temperature, above 0. Default 0.1. */
  minTemperature?: number;
  /** The highest temperature, from the lowest. Default 10. */
  maxTemperature?: number;
}

/**
 * A temperature for each sample, from its features, by a network of one hidden layer: `clamp(W2 relu(W1 x + b1) + b2, min, max)`.
 *
 * Beyond the bounds its gradient is 0.
 *
 * Shapes: features [B, F], weight1 [H, F], bias1 [H], weight2 [1, H], bias2 [1]; [B]. Defaults: from 0.1 to 10.
 *
 * @throws for shapes that disagree, bounds that are not positive or lie in the wrong order
 *
 * Liu, Wang, Zou, Zou, Zheng: Optimizing Calibration by Gaining Aware of Prediction Correctness. 2024, arXiv 2404.13016
 */
export function temperatureCalibrator(
  features: Tensor,
  weight1: Tensor,
  bias1: Tensor,
  weight2: Tensor,
  bias2: Tensor,
  options?: TemperatureCalibratorOptions,
): Tensor {
  const { minTemperature = 0.1, maxTemperature = 10 } = checkedOptions(options, 'temperatureCalibrator');
  checkTemperatureBounds({ minTemperature, maxTemperature });
  checkShapes(
    ['features', features, 'B', 'F'],
    ['weight1', weight1, 'H', 'F'],
    ['bias1', bias1, 'H'],
    ['weight2', weight2, 1, 'H'],
    ['bias2', bias2, 1],
  );
  return linear(linear(features, weight1, bias1).relu(), weight2, bias2)
    .squeeze(1)
    .clamp(minTemperature, maxTemperature);
}

export interface TemperatureCalibratorLayerOptions extends TemperatureCalibratorOptions, FactoryOptions {
  /** How many transformed copies of a sample it looks at, from 1. */
  numViews: number;
  /** How many of the likeliest classes it looks at, from 1. Default 4, the authors' number. */
  topK?: number;
  /** Hidden units, from 1. Default 5, the authors' number. */
  hidden?: number;
  /** The temperature around which it begins, within the bounds; best that of `methods.fitTemperature`. Default 1. */
  initialTemperature?: number;
}

/** Of the initial weights: small, so that hardly any temperature begins at a bound, where there is no gradient. */
const STD = 0.3;

/**
 * Predicts for each sample by which temperature its logits are to be divided, from what the model says of transformed copies of it:
 * `temperatureCalibrator` of `methods.calibratorFeatures`. `methods.trainCalibrator` trains one, `methods.applyTemperature` divides.
 *
 * Shapes: logits [B, C], each of the views [B, C]; temperatures [B]. The last bias begins at `initialTemperature`, all else as normal
 * numbers with standard deviation 0.3. Defaults: the 4 likeliest classes, 5 hidden units, temperatures from 0.1 to 10, beginning at 1.
 *
 * @throws for sizes that are no positive whole numbers, bounds that are not positive or lie in the wrong order, an initial temperature
 * outside them
 *
 * Liu, Wang, Zou, Zou, Zheng, 2024, arXiv 2404.13016
 */
export class TemperatureCalibrator extends Module {
  readonly numViews: number;
  readonly topK: number;
  readonly hidden: number;
  readonly minTemperature: number;
  readonly maxTemperature: number;
  readonly initialTemperature: number;
  readonly weight1: Parameter;
  readonly bias1: Parameter;
  readonly weight2: Parameter;
  readonly bias2: Parameter;

  constructor(options: TemperatureCalibratorLayerOptions) {
    super();
    const {
      numViews,
      topK = 4,
      hidden = 5,
      minTemperature = 0.1,
      maxTemperature = 10,
      initialTemperature = 1,
      device,
      dtype,
    } = checkedOptions(options, 'TemperatureCalibrator');
    checkSize(numViews, 'numViews');
    checkSize(topK, 'topK');
    checkSize(hidden, 'hidden');
    checkTemperatureBounds({ minTemperature, maxTemperature });
    checkPositive(initialTemperature, 'initialTemperature');
    if (initialTemperature < minTemperature || initialTemperature > maxTemperature)
      throw expected(`a number in [${minTemperature}, ${maxTemperature}]`, 'initialTemperature', initialTemperature);
    this.numViews = numViews;
    this.topK = topK;
    this.hidden = hidden;
    this.minTemperature = minTemperature;
    this.maxTemperature = maxTemperature;
    this.initialTemperature = initialTemperature;
    this.weight1 = new Parameter(empty([hidden, numViews * topK], { device, dtype }));
    this.bias1 = new Parameter(empty([hidden], { device, dtype }));
    this.weight2 = new Parameter(empty([1, hidden], { device, dtype }));
    this.bias2 = new Parameter(empty([1], { device, dtype }));
    this.resetParameters();
  }

  /** Draws the initial values again. */
  resetParameters(): void {
    for (const parameter of [this.weight1, this.bias1, this.weight2]) init.normal_(parameter, { std: STD });
    init.constant_(this.bias2, this.initialTemperature);
  }

  /** The temperatures [B] for logits [B, C] and those of `numViews` transformed copies of the same samples. */
  override forward(logits: Tensor, transformedLogits: readonly Tensor[]): Tensor {
    return this.fromFeatures(this.features(logits, transformedLogits));
  }

  /** What it looks at, [B, numViews topK]: for a training, in which they stay the same. */
  features(logits: Tensor, transformedLogits: readonly Tensor[]): Tensor {
    if (!Array.isArray(transformedLogits) || transformedLogits.length !== this.numViews)
      throw expected(`an array of numViews = ${this.numViews} tensors`, 'transformedLogits', transformedLogits);
    return calibratorFeatures(logits, transformedLogits, { topK: this.topK });
  }

  /** The temperatures [B] for features [B, numViews topK]. */
  fromFeatures(features: Tensor): Tensor {
    const { weight1, bias1, weight2, bias2, minTemperature, maxTemperature } = this;
    return temperatureCalibrator(features, weight1, bias1, weight2, bias2, { minTemperature, maxTemperature });
  }

  protected override extraRepr(): string {
    return `num_views=${this.numViews}, top_k=${this.topK}, hidden=${this.hidden}, min_temperature=${this.minTemperature}, max_temperature=${this.maxTemperature}`;
  }
}
