import { checkedOptions } from '../tensor/checked';
import { ReLU } from './activation';
import { BatchNorm1d } from './batch-norm';
import { Dropout } from './dropout';
import { type FactoryOptions, Linear } from './linear';
import { Sequential } from './sequential';

export interface AuxiliaryHeadOptions extends FactoryOptions {
  /** Units of the hidden layer, from 1. Default 200, of the authors. */
  hidden?: number;
  /** Probability that a hidden unit is dropped while training. Default 0.1. */
  dropout?: number;
}

/**
 * A second classifier on the features of a network, for a loss that is not to share the first one's weights: linear layer, dropout, batch
 * normalisation, ReLU, linear layer. It is trained with the network and left out of it afterwards.
 *
 * Shapes: input [B, dimIn], output [B, numClasses].
 *
 * @throws for sizes that are no positive whole numbers, a probability outside [0, 1]
 *
 * Yang, Zong, Huang, Feng, An: Dual-Head Knowledge Distillation. KDD 2025, arXiv 2411.08937
 */
export class AuxiliaryHead extends Sequential<readonly [Linear, Dropout, BatchNorm1d, ReLU, Linear]> {
  constructor(dimIn: number, numClasses: number, options?: AuxiliaryHeadOptions) {
    const { hidden = 200, dropout = 0.1, ...factory } = checkedOptions(options, 'AuxiliaryHead');
    super(
      new Linear(dimIn, hidden, factory),
      new Dropout({ p: dropout }),
      new BatchNorm1d(hidden, factory),
      new ReLU(),
      new Linear(hidden, numClasses, factory),
    );
  }
}
