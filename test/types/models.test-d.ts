/** What the types of the models accept, give back and reject. Checked by `tsc`, never run. */

import { models, nn, type Tensor } from '../../lib';

declare const x: Tensor;

/** Fails to compile unless the value is of exactly the type `T`. */
declare function is<T>(): <U>(value: U, ...proof: [T] extends [U] ? ([U] extends [T] ? [] : [never]) : [never]) => void;

is<Tensor>()(models.resnet18({ numClasses: 10, cifarStem: true }).forward(x));
is<Tensor>()(models.resnet50().layer1.forward(x));
is<Tensor>()(new models.MLP(3, [4, 2], { normLayer: nn.BatchNorm1d, activationLayer: nn.GELU }).forward(x));
is<Tensor>()(new nn.Sequential(models.mobilenetV2(), new nn.Softmax({ dim: 1 })).forward(x));
is<Tensor>()(models.vitB16({ imageSize: 32, numClasses: 10, representationSize: null }).forward(x));
is<Tensor>()(new models.VisionTransformer(32, 4, 6, 3, 192, 768, { attentionDropout: 0.1 }).features(x));
is<Tensor>()(new models.GPT(65, 64, { numLayers: 2, approximate: 'tanh', tieWeights: false }).forward(x));
is<Tensor>()(new models.GPT(65, 64).generate(x, { maxNewTokens: 5, temperature: 0.8, topK: null, generator: null }));
is<nn.Embedding>()(new models.GPT(65, 64).transformer.get('wte'));
is<Tensor>()(new nn.AdaptiveLogSoftmaxWithLoss(8, 20, [4, 10]).forward(x, x).loss);
// @ts-expect-error options stand in an object
models.resnet18(10);
// @ts-expect-error there is no such option
models.resnet18({ widthMult: 2 });
// @ts-expect-error the class, not a layer
new models.MLP(3, [4, 2], { activationLayer: new nn.ReLU() });
// @ts-expect-error a layer that needs its number of groups too
new models.MLP(3, [4, 2], { normLayer: nn.GroupNorm });
// @ts-expect-error images of 28 or 32
new models.LeNet({ imageSize: 64 });
// @ts-expect-error one input
models.resnet18().forward(x, x);
// @ts-expect-error targets too
new nn.AdaptiveLogSoftmaxWithLoss(8, 20, [4, 10]).forward(x);
// @ts-expect-error the sizes are positional
new models.VisionTransformer({ imageSize: 32, patchSize: 4 });
// @ts-expect-error ViT-B/16 has patches of 16
models.vitB16({ patchSize: 4 });
// @ts-expect-error how many tokens a row may have
new models.GPT(65);
// @ts-expect-error one of two ways
new models.GPT(65, 64, { approximate: 'erf' });
// @ts-expect-error options stand in an object
new models.GPT(65, 64).generate(x, 100);
// @ts-expect-error there is no such part
new models.GPT(65, 64).transformer.get('wle');
