import { checkedOptions } from '../tensor/checked';
import { expected } from '../tensor/expected';
import type { Tensor } from '../tensor/tensor';
import { type ClassOptions, classesOf, confusionCounts } from './classes';
import { Metric, Sum } from './metric';

/** The base of metrics that follow from the confusion matrix. */
abstract class FromConfusion<Value> extends Metric<[prediction: Tensor, target: Tensor], Value> {
  readonly numClasses: number;
  readonly #ignoreIndex: number | null;
  readonly #counts = new Sum();
  readonly #strangers = new Sum();

  constructor(numClasses: number, options?: ClassOptions) {
    super();
    const { ignoreIndex = null } = checkedOptions(options, 'FromConfusion');
    if (!Number.isInteger(numClasses) || numClasses < 2) throw expected('a whole number from 2', 'numClasses', numClasses);
    this.numClasses = numClasses;
    this.#ignoreIndex = ignoreIndex;
  }

  protected override accumulate(prediction: Tensor, target: Tensor): void {
    const said = classesOf(prediction, target, this.numClasses, this.constructor.name);
    const [counts, strangers] = confusionCounts(said, target, this.numClasses, this.#ignoreIndex);
    this.#counts.add(counts);
    this.#strangers.add(strangers);
  }

  protected override evaluate(): Value {
    const strangers = Number(this.#strangers.total.item());
    if (strangers > 0)
      throw new RangeError(
        `Expected class numbers from 0 to ${this.numClasses - 1} for ${this.constructor.name} but received ${strangers} predictions or targets that are none`,
      );
    return this.fromCounts(this.#counts.total);
  }

  /** @param counts int64 [C, C], how often each class (column) was said for each true class (row) */
  protected abstract fromCounts(counts: Tensor): Value;

  protected override clear(): void {
    this.#counts.clear();
    this.#strangers.clear();
  }
}

export interface ConfusionMatrixOptions extends ClassOptions {
  /** Divide by the sums of the rows (`'true'`), of the columns (`'predicted'`), or by the sum of all. Default: counts. */
  normalize?: 'true' | 'predicted' | 'all' | null;
}

/**
 * How often each class was predicted for each true class: [C, C], rows are the true classes.
 *
 * Counts are int64. Normalised values are float64, 0 where there is nothing to divide by.
 *
 * @throws in `compute`, for class numbers outside of [0, C)
 */
export class ConfusionMatrix extends FromConfusion<Tensor> {
  readonly #normalize: 'true' | 'predicted' | 'all' | null;

  constructor(numClasses: number, options?: ConfusionMatrixOptions) {
    const { normalize = null, ...rest } = checkedOptions(options, 'ConfusionMatrix');
    super(numClasses, rest);
    if (normalize !== null && !['true', 'predicted', 'all'].includes(normalize))
      throw expected("'true', 'predicted', 'all' or null", 'normalize', normalize);
    this.#normalize = normalize;
  }

  protected override fromCounts(counts: Tensor): Tensor {
    if (this.#normalize === null) return counts.clone().keep();
    const matrix = counts.to('float64');
    const total = this.#normalize === 'all' ? matrix.sum() : matrix.sum(this.#normalize === 'true' ? 1 : 0, { keepdim: true });
    return matrix.div(total.clampMin(1)).keep();
  }
}

/**
 * How values of the single classes become one: their mean (`'macro'`), their mean weighted by how often each class is true
 * (`'weighted'`), the value of all samples counted together (`'micro'`), or not (`'none'`).
 */
export type Average = 'macro' | 'weighted' | 'micro' | 'none';

export interface AverageOptions extends ClassOptions {
  /** Default `'macro'`. */
  average?: Average;
}

/** The base of precision, recall and their means: a ratio of counts per class, averaged. 0 / 0 counts as 0. */
abstract class ClassRatio extends FromConfusion<number | number[]> {
  readonly #average: Average;

  constructor(numClasses: number, options?: AverageOptions) {
    const { average = 'macro', ...rest } = checkedOptions(options, new.target.name);
    super(numClasses, rest);
    if (!['macro', 'weighted', 'micro', 'none'].includes(average))
      throw expected("'macro', 'weighted', 'micro' or 'none'", 'average', average);
    this.#average = average;
  }

  /** Numerators and denominators from what was right, said and true, [C] or summed. */
  protected abstract ratio(right: Tensor, said: Tensor, truth: Tensor): [numerator: Tensor, denominator: Tensor];

  protected override fromCounts(counts: Tensor): number | number[] {
    const matrix = counts.to('float64');
    const [right, said, truth] = [matrix.diagonal(), matrix.sum(0), matrix.sum(1)];
    const micro = this.#average === 'micro';
    const [numerator, denominator] = micro ? this.ratio(right.sum(), said.sum(), truth.sum()) : this.ratio(right, said, truth);
    const values = numerator.div(denominator).nanToNum({ nan: 0 });
    switch (this.#average) {
      case 'micro':
        return Number(values.item());
      case 'none':
        return values.toArray() as number[];
      case 'weighted':
        return Number(values.mul(truth).sum().div(truth.sum()).item());
      case 'macro': {
        // A class that was neither said nor true has no value that could enter the mean.
        const present = said.add(truth).gt(0).to('float64');
        return Number(values.mul(present).sum().div(present.sum()).item());
      }
    }
  }
}

/** `right / said`: the share of predictions of a class that are right. Classes that neither occur nor are said are left out of the macro mean. */
export class Precision extends ClassRatio {
  protected override ratio(right: Tensor, said: Tensor): [Tensor, Tensor] {
    return [right, said];
  }
}

/** `right / true`: the share of a class that is found. Classes that neither occur nor are said are left out of the macro mean. */
export class Recall extends ClassRatio {
  protected override ratio(right: Tensor, _: Tensor, truth: Tensor): [Tensor, Tensor] {
    return [right, truth];
  }
}

export interface FBetaOptions extends AverageOptions {
  /** How much more recall counts than precision. Default 1, their harmonic mean. */
  beta?: number;
}

/** `(1 + beta^2) right / (said + beta^2 true)`: the weighted harmonic mean of precision and recall (van Rijsbergen, 1979). */
export class FBetaScore extends ClassRatio {
  readonly #beta: number;

  constructor(numClasses: number, options?: FBetaOptions) {
    const { beta = 1, ...rest } = checkedOptions(options, 'FBetaScore');
    super(numClasses, rest);
    if (typeof beta !== 'number' || !(beta > 0)) throw expected('a positive number', 'beta', beta);
    this.#beta = beta;
  }

  protected override ratio(right: Tensor, said: Tensor, truth: Tensor): [Tensor, Tensor] {
    const square = this.#beta ** 2;
    return [right.mul(1 + square), said.add(truth.mul(square))];
  }
}
