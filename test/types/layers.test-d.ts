/** What the types of the feed-forward layers accept, give back and reject. Checked by `tsc`, never run. */

import { nn, type Tensor } from '../../lib';

declare const x: Tensor;

/** Fails to compile unless the value is of exactly the type `T`. */
declare function is<T>(): <U>(value: U, ...proof: [T] extends [U] ? ([U] extends [T] ? [] : [never]) : [never]) => void;

// Convolutions take a number, or one for each dimension.
new nn.Conv1d(1, 2, [3], { padding: 'same' });
new nn.Conv3d(1, 2, [3, 2, 1], { stride: [1, 2, 1], paddingMode: 'circular', dtype: 'float64' });
is<readonly [number, number, number]>()(new nn.Conv3d(1, 2, 3).kernelSize);
is<Tensor>()(new nn.ConvTranspose2d(1, 2, 3, { outputPadding: [1, 0] }).forward(x, { outputSize: [4, 4] }));
// @ts-expect-error two numbers for three dimensions
new nn.Conv3d(1, 2, [3, 2]);
// @ts-expect-error options stand in an object
new nn.Conv2d(1, 2, 3, 1);
// @ts-expect-error there is no such option
new nn.Conv2d(1, 2, 3, { outputPadding: 1 });
// @ts-expect-error transposed convolutions add only zeros
new nn.ConvTranspose1d(1, 2, 3, { paddingMode: 'reflect' });

// Poolings that also tell positions give two tensors.
is<Tensor>()(new nn.MaxPool2d(2).forward(x));
is<Tensor>()(new nn.MaxPool2d(2, { stride: 1, returnIndices: false }).forward(x));
is<[output: Tensor, indices: Tensor]>()(new nn.MaxPool1d(2, { returnIndices: true }).forward(x));
is<[output: Tensor, indices: Tensor]>()(new nn.AdaptiveMaxPool2d([2, null], { returnIndices: true }).forward(x));
is<[output: Tensor, indices: Tensor]>()(new nn.FractionalMaxPool2d(2, { outputSize: 3, returnIndices: true }).forward(x));
is<[output: Tensor, indices: Tensor]>()(nn.functional.maxPool2d(x, 2, { stride: 1, returnIndices: true }));
is<[output: Tensor, indices: Tensor]>()(nn.functional.adaptiveMaxPool1d(x, 2, { returnIndices: true }));
is<Tensor>()(nn.functional.maxPool2d(x, 2, 1, { ceilMode: true }));
is<Tensor>()(nn.functional.adaptiveMaxPool2d(x, [1, null]));
is<Tensor>()(new nn.Sequential(new nn.MaxPool2d(2), new nn.Flatten()).forward(x));
// @ts-expect-error a flattening takes one tensor
new nn.Sequential(new nn.MaxPool2d(2, { returnIndices: true }), new nn.Flatten());
// @ts-expect-error null is for adaptive pooling
new nn.MaxPool2d([2, null]);

// Activations have their options as fields.
is<number>()(new nn.ELU({ alpha: 2 }).alpha);
is<boolean>()(new nn.ReLU().inplace);
is<'none' | 'tanh'>()(new nn.GELU().approximate);
is<Tensor>()(new nn.Tanh().forward(x));
is<Tensor>()(new nn.Sequential(new nn.Conv2d(1, 2, 3), new nn.GELU({ approximate: 'tanh' }), new nn.GLU({ dim: 1 })).forward(x));
// @ts-expect-error options stand in an object
new nn.LeakyReLU(0.2);
// @ts-expect-error it is called negativeSlope
new nn.LeakyReLU({ slope: 0.2 });
// @ts-expect-error no options
new nn.Tanh({ inplace: true });
// @ts-expect-error a dimension is needed
new nn.Softmax();
// @ts-expect-error fields are set at construction
new nn.ELU().alpha = 2;

// Padding has two numbers for each dimension.
new nn.ReflectionPad2d([1, 2, 3, 4]);
// @ts-expect-error four numbers for two dimensions
new nn.ReflectionPad2d([1, 2]);
// @ts-expect-error a value is needed
new nn.ConstantPad1d(1);

// Everything with a default is in one object.
nn.functional.interpolate(x, { scaleFactor: 2, mode: 'bilinear', alignCorners: true, antialias: true });
nn.functional.gridSample(x, x, { paddingMode: 'border' });
// @ts-expect-error there is no such mode
nn.functional.interpolate(x, { size: 2, mode: 'cubic' });
// @ts-expect-error options stand in an object
nn.functional.interpolate(x, 2);
nn.init.sparse_(x, 0.5, { std: 1 });
// @ts-expect-error the share is needed
nn.init.sparse_(x);

// Transformers know their layers; masks have the names of the module that takes them.
is<Tensor>()(new nn.TransformerEncoderLayer(4, 2, { activation: 'gelu', normFirst: true }).forward(x, { srcMask: x, isCausal: true }));
is<nn.TransformerEncoderLayer>()(new nn.TransformerEncoder(new nn.TransformerEncoderLayer(4, 2), 2).layers.at(0));
is<nn.TransformerDecoderLayer>()(new nn.TransformerDecoder(() => new nn.TransformerDecoderLayer(4, 2), 2).layers.at(0));
is<Tensor>()(new nn.Transformer({ dModel: 4, activation: (input) => input.tanh() }).forward(x, x, { memoryKeyPaddingMask: x }));
is<Tensor>()(nn.Transformer.generateSquareSubsequentMask(3, { dtype: 'float64' }));
// @ts-expect-error options stand in an object
new nn.TransformerEncoderLayer(4, 2, 2048);
// @ts-expect-error no such activation
new nn.TransformerEncoderLayer(4, 2, { activation: 'tanh' });
// @ts-expect-error an encoder's mask is called mask
new nn.TransformerEncoder(new nn.TransformerEncoderLayer(4, 2), 2).forward(x, { srcMask: x });
// @ts-expect-error a decoder needs the memory
new nn.TransformerDecoderLayer(4, 2).forward(x);
// @ts-expect-error a layer of a decoder needs the memory
new nn.TransformerEncoder(new nn.TransformerDecoderLayer(4, 2), 2);
