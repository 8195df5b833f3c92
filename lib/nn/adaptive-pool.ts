import { checkedOptions } from '../tensor/checked';
import { expected } from '../tensor/expected';
import type { Tensor } from '../tensor/tensor';
import {
  adaptiveAvgPool1d,
  adaptiveAvgPool2d,
  adaptiveAvgPool3d,
  adaptiveMaxPool1d,
  adaptiveMaxPool2d,
  adaptiveMaxPool3d,
} from './functional';
import type { Pooled } from './max-pool';
import { Module } from './module';
import { python } from './repr';
import type { Dims, Single } from './sizes';

/** Sizes of an output, where null stands for the input's own size. */
export type AdaptivePair = number | readonly [number | null, number | null];
export type AdaptiveTriple = number | readonly [number | null, number | null, number | null];

type AdaptiveSize = Single | AdaptivePair | AdaptiveTriple;

export interface AdaptiveMaxPoolOptions<Indices extends boolean = false> {
  /** Give [output, indices]. Default false. */
  returnIndices?: Indices;
}

const AVERAGE = { 1: adaptiveAvgPool1d, 2: adaptiveAvgPool2d, 3: adaptiveAvgPool3d } as const;
const MAXIMUM = { 1: adaptiveMaxPool1d, 2: adaptiveMaxPool2d, 3: adaptiveMaxPool3d } as const;

/** Adaptive pooling in one, two or three dimensions. */
abstract class AdaptivePool<S extends AdaptiveSize> extends Module {
  constructor(
    protected readonly dims: Dims,
    readonly outputSize: S,
  ) {
    super();
    const values: readonly unknown[] = Array.isArray(outputSize) ? outputSize : Array(dims).fill(outputSize);
    const fits = values.length === dims && values.every((size) => size === null || (Number.isSafeInteger(size) && Number(size) >= 0));
    if (!fits || outputSize === null) throw expected(`a whole number, or ${dims} of them or null,`, 'outputSize', outputSize);
  }

  protected override extraRepr(): string {
    return `output_size=${python(this.outputSize)}`;
  }
}

abstract class AdaptiveAvgPool<S extends AdaptiveSize> extends AdaptivePool<S> {
  override forward(input: Tensor): Tensor {
    return AVERAGE[this.dims](input, this.outputSize);
  }
}

abstract class AdaptiveMaxPool<S extends AdaptiveSize, Indices extends boolean> extends AdaptivePool<S> {
  readonly returnIndices: boolean;

  constructor(dims: Dims, outputSize: S, { returnIndices = false }: { returnIndices?: boolean }) {
    super(dims, outputSize);
    this.returnIndices = returnIndices;
  }

  override forward(input: Tensor): Pooled<Indices> {
    const pool = MAXIMUM[this.dims];
    const { outputSize } = this;
    return (this.returnIndices ? pool(input, outputSize, { returnIndices: true }) : pool(input, outputSize)) as Pooled<Indices>;
  }
}

/**
 * The means of `outputSize` windows of a sequence of any length.
 *
 * Shapes: input [N, C, L] or [C, L], output [N, C, outputSize].
 *
 * @throws for sizes that are no whole numbers
 */
export class AdaptiveAvgPool1d extends AdaptiveAvgPool<Single> {
  constructor(outputSize: Single) {
    super(1, outputSize);
  }
}

/**
 * The means of `outputSize` windows of an image of any size.
 *
 * Shapes: input [N, C, H, W] or [C, H, W], output [N, C, ...outputSize].
 *
 * @throws for sizes that are no whole numbers
 */
export class AdaptiveAvgPool2d extends AdaptiveAvgPool<AdaptivePair> {
  constructor(outputSize: AdaptivePair) {
    super(2, outputSize);
  }
}

/**
 * The means of `outputSize` windows of a volume of any size.
 *
 * Shapes: input [N, C, D, H, W] or [C, D, H, W], output [N, C, ...outputSize].
 *
 * @throws for sizes that are no whole numbers
 */
export class AdaptiveAvgPool3d extends AdaptiveAvgPool<AdaptiveTriple> {
  constructor(outputSize: AdaptiveTriple) {
    super(3, outputSize);
  }
}

/**
 * The largest values of `outputSize` windows of a sequence of any length.
 *
 * Shapes: input [N, C, L] or [C, L], output [N, C, outputSize].
 *
 * @throws for sizes that are no whole numbers
 */
export class AdaptiveMaxPool1d<Indices extends boolean = false> extends AdaptiveMaxPool<Single, Indices> {
  constructor(outputSize: Single, options?: AdaptiveMaxPoolOptions<Indices>) {
    super(1, outputSize, checkedOptions(options, 'AdaptiveMaxPool1d'));
  }
}

/**
 * The largest values of `outputSize` windows of an image of any size.
 *
 * Shapes: input [N, C, H, W] or [C, H, W], output [N, C, ...outputSize].
 *
 * @throws for sizes that are no whole numbers
 */
export class AdaptiveMaxPool2d<Indices extends boolean = false> extends AdaptiveMaxPool<AdaptivePair, Indices> {
  constructor(outputSize: AdaptivePair, options?: AdaptiveMaxPoolOptions<Indices>) {
    super(2, outputSize, checkedOptions(options, 'AdaptiveMaxPool2d'));
  }
}

/**
 * The largest values of `outputSize` windows of a volume of any size.
 *
 * Shapes: input [N, C, D, H, W] or [C, D, H, W], output [N, C, ...outputSize].
 *
 * @throws for sizes that are no whole numbers
 */
export class AdaptiveMaxPool3d<Indices extends boolean = false> extends AdaptiveMaxPool<AdaptiveTriple, Indices> {
  constructor(outputSize: AdaptiveTriple, options?: AdaptiveMaxPoolOptions<Indices>) {
    super(3, outputSize, checkedOptions(options, 'AdaptiveMaxPool3d'));
  }
}
