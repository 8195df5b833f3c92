import { Conv2d, ConvTranspose2d, Module, ReLU, Sigmoid } from '../nn';
import { checkSize } from '../nn/sizes';
import { checkedOptions } from '../tensor/checked';
import { expected } from '../tensor/expected';
import type { Tensor } from '../tensor/tensor';
import { type Chain, chain } from './chain';

export interface ConvAutoencoderOptions {
  /** Channels behind each halving of the sides; the last are the code's. Default [16, 32]. */
  channels?: readonly number[];
}

/**
 * A convolutional autoencoder: 3 x 3 convolutions of stride 2 to a code, transposed ones back to an image, ReLU between and a sigmoid at
 * the end, so that images are to lie in [0, 1] (Masci et al., 2011). State dict keys: `encoder.0.weight`, `decoder.0.weight` and on.
 *
 * Shapes: input and output [N, inChannels, H, W], code [N, last of channels, H / 2^k, W / 2^k] with k the number of `channels`.
 *
 * @throws for no channels or such that are no positive whole numbers, and in `forward` for sides that 2^k does not divide
 */
export class ConvAutoencoder extends Module {
  readonly encoder: Chain;
  readonly decoder: Chain;
  readonly #factor: number;

  constructor(inChannels: number, options?: ConvAutoencoderOptions) {
    super();
    const { channels = [16, 32] } = checkedOptions(options, 'ConvAutoencoder');
    checkSize(inChannels, 'inChannels');
    if (!Array.isArray(channels) || channels.length === 0) throw expected('one or more numbers of channels', 'channels', channels);
    this.#factor = 2 ** channels.length;
    const steps = channels.map((outer, k): readonly [inner: number, outer: number] => [channels[k - 1] ?? inChannels, outer]);
    const down = { stride: 2, padding: 1 };
    this.encoder = chain(steps.flatMap(([from, to]) => [new Conv2d(from, to, 3, down), new ReLU()]));
    this.decoder = chain(
      steps.reverse().flatMap(([to, from], k) => {
        const enlarge = new ConvTranspose2d(from, to, 3, { ...down, outputPadding: 1 });
        return [enlarge, k === steps.length - 1 ? new Sigmoid() : new ReLU()];
      }),
    );
  }

  /** Images to codes. */
  encode(input: Tensor): Tensor {
    const [rows = 0, columns = 0] = input.shape.slice(-2);
    if (rows % this.#factor !== 0 || columns % this.#factor !== 0)
      throw expected(`images with sides that ${this.#factor} divides`, 'ConvAutoencoder', input);
    return this.encoder.forward(input);
  }

  /** Codes to images. */
  decode(code: Tensor): Tensor {
    return this.decoder.forward(code);
  }

  override forward(input: Tensor): Tensor {
    return this.decode(this.encode(input));
  }
}
