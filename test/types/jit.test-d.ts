import { jit, nn, type Tensor } from '../../lib';

declare const x: Tensor;

const typed = jit.load<(x: Tensor, scale?: number) => [Tensor, Record<string, Tensor>]>('model.pt');
typed.forward(x, 2)[1].a?.add(1);
// @ts-expect-error it takes a tensor
typed.forward(1);
// @ts-expect-error it gives a pair
typed.forward(x).add(1);

const untyped = jit.load('model.pt');
untyped.forward(x, [1, 'a', null], { b: x }).add(1);
// @ts-expect-error no value of TorchScript
untyped.forward(new Date());

new nn.Sequential(typed);
