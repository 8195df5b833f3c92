import { checkedOptions } from '../tensor/checked';
import { empty } from '../tensor/generated/root';
import type { Tensor } from '../tensor/tensor';
import type { DeviceLike, DType } from '../tensor/types';
import { linear } from './functional';
import * as init from './init';
import { Module } from './module';
import { Parameter } from './parameter';
import { python } from './repr';
import { checkSize } from './sizes';

/** Where a layer's parameters are made. */
export interface FactoryOptions {
  /** Default `'cpu'`. */
  device?: DeviceLike;
  /** Default: the default dtype, float32. */
  dtype?: DType;
}

export interface LinearOptions extends FactoryOptions {
  /** Add a learned bias. Default true. */
  bias?: boolean;
}

/**
 * An affine map of the last dimension: `y = x A^T + b`.
 *
 * Shapes: input [*, inFeatures], output [*, outFeatures]; weight [outFeatures, inFeatures], bias [outFeatures]. Both are
 * initialised uniformly on +-1 / sqrt(inFeatures).
 *
 * @throws for sizes that are no positive whole numbers
 */
export class Linear extends Module {
  readonly weight: Parameter;
  readonly bias: Parameter | null;

  constructor(
    readonly inFeatures: number,
    readonly outFeatures: number,
    options?: LinearOptions,
  ) {
    super();
    const { bias = true, device, dtype } = checkedOptions(options, 'Linear');
    checkSize(inFeatures, 'inFeatures');
    checkSize(outFeatures, 'outFeatures');
    this.weight = new Parameter(empty([outFeatures, inFeatures], { device, dtype }));
    this.bias = bias ? new Parameter(empty([outFeatures], { device, dtype })) : null;
    this.resetParameters();
  }

  /** Draws the initial values again. */
  resetParameters(): void {
    init.kaimingUniform_(this.weight, { a: Math.sqrt(5) });
    if (this.bias === null) return;
    const bound = 1 / Math.sqrt(this.inFeatures);
    init.uniform_(this.bias, { a: -bound, b: bound });
  }

  override forward(input: Tensor): Tensor {
    return linear(input, this.weight, this.bias);
  }

  protected override extraRepr(): string {
    return `in_features=${this.inFeatures}, out_features=${this.outFeatures}, bias=${python(this.bias !== null)}`;
  }
}
