import { checkedOptions } from '../tensor/checked';
import { ones, zeros } from '../tensor/generated/root';
import type { Tensor } from '../tensor/tensor';
import { layerNorm } from './functional';
import * as init from './init';
import type { FactoryOptions } from './linear';
import { Module } from './module';
import { Parameter } from './parameter';
import { python } from './repr';
import { checkSizes } from './sizes';

export interface LayerNormOptions extends FactoryOptions {
  /** Added to the variance. Default 1e-5. */
  eps?: number;
  /** Scale and shift by learned weight and bias. Default true. */
  elementwiseAffine?: boolean;
  /** With `elementwiseAffine`, shift too. Default true. */
  bias?: boolean;
}

/**
 * Layer normalisation: `y = (x - mean) / sqrt(var + eps) * weight + bias` over the last dimensions, with the biased variance (Ba et al.,
 * 2016).
 *
 * Shapes: input and output [*, ...normalizedShape]; weight and bias [...normalizedShape].
 *
 * @throws for a shape that is none, and in `forward` for an input that does not end in it
 */
export class LayerNorm extends Module {
  readonly weight: Parameter | null;
  readonly bias: Parameter | null;
  readonly normalizedShape: readonly number[];
  readonly eps: number;
  readonly elementwiseAffine: boolean;

  constructor(normalizedShape: number | readonly number[], options?: LayerNormOptions) {
    super();
    const { eps = 1e-5, elementwiseAffine = true, bias = true, device, dtype } = checkedOptions(options, 'LayerNorm');
    checkSizes(normalizedShape, 'normalizedShape');
    this.normalizedShape = typeof normalizedShape === 'number' ? [normalizedShape] : [...normalizedShape];
    this.eps = eps;
    this.elementwiseAffine = elementwiseAffine;
    this.weight = elementwiseAffine ? new Parameter(ones(this.normalizedShape, { device, dtype })) : null;
    this.bias = elementwiseAffine && bias ? new Parameter(zeros(this.normalizedShape, { device, dtype })) : null;
  }

  /** Sets weight to one and bias to zero. */
  resetParameters(): void {
    if (this.weight !== null) init.ones_(this.weight);
    if (this.bias !== null) init.zeros_(this.bias);
  }

  override forward(input: Tensor): Tensor {
    return layerNorm(input, this.normalizedShape, this);
  }

  protected override extraRepr(): string {
    const { normalizedShape, eps, elementwiseAffine, bias } = this;
    return `${python(normalizedShape)}, eps=${python(eps)}, elementwise_affine=${python(elementwiseAffine)}, bias=${python(bias !== null)}`;
  }
}
