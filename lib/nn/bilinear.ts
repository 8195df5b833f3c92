import { checkedOptions } from '../tensor/checked';
import { empty } from '../tensor/generated/root';
import type { Tensor } from '../tensor/tensor';
import { bilinear } from './functional';
import * as init from './init';
import type { LinearOptions } from './linear';
import { Module } from './module';
import { Parameter } from './parameter';
import { python } from './repr';
import { checkSize } from './sizes';

/**
 * A bilinear map of the last dimensions of two inputs: `y = x1^T A x2 + b`.
 *
 * Shapes: inputs [*, in1Features] and [*, in2Features], output [*, outFeatures]; weight [outFeatures, in1Features, in2Features], bias
 * [outFeatures]. Both are initialised uniformly on +-1 / sqrt(in1Features).
 *
 * @throws for sizes that are no positive whole numbers
 */
export class Bilinear extends Module {
  readonly weight: Parameter;
  readonly bias: Parameter | null;

  constructor(
    readonly in1Features: number,
    readonly in2Features: number,
    readonly outFeatures: number,
    options?: LinearOptions,
  ) {
    super();
    const { bias = true, device, dtype } = checkedOptions(options, 'Bilinear');
    checkSize(in1Features, 'in1Features');
    checkSize(in2Features, 'in2Features');
    checkSize(outFeatures, 'outFeatures');
    this.weight = new Parameter(empty([outFeatures, in1Features, in2Features], { device, dtype }));
    this.bias = bias ? new Parameter(empty([outFeatures], { device, dtype })) : null;
    this.resetParameters();
  }

  /** Draws the initial values again. */
  resetParameters(): void {
    const bound = 1 / Math.sqrt(this.in1Features);
    init.uniform_(this.weight, { a: -bound, b: bound });
    if (this.bias !== null) init.uniform_(this.bias, { a: -bound, b: bound });
  }

  override forward(input1: Tensor, input2: Tensor): Tensor {
    return bilinear(input1, input2, this.weight, this.bias);
  }

  protected override extraRepr(): string {
    const { in1Features, in2Features, outFeatures, bias } = this;
    return `in1_features=${in1Features}, in2_features=${in2Features}, out_features=${outFeatures}, bias=${python(bias !== null)}`;
  }
}
