/** Recurrent layers for a single step. */

import { checkedOptions } from '../../tensor/checked';
import { expected } from '../../tensor/expected';
import { empty, gruCell, lstmCell, rnnReluCell, rnnTanhCell, zeros } from '../../tensor/generated/root';
import { Tensor } from '../../tensor/tensor';
import * as init from '../init';
import type { LinearOptions } from '../linear';
import { Module } from '../module';
import { Parameter } from '../parameter';
import { checkSize } from '../sizes';
import type { LSTMState } from './lstm';

/** What the cells share: weights [gates hiddenSize, *], uniform on +-1 / sqrt(hiddenSize). */
abstract class Cell extends Module {
  readonly weightIh: Parameter;
  readonly weightHh: Parameter;
  readonly biasIh: Parameter | null;
  readonly biasHh: Parameter | null;

  constructor(
    readonly inputSize: number,
    readonly hiddenSize: number,
    gates: number,
    options: LinearOptions,
  ) {
    super();
    const { bias = true, device, dtype } = checkedOptions(options, this.constructor.name);
    checkSize(inputSize, 'inputSize');
    checkSize(hiddenSize, 'hiddenSize');
    const make = (...shape: number[]): Parameter => new Parameter(empty(shape, { device, dtype }));
    this.weightIh = make(gates * hiddenSize, inputSize);
    this.weightHh = make(gates * hiddenSize, hiddenSize);
    this.biasIh = bias ? make(gates * hiddenSize) : null;
    this.biasHh = bias ? make(gates * hiddenSize) : null;
    this.resetParameters();
  }

  /** Draws the initial values again. */
  resetParameters(): void {
    const bound = 1 / Math.sqrt(this.hiddenSize);
    for (const weight of this.parameters()) init.uniform_(weight, { a: -bound, b: bound });
  }

  /** Runs a kernel on a batch, made of one sample where it is one, with states of zeros where none are given. */
  protected step(
    input: Tensor,
    states: readonly Tensor[] | null,
    count: number,
    run: (input: Tensor, states: Tensor[]) => Tensor[],
  ): Tensor[] {
    const where = this.constructor.name;
    if (!(input instanceof Tensor) || (input.dim() !== 1 && input.dim() !== 2) || input.size(-1) !== this.inputSize)
      throw expected(`a tensor [N, ${this.inputSize}] or [${this.inputSize}]`, where, input);
    if (states !== null && (!Array.isArray(states) || states.length !== count))
      throw expected(`an array of ${count} tensors`, `the state of ${where}`, states);
    const { dtype, device } = input;
    const shape = [...input.shape.slice(0, -1), this.hiddenSize];
    const given = Array.from({ length: count }, (_, k) => {
      const state = states?.[k];
      if (state === undefined) return zeros(shape, { dtype, device });
      if (!(state instanceof Tensor) || state.shape.join() !== shape.join())
        throw expected(`a tensor [${shape.join(', ')}]`, `the state of ${where}`, state);
      return state;
    });
    if (input.dim() === 2) return run(input, given);
    return run(
      input.unsqueeze(0),
      given.map((state) => state.unsqueeze(0)),
    ).map((state) => state.squeeze(0));
  }

  protected override extraRepr(): string {
    return `${this.inputSize}, ${this.hiddenSize}${this.biasIh === null ? ', bias=False' : ''}`;
  }
}

export interface RNNCellOptions extends LinearOptions {
  /** Default `'tanh'`. */
  nonlinearity?: 'tanh' | 'relu';
}

/**
 * One step of an Elman network: `h' = tanh(W_ih x + b_ih + W_hh h + b_hh)`.
 *
 * Shapes: input [N, inputSize] or [inputSize]; state [N, hiddenSize] or [hiddenSize], zeros unless given.
 *
 * @throws for sizes that are no positive whole numbers, and for inputs or states of other shapes
 */
export class RNNCell extends Cell {
  readonly nonlinearity: 'tanh' | 'relu';

  constructor(inputSize: number, hiddenSize: number, given?: RNNCellOptions) {
    const { nonlinearity = 'tanh', ...options } = checkedOptions(given, 'RNNCell');
    if (nonlinearity !== 'tanh' && nonlinearity !== 'relu') throw expected("'tanh' or 'relu'", 'nonlinearity', nonlinearity);
    super(inputSize, hiddenSize, 1, options);
    this.nonlinearity = nonlinearity;
  }

  override forward(input: Tensor, hx: Tensor | null = null): Tensor {
    const run = this.nonlinearity === 'tanh' ? rnnTanhCell : rnnReluCell;
    const { weightIh, weightHh, biasIh, biasHh } = this;
    const kernel = (x: Tensor, [h]: Tensor[]): Tensor[] => [run(x, h as Tensor, weightIh, weightHh, biasIh, biasHh)];
    return this.step(input, hx === null ? null : [hx], 1, kernel)[0] as Tensor;
  }

  protected override extraRepr(): string {
    return `${super.extraRepr()}${this.nonlinearity === 'tanh' ? '' : `, nonlinearity=${this.nonlinearity}`}`;
  }
}

/**
 * One step of a long short-term memory; formulas as `LSTM`.
 *
 * Shapes: input [N, inputSize] or [inputSize]; states [N, hiddenSize] or [hiddenSize], zeros unless given.
 *
 * @throws for sizes that are no positive whole numbers, and for inputs or states of other shapes
 */
export class LSTMCell extends Cell {
  constructor(inputSize: number, hiddenSize: number, options: LinearOptions = {}) {
    super(inputSize, hiddenSize, 4, options);
  }

  override forward(input: Tensor, hx: LSTMState | null = null): [hidden: Tensor, cell: Tensor] {
    const { weightIh, weightHh, biasIh, biasHh } = this;
    return this.step(input, hx, 2, (x, states) => lstmCell(x, states, weightIh, weightHh, biasIh, biasHh)) as [Tensor, Tensor];
  }
}

/**
 * One step of gated recurrent units; formulas as `GRU`.
 *
 * Shapes: input [N, inputSize] or [inputSize]; state [N, hiddenSize] or [hiddenSize], zeros unless given.
 *
 * @throws for sizes that are no positive whole numbers, and for inputs or states of other shapes
 */
export class GRUCell extends Cell {
  constructor(inputSize: number, hiddenSize: number, options: LinearOptions = {}) {
    super(inputSize, hiddenSize, 3, options);
  }

  override forward(input: Tensor, hx: Tensor | null = null): Tensor {
    const { weightIh, weightHh, biasIh, biasHh } = this;
    const kernel = (x: Tensor, [h]: Tensor[]): Tensor[] => [gruCell(x, h as Tensor, weightIh, weightHh, biasIh, biasHh)];
    return this.step(input, hx === null ? null : [hx], 1, kernel)[0] as Tensor;
  }
}
