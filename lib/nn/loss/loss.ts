import { type Reduction, reductionCode } from '../functional/reduction';
import { Module } from '../module';

/** The base of the losses: modules whose fields are the options of the function that they call. */
export abstract class Loss<R extends string = Reduction> extends Module {
  constructor(readonly reduction: R) {
    super();
    if (reduction !== 'batchmean') reductionCode(reduction as Reduction); // refuses what is none
  }
}
