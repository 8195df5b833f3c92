import { checkedOptions } from '../../tensor/checked';
import { expected } from '../../tensor/expected';
import { rnnRelu, rnnTanh } from '../../tensor/generated/root';
import type { Tensor } from '../../tensor/tensor';
import type { PackedSequence } from '../utils/rnn';
import { Recurrent, type RecurrentOptions } from './base';

export interface RNNOptions extends RecurrentOptions {
  /** Default `'tanh'`. */
  nonlinearity?: 'tanh' | 'relu';
}

/**
 * Elman's recurrent network: `h_t = tanh(W_ih x_t + b_ih + W_hh h_(t-1) + b_hh)` (Elman, 1990).
 *
 * Shapes, with D = 2 when bidirectional, else 1: input [T, N, inputSize], [N, T, inputSize] (`batchFirst`), [T, inputSize] or packed;
 * output the same with D hiddenSize features; state [D numLayers, N, hiddenSize], zeros unless given.
 *
 * @throws for sizes that are no positive whole numbers, a dropout outside [0, 1], and inputs or states of other shapes
 */
export class RNN extends Recurrent {
  readonly nonlinearity: 'tanh' | 'relu';

  constructor(inputSize: number, hiddenSize: number, given?: RNNOptions) {
    const { nonlinearity = 'tanh', ...options } = checkedOptions(given, 'RNN');
    if (nonlinearity !== 'tanh' && nonlinearity !== 'relu') throw expected("'tanh' or 'relu'", 'nonlinearity', nonlinearity);
    super(inputSize, hiddenSize, 1, options);
    this.nonlinearity = nonlinearity;
  }

  /** The output of the last layer for each step, and the last state of each layer. */
  override forward(input: PackedSequence, hx?: Tensor | null): [output: PackedSequence, hidden: Tensor];
  override forward(input: Tensor, hx?: Tensor | null): [output: Tensor, hidden: Tensor];
  override forward(input: Tensor | PackedSequence, hx: Tensor | null = null): [output: Tensor | PackedSequence, hidden: Tensor] {
    const { data, batchSizes, states, restore } = this.prepare(input, hx === null ? null : [hx], [this.hiddenSize]);
    const run = this.nonlinearity === 'tanh' ? rnnTanh : rnnRelu;
    const state = states[0] as Tensor;
    const [output, last] =
      batchSizes === null ? run(data, state, ...this.switches(), this.batchFirst) : run(data, batchSizes, state, ...this.switches());
    const [restored, [hidden]] = restore(output, [last]);
    return [restored, hidden as Tensor];
  }
}
