import { checkedOptions } from '../../tensor/checked';
import type { Tensor } from '../../tensor/tensor';
import { type Reduction, reductionCode } from '../functional/reduction';
import { Module } from '../module';
import { Buffer } from '../parameter';

/** The base of the losses: modules whose fields are the options of the function that they call. */
export abstract class Loss<R extends string = Reduction> extends Module {
  readonly reduction: R | Reduction;

  constructor(options: { reduction?: R } = {}) {
    super();
    const { reduction = 'mean' } = checkedOptions(options, this.constructor.name);
    if (reduction !== 'batchmean') reductionCode(reduction as Reduction); // refuses what is none
    this.reduction = reduction;
  }
}

/** Weights move with the module, as its buffers. */
export function bufferOf(weight: Tensor | null): Buffer | null {
  return weight === null ? null : new Buffer(weight);
}
