import { checkedOptions } from '../tensor/checked';
import { ones } from '../tensor/generated/root';
import type { Tensor } from '../tensor/tensor';
import { rmsNorm } from './functional';
import * as init from './init';
import type { FactoryOptions } from './linear';
import { Module } from './module';
import { Parameter } from './parameter';
import { python } from './repr';
import { checkSizes } from './sizes';

export interface RMSNormOptions extends FactoryOptions {
  /** Added to the mean square; null is the dtype's smallest step from 1. Default null. */
  eps?: number | null;
  /** Scale by a learned weight. Default true. */
  elementwiseAffine?: boolean;
}

/**
 * Normalisation by root mean square: `y = x / sqrt(mean(x^2) + eps) * weight` over the last dimensions (Zhang and Sennrich, 2019).
 *
 * Shapes: input and output [*, ...normalizedShape]; weight [...normalizedShape].
 *
 * @throws for a shape that is none, and in `forward` for an input that does not end in it
 */
export class RMSNorm extends Module {
  readonly weight: Parameter | null;
  readonly normalizedShape: readonly number[];
  readonly eps: number | null;
  readonly elementwiseAffine: boolean;

  constructor(normalizedShape: number | readonly number[], options?: RMSNormOptions) {
    super();
    const { eps = null, elementwiseAffine = true, device, dtype } = checkedOptions(options, 'RMSNorm');
    checkSizes(normalizedShape, 'normalizedShape');
    this.normalizedShape = typeof normalizedShape === 'number' ? [normalizedShape] : [...normalizedShape];
    this.eps = eps;
    this.elementwiseAffine = elementwiseAffine;
    this.weight = elementwiseAffine ? new Parameter(ones(this.normalizedShape, { device, dtype })) : null;
  }

  /** Sets weight to one. */
  resetParameters(): void {
    if (this.weight !== null) init.ones_(this.weight);
  }

  override forward(input: Tensor): Tensor {
    return rmsNorm(input, this.normalizedShape, this.weight, this.eps);
  }

  protected override extraRepr(): string {
    const { normalizedShape, eps, elementwiseAffine } = this;
    return `${python(normalizedShape)}, eps=${python(eps)}, elementwise_affine=${python(elementwiseAffine)}`;
  }
}
