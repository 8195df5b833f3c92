import { checkedOptions } from '../tensor/checked';
import { ones, zeros } from '../tensor/generated/root';
import type { Tensor } from '../tensor/tensor';
import { groupNorm } from './functional';
import * as init from './init';
import type { FactoryOptions } from './linear';
import { Module } from './module';
import { Parameter } from './parameter';
import { python } from './repr';
import { checkSize } from './sizes';

export interface GroupNormOptions extends FactoryOptions {
  /** Added to the variance. Default 1e-5. */
  eps?: number;
  /** Scale and shift each channel by learned weight and bias. Default true. */
  affine?: boolean;
  /** With `affine`, shift too. Default true. */
  bias?: boolean;
}

/**
 * Group normalisation: `y = (x - mean) / sqrt(var + eps) * weight + bias`, mean and biased variance over each group of channels of
 * each sample (Wu and He, 2018).
 *
 * Shapes: input and output [N, numChannels, *]; weight and bias [numChannels].
 *
 * @throws for channels that the number of groups does not divide
 */
export class GroupNorm extends Module {
  readonly weight: Parameter | null;
  readonly bias: Parameter | null;
  readonly eps: number;
  readonly affine: boolean;

  constructor(
    readonly numGroups: number,
    readonly numChannels: number,
    options?: GroupNormOptions,
  ) {
    super();
    const { eps = 1e-5, affine = true, bias = true, device, dtype } = checkedOptions(options, 'GroupNorm');
    checkSize(numGroups, 'numGroups');
    checkSize(numChannels, 'numChannels');
    if (numChannels % numGroups !== 0)
      throw new RangeError(`Expected channels that numGroups ${numGroups} divides but received numChannels ${numChannels}`);
    this.eps = eps;
    this.affine = affine;
    this.weight = affine ? new Parameter(ones([numChannels], { device, dtype })) : null;
    this.bias = affine && bias ? new Parameter(zeros([numChannels], { device, dtype })) : null;
  }

  /** Sets weight to one and bias to zero. */
  resetParameters(): void {
    if (this.weight !== null) init.ones_(this.weight);
    if (this.bias !== null) init.zeros_(this.bias);
  }

  override forward(input: Tensor): Tensor {
    return groupNorm(input, this.numGroups, this);
  }

  protected override extraRepr(): string {
    const { numGroups, numChannels, eps, affine, bias } = this;
    return `${numGroups}, ${numChannels}, eps=${python(eps)}, affine=${python(affine)}, bias=${python(bias !== null)}`;
  }
}
