import { checkedOptions } from '../tensor/checked';
import { empty } from '../tensor/generated/root';
import type { Tensor } from '../tensor/tensor';
import { type LookUpOptions, type PretrainedOptions, paddingPosition, resetTable, tableShape, withWeight } from './embedding';
import { type EmbeddingBagMode, embeddingBag } from './functional/embedding-bag';
import type { FactoryOptions } from './linear';
import { Module } from './module';
import { Parameter } from './parameter';
import { python } from './repr';
import { checkSize } from './sizes';

interface BagOptions {
  /** How the vectors of a bag are joined. Default `'mean'`. */
  mode?: EmbeddingBagMode;
  /** The last offset is the end of the last bag and starts none. Default false. */
  includeLastOffset?: boolean;
}

export interface EmbeddingBagLayerOptions extends LookUpOptions, BagOptions, FactoryOptions {}

export interface EmbeddingBagInputOptions {
  /** Where each bag starts in an input of one dimension, [B]. */
  offsets?: Tensor | null;
  /** A factor for each position, of the input's shape, for mode `'sum'`. Default: none. */
  perSampleWeights?: Tensor | null;
}

/**
 * Sums, means or maxima over bags of vectors from a table, in one step.
 *
 * Shapes: input int64 [B, N], or [N] with offsets [B]; output [B, embeddingDim], zeros for an empty bag; weight [numEmbeddings,
 * embeddingDim], drawn from the standard normal distribution. Padding is left out of the bags.
 *
 * @throws for sizes that are no positive whole numbers, and for a `paddingIdx` outside the table
 */
export class EmbeddingBag extends Module {
  readonly weight: Parameter;
  readonly maxNorm: number | null;
  readonly normType: number;
  readonly scaleGradByFreq: boolean;
  readonly mode: EmbeddingBagMode;
  readonly sparse: boolean;
  readonly includeLastOffset: boolean;
  readonly paddingIdx: number | null;

  constructor(
    readonly numEmbeddings: number,
    readonly embeddingDim: number,
    options: EmbeddingBagLayerOptions = {},
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
    this.maxNorm = maxNorm;
    this.normType = normType;
    this.scaleGradByFreq = scaleGradByFreq;
    this.mode = options.mode ?? 'mean';
    this.sparse = sparse;
    this.includeLastOffset = options.includeLastOffset ?? false;
    this.paddingIdx = paddingPosition(paddingIdx, numEmbeddings);
    this.weight = new Parameter(empty([numEmbeddings, embeddingDim], { device, dtype }));
    this.resetParameters();
  }

  /** A layer with these vectors [V, D], whose memory it shares. They are not trained by default. */
  static fromPretrained(embeddings: Tensor, given?: PretrainedOptions & BagOptions): EmbeddingBag {
    const { freeze = true, ...options } = checkedOptions(given, 'fromPretrained');
    const [rows, columns] = tableShape(embeddings);
    return withWeight(new EmbeddingBag(rows, columns, { ...options, device: 'meta' }), embeddings, !freeze);
  }

  /** Draws the initial values again. */
  resetParameters(): void {
    resetTable(this.weight, this.paddingIdx);
  }

  override forward(input: Tensor, given?: EmbeddingBagInputOptions): Tensor {
    const { offsets = null, perSampleWeights = null } = checkedOptions(given, 'EmbeddingBag');
    const { maxNorm, normType, scaleGradByFreq, mode, sparse, includeLastOffset, paddingIdx } = this;
    const options = { maxNorm, normType, scaleGradByFreq, mode, sparse, includeLastOffset, paddingIdx, offsets, perSampleWeights };
    return embeddingBag(input, this.weight, options);
  }

  protected override extraRepr(): string {
    const { maxNorm, normType, scaleGradByFreq, mode, paddingIdx } = this;
    const parts = [`${this.numEmbeddings}`, `${this.embeddingDim}`];
    if (maxNorm !== null) parts.push(`max_norm=${python(maxNorm)}`);
    if (normType !== 2) parts.push(`norm_type=${python(normType)}`);
    if (scaleGradByFreq) parts.push('scale_grad_by_freq=True');
    parts.push(`mode='${mode}'`);
    if (paddingIdx !== null) parts.push(`padding_idx=${paddingIdx}`);
    return parts.join(', ');
  }
}
