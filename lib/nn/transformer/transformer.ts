import { checkedOptions, checkedTensor } from '../../tensor/checked';
import { expected } from '../../tensor/expected';
import { full } from '../../tensor/generated/root';
import type { Tensor } from '../../tensor/tensor';
import * as init from '../init';
import { LayerNorm } from '../layer-norm';
import type { FactoryOptions } from '../linear';
import { Module } from '../module';
import { checkSize } from '../sizes';
import { TransformerDecoder } from './decoder';
import { type TransformerDecoderForwardOptions, TransformerDecoderLayer } from './decoder-layer';
import { TransformerEncoder, type TransformerEncoderForwardOptions } from './encoder';
import { TransformerEncoderLayer } from './encoder-layer';
import type { TransformerLayerOptions } from './feed-forward';

type Encoder = Module & { forward(src: Tensor, options?: TransformerEncoderForwardOptions): Tensor };
type Decoder = Module & { forward(tgt: Tensor, memory: Tensor, options?: TransformerDecoderForwardOptions): Tensor };

export interface TransformerOptions extends TransformerLayerOptions {
  /** Features of source and target. Default 512. */
  dModel?: number;
  /** Heads of each attention. Default 8. */
  nhead?: number;
  /** Default 6. */
  numEncoderLayers?: number;
  /** Default 6. */
  numDecoderLayers?: number;
  /** Used instead of a `TransformerEncoder`. Default: none. */
  customEncoder?: Encoder | null;
  /** Used instead of a `TransformerDecoder`. Default: none. */
  customDecoder?: Decoder | null;
}

export interface TransformerForwardOptions extends TransformerDecoderForwardOptions {
  /** Which source positions a source position may not look at: [S, S] or [N nhead, S, S]. True hides one; numbers are added to the scores. Default: none. */
  srcMask?: Tensor | null;
  /** Which source positions nobody in the encoder may look at: [N, S], or [S] for one sample. Default: none. */
  srcKeyPaddingMask?: Tensor | null;
  /** A hint that `srcMask`, which must be given, is the causal one. Default false. */
  srcIsCausal?: boolean;
}

/**
 * Encoder and decoder: `decoder(tgt, encoder(src))`, each normalised at its end (Vaswani et al., 2017). Embeddings, positions and the
 * last linear map are the user's.
 *
 * Shapes: source [S, N, dModel], target and output [T, N, dModel], with `batchFirst` [N, S, dModel] and so on, without N for one sample.
 * Parameters of two or more dimensions are initialised by `xavierUniform_`.
 *
 * @throws for sizes that do not fit each other, and for inputs or masks whose shapes do not fit
 */
export class Transformer extends Module {
  readonly encoder: Encoder;
  readonly decoder: Decoder;
  readonly dModel: number;
  readonly nhead: number;
  readonly batchFirst: boolean;

  constructor(options?: TransformerOptions) {
    super();
    const {
      dModel = 512,
      nhead = 8,
      numEncoderLayers = 6,
      numDecoderLayers = 6,
      customEncoder,
      customDecoder,
      ...layer
    } = checkedOptions(options, 'Transformer');
    for (const [name, size] of Object.entries({ dModel, nhead, numEncoderLayers, numDecoderLayers })) checkSize(size, name);
    const { layerNormEps: eps = 1e-5, bias = true, device, dtype } = layer;
    const norm = (): LayerNorm => new LayerNorm(dModel, { eps, bias, device, dtype });
    this.encoder =
      customEncoder ?? new TransformerEncoder(new TransformerEncoderLayer(dModel, nhead, layer), numEncoderLayers, { norm: norm() });
    this.decoder =
      customDecoder ?? new TransformerDecoder(new TransformerDecoderLayer(dModel, nhead, layer), numDecoderLayers, { norm: norm() });
    this.dModel = dModel;
    this.nhead = nhead;
    this.batchFirst = layer.batchFirst ?? false;
    this.resetParameters();
  }

  /**
   * The causal mask: minus infinity where a position would see a later one, zero elsewhere.
   *
   * Shapes: output [size, size].
   *
   * @throws for a size that is no positive whole number
   */
  static generateSquareSubsequentMask(size: number, options?: FactoryOptions): Tensor {
    const { device, dtype } = checkedOptions(options, 'generateSquareSubsequentMask');
    checkSize(size, 'size');
    return full([size, size], Number.NEGATIVE_INFINITY, { device, dtype }).triu(1);
  }

  /** Draws the initial values of the parameters of two or more dimensions again. */
  resetParameters(): void {
    for (const parameter of this.parameters()) if (parameter.dim() > 1) init.xavierUniform_(parameter);
  }

  override forward(src: Tensor, tgt: Tensor, options?: TransformerForwardOptions): Tensor {
    checkedTensor(src, 'src');
    checkedTensor(tgt, 'tgt');
    for (const [name, input] of Object.entries({ src, tgt }))
      if (input.size(-1) !== this.dModel) throw expected(`${this.dModel} features`, `the last dimension of ${name}`, input);
    const batch = this.batchFirst ? 0 : 1;
    if (src.dim() === 3 && (tgt.dim() !== 3 || src.size(batch) !== tgt.size(batch)))
      throw expected(`a batch of ${src.size(batch)}, as in src,`, 'tgt', tgt);
    const { srcMask: mask, srcKeyPaddingMask, srcIsCausal: isCausal, ...rest } = checkedOptions(options, 'forward');
    return this.decoder.forward(tgt, this.encoder.forward(src, { mask, srcKeyPaddingMask, isCausal }), rest);
  }
}
