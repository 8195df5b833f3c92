/** What the types of the handwritten API accept, give back and reject. Checked by `tsc`, never run. */

import * as torch from '../../lib';
import { type BatchOf, DataLoader, TensorDataset } from '../../lib/data';

declare const x: torch.Tensor;
declare const y: torch.Tensor;
declare const fetched: Promise<torch.Tensor>;

/** Fails to compile unless the value is of exactly the type `T`. */
declare function is<T>(): <U>(value: U, ...proof: [T] extends [U] ? ([U] extends [T] ? [] : [never]) : [never]) => void;

// Creation from values.
is<torch.Tensor>()(torch.tensor(1));
is<torch.Tensor>()(torch.tensor(1n));
is<torch.Tensor>()(torch.tensor(true));
is<torch.Tensor>()(torch.tensor({ re: 1, im: 2 }));
is<torch.Tensor>()(torch.tensor([[1, 2], [3, 4]])); // biome-ignore format: a matrix
is<torch.Tensor>()(torch.tensor([x, y]));
is<torch.Tensor>()(torch.tensor(new Float32Array(2), { dtype: 'float64', device: 'cuda:0', requiresGrad: true, pinMemory: true }));
is<torch.Tensor>()(torch.fromTypedArray(new Uint16Array(4), { dtype: 'bfloat16', shape: [2, 2] }));
is<torch.Tensor>()(torch.fromBlob(new SharedArrayBuffer(8), [2], { dtype: 'float32' }));
// @ts-expect-error a string is no value
torch.tensor('1');
// @ts-expect-error nor is one in an array
torch.tensor([1, '2']);
// @ts-expect-error no such dtype
torch.tensor([1], { dtype: 'float' });
// @ts-expect-error no such option
torch.tensor([1], { requires_grad: true });
// @ts-expect-error a blob needs its shape
torch.fromBlob(new ArrayBuffer(8));
// @ts-expect-error an array is no typed array
torch.fromTypedArray([1, 2]);

// What a tensor tells.
is<number[]>()(x.shape);
is<number>()(x.size(0));
is<torch.DType>()(x.dtype);
is<torch.Tensor | null>()(x.grad);
is<string | null>()(x.gradFn);
is<number | bigint | boolean | torch.Complex>()(x.item());
is<torch.TypedArray>()(x.toTypedArray({ copy: true }));
is<torch.Tensor>()(x.to('cuda', 'float16', { nonBlocking: true }));
is<torch.Tensor>()(x.to({ dtype: 'int64', copy: true }));
is<torch.Tensor>()(x.to(y));
// @ts-expect-error neither a dtype nor a device
x.to('gpu');
// @ts-expect-error shape cannot be assigned
x.shape = [1];
// @ts-expect-error a gradient is a tensor or null
x.grad = 1;

// Indexing.
is<torch.Tensor>()(x.index(0, torch.slice(1, null), null, '...', y, [0, 2], true));
is<torch.Tensor>()(x.indexPut_([y, torch.slice(2)], 0, { accumulate: true }));
// @ts-expect-error a string is no index
x.index('0');
// @ts-expect-error what is put is a tensor or a number
x.indexPut_([0], 'a');
// @ts-expect-error a slice's ends are numbers
torch.slice('1');

// Scopes and modes give back what the function gives.
is<torch.Tensor>()(torch.scope(() => x.add(1)));
is<{ loss: torch.Tensor; steps: number }>()(torch.scope(() => ({ loss: x, steps: 1 })));
is<Promise<torch.Tensor>>()(torch.scope(async () => x));
is<torch.Scope>()(torch.scope());
is<number>()(torch.noGrad(() => 1));
is<torch.ModeGuard>()(torch.inferenceMode());
is<[torch.Tensor, string]>()(torch.scope().keep([x, 'a'] as [torch.Tensor, string]));
{
  using _scope = torch.scope();
  using _mode = torch.noGrad();
  using _tensor = torch.zeros(2);
}
// @ts-expect-error a scope is not opened for a number
torch.scope(1);
// @ts-expect-error a mode is not opened for a tensor
torch.noGrad(x);

// Autograd.
is<torch.Tensor[]>()(torch.autograd.grad(x.sum(), [x, y]));
is<(torch.Tensor | null)[]>()(torch.autograd.grad(x.sum(), [x, y], { allowUnused: true }));
is<torch.Tensor>()(torch.autograd.jacobian((t) => t.exp(), x));
is<torch.Tensor>()(torch.autograd.hessian((t) => t.sum(), x));
is<boolean>()(torch.autograd.gradcheck((t) => t as torch.Tensor, [x]));
is<void>()(x.backward({ retainGraph: true, inputs: [y] }));
is<torch.HookHandle>()(x.registerHook((gradient) => gradient.mul(2)));
is<Promise<void>>()(torch.backwardAsync(x));
// @ts-expect-error no such option
x.backward({ retain_graph: true });
// @ts-expect-error a hook gets a tensor
x.registerHook((gradient: string) => gradient);
// @ts-expect-error inputs are tensors
torch.autograd.grad(x, [1]);

class Scale extends torch.autograd.Function {
  static forward(ctx: torch.autograd.FunctionContext, a: torch.Tensor, factor: number): [torch.Tensor, torch.Tensor] {
    ctx.saveForBackward(a, null);
    ctx.factor = factor;
    return [a.mul(factor), a];
  }
  static backward(ctx: torch.autograd.FunctionContext, first: torch.Tensor): [torch.Tensor, null] {
    is<torch.Tensor[]>()(ctx.savedTensors);
    is<readonly boolean[]>()(ctx.needsInputGrad);
    is<unknown>()(ctx.factor);
    return [first.mul(ctx.factor as number), null];
  }
}
is<[torch.Tensor, torch.Tensor]>()(Scale.apply(x, 2));
// @ts-expect-error forward takes a number too
Scale.apply(x);
// @ts-expect-error in this order
Scale.apply(2, x);
class NoBackward extends torch.autograd.Function {
  static forward(_ctx: torch.autograd.FunctionContext, a: torch.Tensor): torch.Tensor {
    return a;
  }
}
// @ts-expect-error there is no backward
NoBackward.apply(x);

// Asynchronous work.
is<Promise<torch.Tensor>>()(torch.async(torch.matmul, x, y) as Promise<torch.Tensor>);
is<Promise<torch.Tensor>>()(torch.async(() => x.matmul(y)));
is<Promise<number | bigint | boolean | torch.Complex>>()(torch.itemAsync(x));
// @ts-expect-error a promise is no tensor
torch.itemAsync(fetched);

// Modules, optimizers, loaders.
class Net extends torch.nn.Module {
  readonly conv = new torch.nn.Conv2d(1, 8, 3, { padding: 1, bias: false });
  readonly out = new torch.nn.Linear(8, 10);
  forward(image: torch.Tensor): torch.Tensor {
    return this.out.forward(this.conv.forward(image).relu().mean([2, 3]));
  }
}
const net = new Net();
is<torch.Tensor>()(net.forward(x));
is<Net>()(net.to('cuda'));
is<Net>()(net.train());
new torch.optim.SGD(net.parameters(), { lr: 0.1, momentum: 0.9 });
// @ts-expect-error a size is a number
new torch.nn.Linear('2', 3);
// @ts-expect-error no such option
new torch.nn.Conv2d(1, 8, 3, { pad: 1 });
// @ts-expect-error no such option
new torch.optim.Adam(net.parameters(), { learningRate: 0.1 });
// @ts-expect-error a module has a forward
new (class extends torch.nn.Module {})();
is<torch.Tensor>()(torch.nn.functional.crossEntropy(x, y, { reduction: 'sum', labelSmoothing: 0.1 }));
// @ts-expect-error no such reduction
torch.nn.functional.crossEntropy(x, y, { reduction: 'average' });
const loader = new DataLoader(new TensorDataset(x, y), { batchSize: 2, shuffle: true });
for (const [images, labels] of loader) {
  is<torch.Tensor>()(images);
  is<torch.Tensor>()(labels);
}
is<BatchOf<typeof loader.dataset>['length']>()(2 as const);
// @ts-expect-error no such option
new DataLoader(new TensorDataset(x), { batch_size: 2 });

// Settings.
torch.setFloat32MatmulPrecision('high');
// @ts-expect-error no such precision
torch.setFloat32MatmulPrecision('low');
torch.setDefaultDtype('float64');
// @ts-expect-error a generator is made of a device
new torch.Generator(1);
is<torch.Generator>()(torch.manualSeed(0n));

// Optimizers, schedules, averages, autocast.
const adamw = new torch.optim.AdamW(net.parameters(), { lr: 1e-3, amsgrad: true });
new torch.optim.lrScheduler.CosineAnnealingLR(adamw, 50, { etaMin: 1e-5 });
new torch.optim.lrScheduler.ExponentialLR(new torch.optim.SAM(adamw), 0.9);
const average = new torch.optim.swaUtils.AveragedModel(new torch.nn.Linear(2, 1));
average.forward(torch.ones(1, 2)) satisfies torch.Tensor;
torch.autocast('cpu', { dtype: 'bfloat16' }, () => 3) satisfies number;
torch.autocast('cpu', async () => 'x') satisfies Promise<string>;
// @ts-expect-error AdamW is decoupled
new torch.optim.AdamW(net.parameters(), { decoupledWeightDecay: false });
// @ts-expect-error no such option
new torch.optim.RMSprop(net.parameters(), { rho: 0.9 });
// @ts-expect-error the period is required
new torch.optim.lrScheduler.CosineAnnealingLR(adamw);
// @ts-expect-error a schedule takes an optimizer
new torch.optim.lrScheduler.StepLR(net, 3);
// @ts-expect-error the loss must be computed in a closure
new torch.optim.SAM(adamw).step();
// @ts-expect-error no such device
torch.autocast('tpu', () => 3);
// @ts-expect-error no such dtype
torch.autocast('cpu', { dtype: 'float32' }, () => 3);
// @ts-expect-error the module takes one tensor
average.forward(1);
