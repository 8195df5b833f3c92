import { checkedOptions } from '../tensor/checked';
import { empty } from '../tensor/generated/root';
import type { Tensor } from '../tensor/tensor';
import { prelu } from './functional';
import * as initial from './init';
import type { FactoryOptions } from './linear';
import { Module } from './module';
import { Parameter } from './parameter';
import { checkSize } from './sizes';

export interface PReLUOptions extends FactoryOptions {
  /** 1 for one slope, or the number of channels for one each. Default 1. */
  numParameters?: number;
  /** The slope to start from. Default 0.25. */
  init?: number;
}

/**
 * `x` where positive, else `a x` with a learned slope (He et al., 2015).
 *
 * Shapes: input and output [N, C, *]; weight [numParameters]. Weight decay pulls the slope towards a ReLU's.
 *
 * @throws for a number of parameters that is no positive whole number
 */
export class PReLU extends Module {
  readonly weight: Parameter;
  readonly numParameters: number;
  readonly init: number;

  constructor(options?: PReLUOptions) {
    super();
    const { numParameters = 1, init = 0.25, device, dtype } = checkedOptions(options, 'PReLU');
    checkSize(numParameters, 'numParameters');
    this.numParameters = numParameters;
    this.init = init;
    this.weight = new Parameter(empty([numParameters], { device, dtype }));
    this.resetParameters();
  }

  /** Sets the slopes to the initial one again. */
  resetParameters(): void {
    initial.constant_(this.weight, this.init);
  }

  override forward(input: Tensor): Tensor {
    return prelu(input, this.weight);
  }

  protected override extraRepr(): string {
    return `num_parameters=${this.numParameters}`;
  }
}
