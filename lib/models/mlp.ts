import { Dropout, Linear, ReLU, Sequential } from '../nn';
import { checkedOptions } from '../tensor/checked';
import { expected } from '../tensor/expected';
import { atLeastOne, type TensorModule } from './chain';

export interface MLPOptions {
  /** The class of the normalisation behind each linear layer but the last; null for none. Default null. */
  normLayer?: (new (features: number) => TensorModule) | null;
  /** The class of the activation behind each linear layer but the last. Default `ReLU`. */
  activationLayer?: new () => TensorModule;
  /** Whether linear layers have biases. Default true. */
  bias?: boolean;
  /** Probability that an element behind each linear layer, the last too, is dropped while training. Default 0. */
  dropout?: number;
}

/**
 * A multi-layer perceptron: linear layers with an activation between each two. `torchvision.ops.MLP`.
 *
 * ```ts
 * const model = new models.MLP(784, [256, 64, 10], { dropout: 0.1 });
 * ```
 *
 * Shapes: input [*, inChannels], output [*, last of hiddenChannels].
 *
 * @param hiddenChannels the sizes of all linear layers' outputs, the last one's too
 * @throws for no sizes, sizes that are no positive whole numbers, and a probability outside [0, 1]
 */
export class MLP extends Sequential<readonly [TensorModule, ...TensorModule[]]> {
  constructor(inChannels: number, hiddenChannels: readonly number[], options?: MLPOptions) {
    const { normLayer = null, activationLayer = ReLU, bias = true, dropout = 0 } = checkedOptions(options, 'MLP');
    if (!Array.isArray(hiddenChannels) || hiddenChannels.length === 0)
      throw expected('the sizes of one or more layers', 'hiddenChannels', hiddenChannels);
    super(
      ...atLeastOne(
        hiddenChannels.flatMap((features, k) => {
          const linear = new Linear(hiddenChannels[k - 1] ?? inChannels, features, { bias });
          const last = k === hiddenChannels.length - 1;
          const between = last ? [] : [...(normLayer === null ? [] : [new normLayer(features)]), new activationLayer()];
          return [linear, ...between, new Dropout({ p: dropout })];
        }),
      ),
    );
  }
}
