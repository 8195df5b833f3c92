import { checkedOptions } from '../tensor/checked';
import { flatten } from '../tensor/generated/root';
import type { Tensor } from '../tensor/tensor';
import { Module } from './module';

export interface FlattenOptions {
  /** First dimension to join. Default 1. */
  startDim?: number;
  /** Last dimension to join. Default -1. */
  endDim?: number;
}

/** Joins neighbouring dimensions: by default all but the first, [N, C, H, W] to [N, C H W]. */
export class Flatten extends Module {
  readonly startDim: number;
  readonly endDim: number;

  constructor(options?: FlattenOptions) {
    super();
    const { startDim = 1, endDim = -1 } = checkedOptions(options, 'Flatten');
    this.startDim = startDim;
    this.endDim = endDim;
  }

  override forward(input: Tensor): Tensor {
    return flatten(input, this.startDim, this.endDim);
  }

  protected override extraRepr(): string {
    return `start_dim=${this.startDim}, end_dim=${this.endDim}`;
  }
}
