import { checkedOptions } from '../../tensor/checked';
import { lstm } from '../../tensor/generated/root';
import type { Tensor } from '../../tensor/tensor';
import type { PackedSequence } from '../utils/rnn';
import { Recurrent, type RecurrentOptions } from './base';

export interface LSTMOptions extends RecurrentOptions {
  /** Project the hidden states to this size (Sak et al., 2014). Default 0: no projection. */
  projSize?: number;
}

/** Hidden state and cell state. */
export type LSTMState = readonly [hidden: Tensor, cell: Tensor];

/**
 * Long short-term memory (Hochreiter and Schmidhuber, 1997, with forget gates): `i, f, o = sigmoid(...)`, `g = tanh(...)` of
 * `W_i x + b_i + W_h h + b_h`, `c' = f c + i g`, `h' = o tanh(c')`. The rows of the weights are i, f, g, o.
 *
 * Shapes, with D = 2 when bidirectional, else 1, and H = projSize or else hiddenSize: input [T, N, inputSize], [N, T, inputSize]
 * (`batchFirst`), [T, inputSize] or packed; output the same with D H features; hidden state [D numLayers, N, H], cell state
 * [D numLayers, N, hiddenSize], zeros unless given.
 *
 * @throws for sizes that are no positive whole numbers, a dropout outside [0, 1], and inputs or states of other shapes
 */
export class LSTM extends Recurrent {
  constructor(inputSize: number, hiddenSize: number, given?: LSTMOptions) {
    const { projSize = 0, ...options } = checkedOptions(given, 'LSTM');
    super(inputSize, hiddenSize, 4, options, projSize);
  }

  /** The output of the last layer for each step, and the last states of each layer. */
  override forward(input: PackedSequence, hx?: LSTMState | null): [output: PackedSequence, state: [hidden: Tensor, cell: Tensor]];
  override forward(input: Tensor, hx?: LSTMState | null): [output: Tensor, state: [hidden: Tensor, cell: Tensor]];
  override forward(
    input: Tensor | PackedSequence,
    hx: LSTMState | null = null,
  ): [output: Tensor | PackedSequence, state: [hidden: Tensor, cell: Tensor]] {
    const { data, batchSizes, states, restore } = this.prepare(input, hx, [this.outputSize, this.hiddenSize]);
    const [output, ...last] =
      batchSizes === null ? lstm(data, states, ...this.switches(), this.batchFirst) : lstm(data, batchSizes, states, ...this.switches());
    const [restored, [hidden, cell]] = restore(output, last);
    return [restored, [hidden as Tensor, cell as Tensor]];
  }
}
