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

  constructor({ startDim = 1, endDim = -1 }: FlattenOptions = {}) {
    super();
    this.startDim = startDim;
    this.endDim = endDim;
  }

  override forward(input: Tensor): Tensor {
    return input.flatten(this.startDim, this.endDim);
  }

  protected override extraRepr(): string {
    return `start_dim=${this.startDim}, end_dim=${this.endDim}`;
  }
}
