import { checkedOptions, checkedTensor } from '../../tensor/checked';
import type { Tensor } from '../../tensor/tensor';
import { MultiheadAttention } from '../attention';
import { Dropout } from '../dropout';
import { LayerNorm } from '../layer-norm';
import { Linear } from '../linear';
import { Module } from '../module';
import { type ActivationModule, activated, activationOf, type TransformerLayerOptions } from './feed-forward';

export interface TransformerDecoderForwardOptions {
  /** Which target positions a target position may not look at: [T, T] or [N nhead, T, T]. True hides one; numbers are added to the scores. Default: none. */
  tgtMask?: Tensor | null;
  /** Which positions of the memory a target position may not look at: [T, S] or [N nhead, T, S]. Default: none. */
  memoryMask?: Tensor | null;
  /** Which target positions nobody may look at: [N, T], or [T] for one sample. True hides one. Default: none. */
  tgtKeyPaddingMask?: Tensor | null;
  /** Which positions of the memory nobody may look at: [N, S], or [S] for one sample. Default: none. */
  memoryKeyPaddingMask?: Tensor | null;
  /** A hint that `tgtMask`, which must be given, is the causal one. Default false. */
  tgtIsCausal?: boolean;
  /** A hint that `memoryMask`, which must be given, is the causal one. Default false. */
  memoryIsCausal?: boolean;
}

/**
 * Self-attention, attention to the memory and two linear maps, each added to its input and normalised (Vaswani et al., 2017):
 * `y = norm1(x + attention(x))`, `z = norm2(y + attention(y, memory))`, `norm3(z + linear2(activation(linear1(z))))`; with `normFirst`
 * (Xiong et al., 2020) the normalisations stand before attention and linear maps, and not after the sums.
 *
 * Shapes: target and output [T, N, dModel], memory [S, N, dModel], with `batchFirst` [N, T, dModel] and so on, without N for one sample.
 *
 * @throws for a `dModel` that `nhead` does not divide, and for inputs or masks whose shapes do not fit
 */
export class TransformerDecoderLayer extends Module {
  readonly selfAttn: MultiheadAttention;
  readonly multiheadAttn: MultiheadAttention;
  readonly linear1: Linear;
  readonly dropout: Dropout;
  readonly linear2: Linear;
  readonly normFirst: boolean;
  readonly norm1: LayerNorm;
  readonly norm2: LayerNorm;
  readonly norm3: LayerNorm;
  readonly dropout1: Dropout;
  readonly dropout2: Dropout;
  readonly dropout3: Dropout;
  readonly activation: ((input: Tensor) => Tensor) | ActivationModule;

  constructor(dModel: number, nhead: number, options?: TransformerLayerOptions) {
    const given = checkedOptions(options, 'TransformerDecoderLayer');
    super();
    const { dimFeedforward = 2048, dropout = 0.1, activation = 'relu', layerNormEps = 1e-5 } = given;
    const { batchFirst = false, normFirst = false, bias = true, device, dtype } = given;
    const factory = { bias, device, dtype };
    this.activation = activationOf(activation);
    this.selfAttn = new MultiheadAttention(dModel, nhead, { dropout, batchFirst, ...factory });
    this.multiheadAttn = new MultiheadAttention(dModel, nhead, { dropout, batchFirst, ...factory });
    this.linear1 = new Linear(dModel, dimFeedforward, factory);
    this.dropout = new Dropout({ p: dropout });
    this.linear2 = new Linear(dimFeedforward, dModel, factory);
    this.normFirst = normFirst;
    this.norm1 = new LayerNorm(dModel, { eps: layerNormEps, ...factory });
    this.norm2 = new LayerNorm(dModel, { eps: layerNormEps, ...factory });
    this.norm3 = new LayerNorm(dModel, { eps: layerNormEps, ...factory });
    this.dropout1 = new Dropout({ p: dropout });
    this.dropout2 = new Dropout({ p: dropout });
    this.dropout3 = new Dropout({ p: dropout });
  }

  override forward(tgt: Tensor, memory: Tensor, options?: TransformerDecoderForwardOptions): Tensor {
    checkedTensor(tgt, 'tgt');
    const given = checkedOptions(options, 'forward');
    if (this.normFirst) {
      const x = tgt.add(this.attend(this.norm1.forward(tgt), given));
      const y = x.add(this.attendTo(memory, this.norm2.forward(x), given));
      return y.add(this.feed(this.norm3.forward(y)));
    }
    const x = this.norm1.forward(tgt.add(this.attend(tgt, given)));
    const y = this.norm2.forward(x.add(this.attendTo(memory, x, given)));
    return this.norm3.forward(y.add(this.feed(y)));
  }

  private attend(x: Tensor, { tgtMask, tgtKeyPaddingMask, tgtIsCausal }: TransformerDecoderForwardOptions): Tensor {
    const options = { attnMask: tgtMask, keyPaddingMask: tgtKeyPaddingMask, isCausal: tgtIsCausal, needWeights: false } as const;
    return this.dropout1.forward(this.selfAttn.forward(x, x, x, options)[0]);
  }

  private attendTo(memory: Tensor, x: Tensor, options: TransformerDecoderForwardOptions): Tensor {
    const { memoryMask: attnMask, memoryKeyPaddingMask: keyPaddingMask, memoryIsCausal: isCausal } = options;
    const [attended] = this.multiheadAttn.forward(x, memory, memory, { attnMask, keyPaddingMask, isCausal, needWeights: false });
    return this.dropout2.forward(attended);
  }

  private feed(x: Tensor): Tensor {
    const inner = this.dropout.forward(activated(this.activation, this.linear1.forward(x)));
    return this.dropout3.forward(this.linear2.forward(inner));
  }
}
