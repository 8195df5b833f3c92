import { noGrad } from '../autograd/modes';
import { checkedOptions, checkedTensor } from '../tensor/checked';
import { expected } from '../tensor/expected';
import { empty } from '../tensor/generated/root';
import type { Tensor } from '../tensor/tensor';
import { embedding } from './functional';
import * as init from './init';
import type { FactoryOptions } from './linear';
import { Module } from './module';
import { Parameter } from './parameter';
import { python } from './repr';
import { checkSize } from './sizes';

/** What both kinds of embeddings take. */
export interface LookUpOptions {
  /** Position whose vector starts as zeros and gets no gradient; negative ones count from the end. Default: none. */
  paddingIdx?: number | null;
  /** Vectors that are looked up and have a larger norm are scaled down, in place. Default: none. */
  maxNorm?: number | null;
  /** Degree of that norm. Default 2. */
  normType?: number;
  /** Divide gradients by how often a vector is looked up in the batch. Default false. */
  scaleGradByFreq?: boolean;
  /** Give the weight a sparse gradient. Default false. */
  sparse?: boolean;
}

export interface EmbeddingLayerOptions extends LookUpOptions, FactoryOptions {}

export interface PretrainedOptions extends LookUpOptions {
  /** Do not train the vectors. Default true. */
  freeze?: boolean;
}

/**
 * A table of vectors, looked up by position.
 *
 * Shapes: input int64 [*], output [*, embeddingDim]; weight [numEmbeddings, embeddingDim], drawn from the standard normal
 * distribution, with zeros at `paddingIdx`.
 *
 * @throws for sizes that are no positive whole numbers, and for a `paddingIdx` outside the table
 */
export class Embedding extends Module {
  readonly weight: Parameter;
  readonly paddingIdx: number | null;
  readonly maxNorm: number | null;
  readonly normType: number;
  readonly scaleGradByFreq: boolean;
  readonly sparse: boolean;

  constructor(
    readonly numEmbeddings: number,
    readonly embeddingDim: number,
    options: EmbeddingLayerOptions = {},
  ) {
    super();
    const {
      paddingIdx = null,
      maxNorm = null,
      normType = 2,
      scaleGradByFreq = false,
      sparse = false,
      device,
      dtype,
    } = checkedOptions(options, this.constructor.name);
    checkSize(numEmbeddings, 'numEmbeddings');
    checkSize(embeddingDim, 'embeddingDim');
    this.paddingIdx = paddingPosition(paddingIdx, numEmbeddings);
    this.maxNorm = maxNorm;
    this.normType = normType;
    this.scaleGradByFreq = scaleGradByFreq;
    this.sparse = sparse;
    this.weight = new Parameter(empty([numEmbeddings, embeddingDim], { device, dtype }));
    this.resetParameters();
  }

  /** A layer with these vectors [V, D], whose memory it shares. They are not trained by default. */
  static fromPretrained(embeddings: Tensor, given?: PretrainedOptions): Embedding {
    const { freeze = true, ...options } = checkedOptions(given, 'fromPretrained');
    const [rows, columns] = tableShape(embeddings);
    const layer = new Embedding(rows, columns, { ...options, device: 'meta' });
    return withWeight(layer, embeddings, !freeze);
  }

  /** Draws the initial values again. */
  resetParameters(): void {
    resetTable(this.weight, this.paddingIdx);
  }

  override forward(input: Tensor): Tensor {
    return embedding(input, this.weight, this);
  }

  protected override extraRepr(): string {
    const { paddingIdx, maxNorm, normType, scaleGradByFreq, sparse } = this;
    const parts = [`${this.numEmbeddings}`, `${this.embeddingDim}`];
    if (paddingIdx !== null) parts.push(`padding_idx=${paddingIdx}`);
    if (maxNorm !== null) parts.push(`max_norm=${python(maxNorm)}`);
    if (normType !== 2) parts.push(`norm_type=${python(normType)}`);
    if (scaleGradByFreq) parts.push('scale_grad_by_freq=True');
    if (sparse) parts.push('sparse=True');
    return parts.join(', ');
  }
}

/** A position from 0; negative ones count from the end. */
export function paddingPosition(paddingIdx: number | null, rows: number): number | null {
  if (paddingIdx === null) return null;
  if (!Number.isSafeInteger(paddingIdx) || paddingIdx < -rows || paddingIdx >= rows)
    throw expected(`a position from ${-rows} to ${rows - 1}`, 'paddingIdx', paddingIdx);
  return paddingIdx < 0 ? rows + paddingIdx : paddingIdx;
}

/** Standard normal vectors, zeros at the padding. */
export function resetTable(weight: Parameter, padding: number | null): void {
  init.normal_(weight);
  if (padding !== null) noGrad(() => weight.select(0, padding).zero_());
}

export function tableShape(embeddings: Tensor): [rows: number, columns: number] {
  checkedTensor(embeddings, 'embeddings');
  const [rows, columns, ...rest] = embeddings.shape;
  if (rows === undefined || columns === undefined || rest.length > 0)
    throw expected('a tensor of two dimensions', 'fromPretrained', embeddings);
  return [rows, columns];
}

/** The layer with other memory under its weight. */
export function withWeight<L extends { readonly weight: Parameter }>(layer: L, embeddings: Tensor, requiresGrad: boolean): L {
  (layer as { weight: Parameter }).weight = new Parameter(embeddings, { requiresGrad });
  return layer;
}
