import { checkedOptions, checkedTensor } from '../tensor/checked';
import { expected } from '../tensor/expected';
import { empty } from '../tensor/generated/root';
import { checkProbability } from '../tensor/numbers';
import type { Tensor } from '../tensor/tensor';
import { type AttentionOptions, multiHeadAttentionForward } from './functional/attention';
import * as init from './init';
import { type FactoryOptions, Linear } from './linear';
import { Module } from './module';
import { Parameter } from './parameter';
import { checkSize } from './sizes';

export interface MultiheadAttentionOptions extends FactoryOptions {
  /** Probability of dropout of attention weights. Default 0. */
  dropout?: number;
  /** Learned biases of the projections. Default true. */
  bias?: boolean;
  /** Add a learned key and value behind the others. Default false. */
  addBiasKv?: boolean;
  /** Add a key and a value of zeros behind the others. Default false. */
  addZeroAttn?: boolean;
  /** Features of the keys. Default: `embedDim`. */
  kdim?: number;
  /** Features of the values. Default: `embedDim`. */
  vdim?: number;
  /** Inputs and outputs are [N, L, E] and not [L, N, E]. Default false. */
  batchFirst?: boolean;
}

/** Has a name of its own only because PyTorch's, which is printed, has. */
class NonDynamicallyQuantizableLinear extends Linear {}

/**
 * Attention with several heads: `concat(softmax(Q_h K_h^T / sqrt(embedDim / numHeads) + mask) V_h) W_o` (Vaswani et al., 2017).
 *
 * Shapes: query [L, N, embedDim], key [S, N, kdim], value [S, N, vdim]; with `batchFirst` [N, L, embedDim] and so on, without N for
 * one sample; output as query, weights [N, L, S], or [N, numHeads, L, S] when they are not averaged. Weights of the projections
 * are initialised as by `xavierUniform_`, biases with zeros.
 *
 * @throws for an `embedDim` that `numHeads` does not divide, and for inputs or masks whose shapes do not fit
 */
export class MultiheadAttention extends Module {
  readonly inProjWeight: Parameter | null;
  readonly qProjWeight: Parameter | null;
  readonly kProjWeight: Parameter | null;
  readonly vProjWeight: Parameter | null;
  readonly inProjBias: Parameter | null;
  readonly biasK: Parameter | null;
  readonly biasV: Parameter | null;
  readonly outProj: Linear;
  readonly dropout: number;
  readonly addZeroAttn: boolean;
  readonly kdim: number;
  readonly vdim: number;
  readonly batchFirst: boolean;

  constructor(
    readonly embedDim: number,
    readonly numHeads: number,
    options: MultiheadAttentionOptions = {},
  ) {
    super();
    const {
      dropout = 0,
      bias = true,
      addBiasKv = false,
      addZeroAttn = false,
      kdim = embedDim,
      vdim = embedDim,
    } = checkedOptions(options, this.constructor.name);
    const { batchFirst = false, device, dtype } = options;
    for (const [name, size] of Object.entries({ embedDim, numHeads, kdim, vdim })) checkSize(size, name);
    if (embedDim % numHeads !== 0) throw expected(`a number that ${numHeads} heads divide`, 'embedDim', embedDim);
    checkProbability(dropout, 'dropout');
    const make = (...shape: number[]): Parameter => new Parameter(empty(shape, { device, dtype }));
    const joint = kdim === embedDim && vdim === embedDim;
    this.inProjWeight = joint ? make(3 * embedDim, embedDim) : null;
    this.qProjWeight = joint ? null : make(embedDim, embedDim);
    this.kProjWeight = joint ? null : make(embedDim, kdim);
    this.vProjWeight = joint ? null : make(embedDim, vdim);
    this.inProjBias = bias ? make(3 * embedDim) : null;
    this.biasK = addBiasKv ? make(1, 1, embedDim) : null;
    this.biasV = addBiasKv ? make(1, 1, embedDim) : null;
    this.outProj = new NonDynamicallyQuantizableLinear(embedDim, embedDim, { bias, device, dtype });
    this.dropout = dropout;
    this.addZeroAttn = addZeroAttn;
    this.kdim = kdim;
    this.vdim = vdim;
    this.batchFirst = batchFirst;
    this.resetParameters();
  }

  /** Draws the initial values again, but those of the output projection's weight. */
  resetParameters(): void {
    for (const weight of [this.inProjWeight, this.qProjWeight, this.kProjWeight, this.vProjWeight])
      if (weight !== null) init.xavierUniform_(weight);
    for (const bias of [this.inProjBias, this.outProj.bias]) if (bias !== null) init.zeros_(bias);
    for (const bias of [this.biasK, this.biasV]) if (bias !== null) init.xavierNormal_(bias);
  }

  /** The attention's output, and its weights unless `needWeights` is false. */
  override forward(
    query: Tensor,
    key: Tensor,
    value: Tensor,
    options: AttentionOptions & { needWeights: false },
  ): [output: Tensor, weights: null];
  override forward(
    query: Tensor,
    key: Tensor,
    value: Tensor,
    options?: AttentionOptions & { needWeights?: true },
  ): [output: Tensor, weights: Tensor];
  override forward(query: Tensor, key: Tensor, value: Tensor, options?: AttentionOptions): [output: Tensor, weights: Tensor | null];
  override forward(query: Tensor, key: Tensor, value: Tensor, options: AttentionOptions = {}): [output: Tensor, weights: Tensor | null] {
    checkedTensor(query, 'query');
    checkedTensor(key, 'key');
    checkedTensor(value, 'value');
    const swap = this.batchFirst && query.dim() === 3;
    // Inputs that are the same stay the same: they are projected together.
    const q = swap ? query.transpose(0, 1) : query;
    const k = key === query ? q : swap ? key.transpose(0, 1) : key;
    const v = value === key ? k : swap ? value.transpose(0, 1) : value;
    const { inProjWeight } = this; // read once: it may be computed
    const [output, weights] = multiHeadAttentionForward(
      q,
      k,
      v,
      this.embedDim,
      this.numHeads,
      inProjWeight,
      this.inProjBias,
      this.biasK,
      this.biasV,
      this.addZeroAttn,
      this.dropout,
      this.outProj.weight,
      this.outProj.bias,
      {
        ...options,
        training: this.training,
        useSeparateProjWeight: inProjWeight === null,
        qProjWeight: this.qProjWeight,
        kProjWeight: this.kProjWeight,
        vProjWeight: this.vProjWeight,
      },
    );
    return [swap ? output.transpose(0, 1) : output, weights];
  }
}
