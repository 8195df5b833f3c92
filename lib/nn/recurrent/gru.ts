import { checkedOptions } from '../../tensor/checked';
import { gru } from '../../tensor/generated/root';
import type { Tensor } from '../../tensor/tensor';
import type { PackedSequence } from '../utils/rnn';
import { Recurrent, type RecurrentOptions } from './base';

/**
 * Gated recurrent units (Cho et al., 2014):
 * `r = sigmoid(W_ir x + b_ir + W_hr h + b_hr)`, `z = sigmoid(W_iz x + b_iz + W_hz h + b_hz)`,
 * `n = tanh(W_in x + b_in + r (W_hn h + b_hn))`, `h' = (1 - z) n + z h`. The rows of the weights are r, z, n.
 *
 * Shapes, with D = 2 when bidirectional, else 1: input [T, N, inputSize], [N, T, inputSize] (`batchFirst`), [T, inputSize] or packed;
 * output the same with D hiddenSize features; state [D numLayers, N, hiddenSize], zeros unless given.
 *
 * @throws for sizes that are no positive whole numbers, a dropout outside [0, 1], and inputs or states of other shapes
 */
export class GRU extends Recurrent {
  constructor(inputSize: number, hiddenSize: number, options?: RecurrentOptions) {
    super(inputSize, hiddenSize, 3, checkedOptions(options, 'GRU'));
  }

  /** The output of the last layer for each step, and the last state of each layer. */
  override forward(input: PackedSequence, hx?: Tensor | null): [output: PackedSequence, hidden: Tensor];
  override forward(input: Tensor, hx?: Tensor | null): [output: Tensor, hidden: Tensor];
  override forward(input: Tensor | PackedSequence, hx: Tensor | null = null): [output: Tensor | PackedSequence, hidden: Tensor] {
    const { data, batchSizes, states, restore } = this.prepare(input, hx === null ? null : [hx], [this.hiddenSize]);
    const state = states[0] as Tensor;
    const [output, last] =
      batchSizes === null ? gru(data, state, ...this.switches(), this.batchFirst) : gru(data, batchSizes, state, ...this.switches());
    const [restored, [hidden]] = restore(output, [last]);
    return [restored, hidden as Tensor];
  }
}
