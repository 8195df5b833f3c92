import { checkedOptions } from '../../tensor/checked';
import { expected } from '../../tensor/expected';
import { empty, zeros } from '../../tensor/generated/root';
import { checkProbability } from '../../tensor/numbers';
import { Tensor } from '../../tensor/tensor';
import * as init from '../init';
import type { FactoryOptions } from '../linear';
import { Module } from '../module';
import { Parameter } from '../parameter';
import { checkSize } from '../sizes';
import { PackedSequence } from '../utils/rnn';

export interface RecurrentOptions extends FactoryOptions {
  /** Layers on top of each other. Default 1. */
  numLayers?: number;
  /** Learned biases. Default true. */
  bias?: boolean;
  /** Inputs and outputs are [N, T, *] and not [T, N, *]; states are not affected. Default false. */
  batchFirst?: boolean;
  /** Probability of dropout behind each layer but the last. Default 0. */
  dropout?: number;
  /** Also run from the end to the start; outputs are joined along the last dimension. Default false. */
  bidirectional?: boolean;
}

/** What the kernels take besides tensors, in their order. */
export type Switches = readonly [
  params: readonly Parameter[],
  hasBiases: boolean,
  numLayers: number,
  dropout: number,
  training: boolean,
  bidirectional: boolean,
];

/** An input with the states that belong to it, as the kernels want them, and the way back. */
interface Prepared {
  readonly data: Tensor;
  readonly batchSizes: Tensor | null;
  readonly states: Tensor[];
  /** Output and states in the form of the input. */
  restore(output: Tensor, states: readonly Tensor[]): [output: Tensor | PackedSequence, states: Tensor[]];
}

/**
 * What the recurrent layers share. Parameters are named as PyTorch's: `weight_ih_l0`, `weight_hh_l0`, `bias_ih_l0`, `bias_hh_l0`,
 * with projections `weight_hr_l0`; `_reverse` behind it for the other direction. All start uniformly on +-1 / sqrt(hiddenSize).
 */
export abstract class Recurrent extends Module {
  readonly numLayers: number;
  readonly bias: boolean;
  readonly batchFirst: boolean;
  readonly dropout: number;
  readonly bidirectional: boolean;
  /** The names of the parameters in the order of the kernels. Each is a field, so that a parametrization can take its place. */
  protected readonly weightNames: readonly `${'weight' | 'bias'}_${string}`[];
  readonly [weight: `weight_${string}`]: Parameter;
  readonly [bias: `bias_${string}`]: Parameter;

  constructor(
    readonly inputSize: number,
    readonly hiddenSize: number,
    gates: number,
    options: RecurrentOptions,
    readonly projSize = 0,
  ) {
    super();
    const {
      numLayers = 1,
      bias = true,
      batchFirst = false,
      dropout = 0,
      bidirectional = false,
      device,
      dtype,
    } = checkedOptions(options, this.constructor.name);
    checkSize(inputSize, 'inputSize');
    checkSize(hiddenSize, 'hiddenSize');
    checkSize(numLayers, 'numLayers');
    checkProbability(dropout, 'dropout');
    if (!Number.isSafeInteger(projSize) || projSize < 0 || projSize >= hiddenSize)
      throw expected(`a whole number from 0 to ${hiddenSize - 1}`, 'projSize', projSize);
    if (dropout > 0 && numLayers === 1)
      process.emitWarning(`Expected more than one layer for dropout ${dropout} of ${new.target.name}: there is none behind the last`);
    this.numLayers = numLayers;
    this.bias = bias;
    this.batchFirst = batchFirst;
    this.dropout = dropout;
    this.bidirectional = bidirectional;
    const make = (...shape: number[]): Parameter => new Parameter(empty(shape, { device, dtype }));
    const named: [`${'weight' | 'bias'}_${string}`, Parameter][] = [];
    for (let layer = 0; layer < numLayers; layer++) {
      for (const suffix of bidirectional ? ['', '_reverse'] : ['']) {
        const width = layer === 0 ? inputSize : this.outputSize * (bidirectional ? 2 : 1);
        const name = `l${layer}${suffix}`;
        named.push(
          [`weight_ih_${name}`, make(gates * hiddenSize, width)],
          [`weight_hh_${name}`, make(gates * hiddenSize, this.outputSize)],
        );
        if (bias) named.push([`bias_ih_${name}`, make(gates * hiddenSize)], [`bias_hh_${name}`, make(gates * hiddenSize)]);
        if (projSize > 0) named.push([`weight_hr_${name}`, make(projSize, hiddenSize)]);
      }
    }
    this.weightNames = named.map(([name]) => name);
    Object.assign(this, Object.fromEntries(named));
    this.resetParameters();
  }

  /** Features of an output in one direction. */
  get outputSize(): number {
    return this.projSize > 0 ? this.projSize : this.hiddenSize;
  }

  /** Draws the initial values again. */
  resetParameters(): void {
    const bound = 1 / Math.sqrt(this.hiddenSize);
    for (const weight of this.weights()) init.uniform_(weight, { a: -bound, b: bound });
  }

  /** The parameters in the order of the kernels. */
  protected weights(): Parameter[] {
    return this.weightNames.map((name) => this[name] as Parameter);
  }

  protected switches(): Switches {
    return [this.weights(), this.bias, this.numLayers, this.dropout, this.training, this.bidirectional];
  }

  /** Checks input and states, adds what is missing - a batch dimension, states of zeros - and sorts states as the packed input. */
  protected prepare(input: Tensor | PackedSequence, states: readonly Tensor[] | null, sizes: readonly number[]): Prepared {
    const where = this.constructor.name;
    const count = this.numLayers * (this.bidirectional ? 2 : 1);
    const packed = input instanceof PackedSequence;
    if (!packed && !(input instanceof Tensor)) throw expected('a tensor or a packed sequence', where, input);
    const data = packed ? input.data : input;
    const dims = data.dim();
    if (packed ? dims !== 2 : dims !== 2 && dims !== 3)
      throw expected(
        packed
          ? 'packed vectors'
          : `a tensor of two or three dimensions, [${this.batchFirst ? 'N, T' : 'T, N'}, features] or [T, features],`,
        where,
        data,
      );
    if (data.size(-1) !== this.inputSize) throw expected(`${this.inputSize} features`, `the last dimension of the input of ${where}`, data);
    if (states !== null && (!Array.isArray(states) || states.length !== sizes.length))
      throw expected(`an array of ${sizes.length} tensors`, `the state of ${where}`, states);
    if (packed) {
      const batch = input.length;
      const { batchSizes, sortedIndices, unsortedIndices } = input;
      return {
        data,
        batchSizes,
        states: this.readyStates(states, sizes, [count, batch], data).map((state) => permuted(state, sortedIndices)),
        restore: (output, last) => [
          new PackedSequence(output, batchSizes, sortedIndices, unsortedIndices),
          last.map((state) => permuted(state, unsortedIndices)),
        ],
      };
    }
    const batchDim = this.batchFirst ? 0 : 1;
    if (dims === 3) {
      const given = this.readyStates(states, sizes, [count, data.size(batchDim)], data);
      return { data, batchSizes: null, states: given, restore: (output, last) => [output, [...last]] };
    }
    const given = this.readyStates(states, sizes, [count], data).map((state) => state.unsqueeze(1));
    const restore = (output: Tensor, last: readonly Tensor[]): [Tensor, Tensor[]] => [
      output.squeeze(batchDim),
      last.map((state) => state.squeeze(1)),
    ];
    return { data: data.unsqueeze(batchDim), batchSizes: null, states: given, restore };
  }

  private readyStates(states: readonly Tensor[] | null, sizes: readonly number[], leading: readonly number[], like: Tensor): Tensor[] {
    const { dtype, device } = like;
    return sizes.map((size, k) => {
      const shape = [...leading, size];
      const given = states?.[k];
      if (given === undefined) return zeros(shape, { dtype, device });
      if (!(given instanceof Tensor) || given.shape.join() !== shape.join())
        throw expected(`a tensor [${shape.join(', ')}]`, `the state of ${this.constructor.name}`, given);
      return given;
    });
  }

  protected override extraRepr(): string {
    const parts = [`${this.inputSize}`, `${this.hiddenSize}`];
    if (this.projSize !== 0) parts.push(`proj_size=${this.projSize}`);
    if (this.numLayers !== 1) parts.push(`num_layers=${this.numLayers}`);
    if (!this.bias) parts.push('bias=False');
    if (this.batchFirst) parts.push('batch_first=True');
    if (this.dropout !== 0) parts.push(`dropout=${this.dropout === 1 ? '1.0' : this.dropout}`);
    if (this.bidirectional) parts.push('bidirectional=True');
    return parts.join(', ');
  }
}

function permuted(state: Tensor, order: Tensor | null): Tensor {
  return order === null ? state : state.indexSelect(1, order);
}
