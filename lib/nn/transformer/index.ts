export { TransformerDecoder, type TransformerDecoderLayerLike } from './decoder';
export { type TransformerDecoderForwardOptions, TransformerDecoderLayer } from './decoder-layer';
export { TransformerEncoder, type TransformerEncoderForwardOptions, type TransformerEncoderLayerLike } from './encoder';
export { TransformerEncoderLayer, type TransformerEncoderLayerForwardOptions } from './encoder-layer';
export type { TransformerActivation, TransformerLayerOptions } from './feed-forward';
export type { LayerSource, TransformerStackOptions } from './layers';
export { Transformer, type TransformerForwardOptions, type TransformerOptions } from './transformer';
