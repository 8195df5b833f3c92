import { checkedOptions, checkedTensor } from '../../tensor/checked';
import type { Tensor } from '../../tensor/tensor';
import { MultiheadAttention } from '../attention';
import { Dropout } from '../dropout';
import { LayerNorm } from '../layer-norm';
import { Linear } from '../linear';
import { Module } from '../module';
import { type ActivationModule, activated, activationOf, type TransformerLayerOptions } from './feed-forward';

export interface TransformerEncoderLayerForwardOptions {
  /** Which positions a position may not look at: [S, S] or [N nhead, S, S]. True hides one; numbers are added to the scores. Default: none. */
  srcMask?: Tensor | null;
  /** Which positions nobody may look at: [N, S], or [S] for one sample. True hides one. Default: none. */
  srcKeyPaddingMask?: Tensor | null;
  /** A hint that `srcMask`, which must be given, is the causal one. Default false. */
  isCausal?: boolean;
}

/**
 * Self-attention and two linear maps, each added to its input and normalised (Vaswani et al., 2017):
 * `y = norm1(x + attention(x))`, `norm2(y + linear2(activation(linear1(y))))`; with `normFirst` (Xiong et al., 2020)
 * `y = x + attention(norm1(x))`, `y + linear2(activation(linear1(norm2(y))))`.
 *
 * Shapes: input and output [S, N, dModel], with `batchFirst` [N, S, dModel], or [S, dModel] for one sample.
 *
 * PyTorch computes the same in evaluation by another, fused operator, which leaves zeros where the padding is.
 *
 * @throws for a `dModel` that `nhead` does not divide, and for inputs or masks whose shapes do not fit
 */
export class TransformerEncoderLayer extends Module {
  readonly selfAttn: MultiheadAttention;
  readonly linear1: Linear;
  readonly dropout: Dropout;
  readonly linear2: Linear;
  readonly normFirst: boolean;
  readonly norm1: LayerNorm;
  readonly norm2: LayerNorm;
  readonly dropout1: Dropout;
  readonly dropout2: Dropout;
  readonly activation: ((input: Tensor) => Tensor) | ActivationModule;

  constructor(dModel: number, nhead: number, options?: TransformerLayerOptions) {
    const given = checkedOptions(options, 'TransformerEncoderLayer');
    super();
    const { dimFeedforward = 2048, dropout = 0.1, activation = 'relu', layerNormEps = 1e-5 } = given;
    const { batchFirst = false, normFirst = false, bias = true, device, dtype } = given;
    const factory = { bias, device, dtype };
    this.activation = activationOf(activation);
    this.selfAttn = new MultiheadAttention(dModel, nhead, { dropout, batchFirst, ...factory });
    this.linear1 = new Linear(dModel, dimFeedforward, factory);
    this.dropout = new Dropout({ p: dropout });
    this.linear2 = new Linear(dimFeedforward, dModel, factory);
    this.normFirst = normFirst;
    this.norm1 = new LayerNorm(dModel, { eps: layerNormEps, ...factory });
    this.norm2 = new LayerNorm(dModel, { eps: layerNormEps, ...factory });
    this.dropout1 = new Dropout({ p: dropout });
    this.dropout2 = new Dropout({ p: dropout });
  }

  override forward(src: Tensor, options?: TransformerEncoderLayerForwardOptions): Tensor {
    checkedTensor(src, 'src');
    const given = checkedOptions(options, 'forward');
    if (this.normFirst) {
      const x = src.add(this.attend(this.norm1.forward(src), given));
      return x.add(this.feed(this.norm2.forward(x)));
    }
    const x = this.norm1.forward(src.add(this.attend(src, given)));
    return this.norm2.forward(x.add(this.feed(x)));
  }

  private attend(x: Tensor, { srcMask, srcKeyPaddingMask, isCausal }: TransformerEncoderLayerForwardOptions): Tensor {
    const options = { attnMask: srcMask, keyPaddingMask: srcKeyPaddingMask, isCausal, needWeights: false } as const;
    return this.dropout1.forward(this.selfAttn.forward(x, x, x, options)[0]);
  }

  private feed(x: Tensor): Tensor {
    const inner = this.dropout.forward(activated(this.activation, this.linear1.forward(x)));
    return this.dropout2.forward(this.linear2.forward(inner));
  }
}
