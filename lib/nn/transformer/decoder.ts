import { checkedOptions } from '../../tensor/checked';
import type { Tensor } from '../../tensor/tensor';
import { Module } from '../module';
import type { ModuleList } from '../module-list';
import type { TransformerDecoderForwardOptions, TransformerDecoderLayer } from './decoder-layer';
import { type LayerSource, layersOf, type TransformerStackOptions } from './layers';

/** What a decoder can be made of: `TransformerDecoderLayer`, or what is called like it. */
export type TransformerDecoderLayerLike = Module & {
  readonly forward: (tgt: Tensor, memory: Tensor, options?: TransformerDecoderForwardOptions) => Tensor;
};

/**
 * Layers of a decoder one after the other, and a normalisation after the last where one is given (Vaswani et al., 2017).
 *
 * The layers are copies of the one given, with its values, as in PyTorch: initialise them anew before training, or give a function
 * that makes them. A function is also for layers of one's own with `#private` fields, which cannot be copied.
 *
 * @throws for what is no layer, or for a number of layers that is no positive whole number
 */
export class TransformerDecoder<L extends TransformerDecoderLayerLike = TransformerDecoderLayer> extends Module {
  readonly layers: ModuleList<L>;
  readonly norm: (Module & { forward(input: Tensor): Tensor }) | null;

  constructor(
    decoderLayer: LayerSource<L>,
    readonly numLayers: number,
    options?: TransformerStackOptions,
  ) {
    super();
    const { norm = null } = checkedOptions(options, 'TransformerDecoder');
    this.layers = layersOf(decoderLayer, numLayers, 'decoderLayer');
    this.norm = norm;
  }

  override forward(tgt: Tensor, memory: Tensor, options?: TransformerDecoderForwardOptions): Tensor {
    const given = checkedOptions(options, 'forward');
    let output = tgt;
    for (const layer of this.layers) output = layer.forward(output, memory, given);
    return this.norm === null ? output : this.norm.forward(output);
  }
}
