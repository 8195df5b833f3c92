import { checkedOptions } from '../../tensor/checked';
import type { Tensor } from '../../tensor/tensor';
import { Module } from '../module';
import type { ModuleList } from '../module-list';
import type { TransformerEncoderLayer, TransformerEncoderLayerForwardOptions } from './encoder-layer';
import { type LayerSource, layersOf, type TransformerStackOptions } from './layers';

export interface TransformerEncoderForwardOptions {
  /** `srcMask` of each layer: [S, S] or [N nhead, S, S]. True hides a position; numbers are added to the scores. Default: none. */
  mask?: Tensor | null;
  /** Which positions nobody may look at: [N, S], or [S] for one sample. True hides one. Default: none. */
  srcKeyPaddingMask?: Tensor | null;
  /** A hint that `mask`, which must be given, is the causal one. Default false. PyTorch by default compares the mask, to the same result. */
  isCausal?: boolean;
}

/** What an encoder can be made of: `TransformerEncoderLayer`, or what is called like it. */
export type TransformerEncoderLayerLike = Module & {
  readonly forward: (src: Tensor, options?: TransformerEncoderLayerForwardOptions) => Tensor;
};

/**
 * Layers of an encoder one after the other, and a normalisation after the last where one is given (Vaswani et al., 2017).
 *
 * The layers are copies of the one given, with its values, as in PyTorch: initialise them anew before training, or give a function
 * that makes them. A function is also for layers of one's own with `#private` fields, which cannot be copied.
 *
 * PyTorch's `enable_nested_tensor` and `mask_check` steer a shortcut for padded inputs in evaluation, which is not taken here.
 *
 * @throws for what is no layer, or for a number of layers that is no positive whole number
 */
export class TransformerEncoder<L extends TransformerEncoderLayerLike = TransformerEncoderLayer> extends Module {
  readonly layers: ModuleList<L>;
  readonly norm: (Module & { forward(input: Tensor): Tensor }) | null;

  constructor(
    encoderLayer: LayerSource<L>,
    readonly numLayers: number,
    options?: TransformerStackOptions,
  ) {
    super();
    const { norm = null } = checkedOptions(options, 'TransformerEncoder');
    this.layers = layersOf(encoderLayer, numLayers, 'encoderLayer');
    this.norm = norm;
  }

  override forward(src: Tensor, options?: TransformerEncoderForwardOptions): Tensor {
    const { mask, srcKeyPaddingMask, isCausal } = checkedOptions(options, 'forward');
    let output = src;
    for (const layer of this.layers) output = layer.forward(output, { srcMask: mask, srcKeyPaddingMask, isCausal });
    return this.norm === null ? output : this.norm.forward(output);
  }
}
