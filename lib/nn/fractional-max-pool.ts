import { checkedOptions } from '../tensor/checked';
import { expected } from '../tensor/expected';
import type { Tensor } from '../tensor/tensor';
import { fractionalMaxPool2d, fractionalMaxPool3d } from './functional';
import type { Pooled } from './max-pool';
import { Module } from './module';
import { Buffer } from './parameter';
import { type Each, each, type Pair, type Triple } from './sizes';

export interface FractionalMaxPoolOptions<S extends Pair | Triple, Indices extends boolean = false> {
  /** Spatial size of the output. Either this or `outputRatio` is needed. */
  outputSize?: S | null;
  /** Spatial size of the output as a share of the input's, in (0, 1). */
  outputRatio?: S | null;
  /** Give [output, indices]. Default false. */
  returnIndices?: Indices;
  /** Where the windows stand, for windows that stay: numbers in [0, 1), [N, C, spatial dimensions]. Default: drawn at each call. */
  randomSamples?: Tensor | null;
}

const KERNELS = { 2: fractionalMaxPool2d, 3: fractionalMaxPool3d } as const;

/** Fractional max pooling in two or three dimensions. */
abstract class FractionalMaxPool<S extends Pair | Triple, Indices extends boolean> extends Module {
  readonly kernelSize: Each<S>;
  readonly outputSize: Each<S> | null;
  readonly outputRatio: readonly number[] | null;
  readonly returnIndices: boolean;
  readonly _randomSamples: Buffer | null;
  readonly #dims: 2 | 3;

  constructor(dims: 2 | 3, kernelSize: S, options: FractionalMaxPoolOptions<S, Indices>) {
    super();
    const {
      outputSize = null,
      outputRatio = null,
      returnIndices = false,
      randomSamples = null,
    } = checkedOptions(options, this.constructor.name);
    if ((outputSize === null) === (outputRatio === null))
      throw expected('an outputSize or an outputRatio', `FractionalMaxPool${dims}d`, options);
    this.kernelSize = each(kernelSize, dims, 'kernelSize', 1);
    this.outputSize = outputSize === null ? null : each(outputSize, dims, 'outputSize', 1);
    this.outputRatio = outputRatio === null ? null : ratios(outputRatio, dims);
    this.returnIndices = returnIndices;
    this._randomSamples = randomSamples === null ? null : new Buffer(randomSamples);
    this.#dims = dims;
  }

  override forward(input: Tensor): Pooled<Indices> {
    const { kernelSize, outputSize, outputRatio, _randomSamples: randomSamples } = this;
    const options = { outputSize, outputRatio, randomSamples };
    const pool = KERNELS[this.#dims];
    const result = this.returnIndices ? pool(input, kernelSize, { ...options, returnIndices: true }) : pool(input, kernelSize, options);
    return result as Pooled<Indices>;
  }
}

function ratios(value: number | readonly number[], dims: number): readonly number[] {
  const values = typeof value === 'number' ? Array<number>(dims).fill(value) : value;
  if (values.length !== dims || !values.every((ratio) => ratio > 0 && ratio < 1)) throw expected('shares in (0, 1)', 'outputRatio', value);
  return values;
}

/**
 * The largest value in each of a given number of windows of an image, which stand at random, about evenly (Graham, 2014).
 *
 * Shapes: input [N, C, H, W] or [C, H, W], output [N, C, ...outputSize].
 *
 * @throws for sizes that are no whole numbers, and unless exactly one of `outputSize` and `outputRatio` is given
 */
export class FractionalMaxPool2d<Indices extends boolean = false> extends FractionalMaxPool<Pair, Indices> {
  constructor(kernelSize: Pair, options: FractionalMaxPoolOptions<Pair, Indices>) {
    super(2, kernelSize, options);
  }
}

/**
 * The largest value in each of a given number of windows of a volume, which stand at random, about evenly (Graham, 2014).
 *
 * Shapes: input [N, C, D, H, W] or [C, D, H, W], output [N, C, ...outputSize].
 *
 * @throws for sizes that are no whole numbers, and unless exactly one of `outputSize` and `outputRatio` is given
 */
export class FractionalMaxPool3d<Indices extends boolean = false> extends FractionalMaxPool<Triple, Indices> {
  constructor(kernelSize: Triple, options: FractionalMaxPoolOptions<Triple, Indices>) {
    super(3, kernelSize, options);
  }
}
