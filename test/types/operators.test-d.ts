/** What the types of the generated operators accept, give back and reject. Checked by `tsc`, never run. */

import type {
  FftFunctions,
  Functions,
  LinalgFunctions,
  NestedFunctions,
  NnFunctions,
  SparseFunctions,
  SpecialFunctions,
} from '../../lib/tensor/generated/functions';
import type { TensorOperators } from '../../lib/tensor/generated/methods';
import type { SignLogabsdet, USVh, ValuesIndices } from '../../lib/tensor/generated/results';
import type { DType, Generator, Scalar, Tensor } from '../../lib/tensor/types';

declare const torch: Functions & {
  fft: FftFunctions;
  linalg: LinalgFunctions;
  nested: NestedFunctions;
  nn: { functional: NnFunctions };
  sparse: SparseFunctions;
  special: SpecialFunctions;
};
declare const x: Tensor & TensorOperators;
declare const [a, b, c]: [Tensor, Tensor, Tensor];
declare const generator: Generator;
declare const dtype: DType;
declare const tensorOrNumber: Tensor | number;
declare const scalar: Scalar;
declare const n: number;
declare const big: bigint;

/** Fails to compile unless the value is of exactly the type `T`. */
declare function is<T>(): <U>(value: U, ...proof: [T] extends [U] ? ([U] extends [T] ? [] : [never]) : [never]) => void;

// Reductions: positional arguments with a default stand in place or in the options.
is<Tensor>()(x.sum());
is<Tensor>()(x.sum(1));
is<Tensor>()(x.sum(1, true));
is<Tensor>()(x.sum(1, { keepdim: true }));
is<Tensor>()(x.sum(1, true, { dtype: 'float64' }));
is<Tensor>()(x.sum([0, 1], { dtype: 'float64' }));
is<Tensor>()(x.sum([0, 1], { keepdim: true, dtype }));
is<Tensor>()(x.sum(null, { keepdim: true }));
is<Tensor>()(x.sum({ dtype: null }));
is<Tensor>()(x.sum(big));
is<Tensor>()(x.std({ correction: 0 }));
is<Tensor>()(x.std(0, { keepdim: true }));
is<Tensor>()(torch.logsumexp(x, [0, 1], { keepdim: true }));
// @ts-expect-error a dimension is a number
x.sum('a');
// @ts-expect-error no such option
x.sum(1, { keepDim: true });
// @ts-expect-error no such dtype
x.sum({ dtype: 'float' });
// @ts-expect-error dtype is by name only
x.sum(1, true, 'float64');
// @ts-expect-error methods have no `out`
x.sum(1, { out: a });

// Several results.
is<Tensor>()(x.max());
is<Tensor>()(x.max(a));
is<ValuesIndices>()(x.max(0));
is<Tensor>()(x.max(0).values);
is<Tensor>()(x.max(0, { keepdim: true }).indices);
is<ValuesIndices>()(x.topk(3));
is<ValuesIndices>()(x.topk(3, 1, { largest: false }));
is<ValuesIndices>()(torch.topk(x, 3, { sorted: false, out: { values: a, indices: b } }));
is<ValuesIndices>()(torch.topk(x, 3, { out: [a, b] }));
is<[Tensor, Tensor]>()(torch.varMean(x));
is<Tensor[]>()(x.split(2));
is<Tensor[]>()(x.split([2, 3], { dim: 1 }));
is<USVh>()(torch.linalg.svd(a, { fullMatrices: false }));
is<Tensor>()(torch.linalg.svd(a, { fullMatrices: false }).Vh);
is<SignLogabsdet>()(torch.linalg.slogdet(a));
// @ts-expect-error the fields are min and max
torch.aminmax(x).values;
// @ts-expect-error the fields are values and indices
x.max(0).value;
// @ts-expect-error two outputs, in order or by name
torch.topk(x, 3, { out: a });
// @ts-expect-error topk needs k
x.topk();

// Tensors and numbers.
is<Tensor>()(torch.add(a, b));
is<Tensor>()(torch.add(a, 2));
is<Tensor>()(torch.add(a, 2n));
is<Tensor>()(torch.add(a, { re: 0, im: 1 }));
is<Tensor>()(torch.add(a, tensorOrNumber));
is<Tensor>()(torch.add(a, b, { alpha: 2 }));
is<Tensor>()(torch.add(a, b, { out: c }));
is<Tensor>()(torch.mul(a, scalar));
is<Tensor>()(torch.div(a, b, { roundingMode: 'floor' }));
is<Tensor>()(torch.pow(2, a));
is<Tensor>()(x.pow(2));
is<Tensor>()(x.clamp(0, 1));
is<Tensor>()(x.clamp({ min: 0 }));
is<Tensor>()(x.clamp({ max: a }));
is<Tensor>()(torch.where(c, a, b));
is<Tensor>()(torch.where(c, a, 0));
is<Tensor>()(torch.where(c, 0, tensorOrNumber));
is<Tensor[]>()(torch.where(c));
is<Tensor>()(torch.eq(a, 0));
is<Tensor>()(x.ge(a));
is<Tensor>()(torch.quantile(a, 0.5, { dim: 0 }));
is<Tensor>()(torch.addmm(a, b, c));
is<Tensor>()(torch.addmm(a, b, c, { beta: 0.5, alpha: 2 }));
is<Tensor>()(x.addmm(b, c, { beta: 0 }));
// @ts-expect-error two operands
torch.add(a);
// @ts-expect-error add has no beta
torch.add(a, b, { beta: 1 });
// @ts-expect-error a number in a string is no number
torch.add(a, '2');
// @ts-expect-error the first operand is a tensor
torch.addmm(1, b, c);
// @ts-expect-error alpha is by name only
torch.addmm(a, b, c, 1, 2);
// @ts-expect-error rounding modes are strings
torch.div(a, b, { roundingMode: 1 });

// In place: the tensor itself, of the type it had.
is<Tensor & TensorOperators>()(x.add_(b, { alpha: 2 }));
is<Tensor & TensorOperators>()(x.mul_(2).sub_(a).clamp_(0, 1));
is<Tensor & TensorOperators>()(x.zero_());
is<Tensor & TensorOperators>()(x.indexPut_([null, a], b, { accumulate: true }));
is<Tensor & TensorOperators>()(x.normal_(0, 1, { generator }));
is<Tensor>()(torch.relu_(a));
// @ts-expect-error in place there is no `out`
x.add_(b, { out: c });

// Sizes, spread or in an array.
is<Tensor>()(x.view(2, 3));
is<Tensor>()(x.view([2, 3]));
is<Tensor>()(x.view('int32'));
is<Tensor>()(x.reshape(-1, n));
is<Tensor>()(x.permute(0, 2, 1));
is<Tensor>()(x.expand(-1, 4));
is<Tensor>()(x.repeat(2, 2));
is<Tensor>()(x.flip(0));
is<Tensor>()(x.tile(2, big));
is<Tensor>()(torch.zeros(2, 3));
is<Tensor>()(torch.zeros([]));
is<Tensor>()(torch.zeros([2, 3], { dtype: 'int64' }));
is<Tensor>()(torch.zeros(2, 3, { dtype: 'float64', device: 'cuda:1', requiresGrad: true }));
is<Tensor>()(torch.zeros([2], { out: a }));
is<Tensor>()(torch.rand(2, 3, { generator }));
is<Tensor>()(torch.full([2], 1));
is<Tensor>()(torch.fullLike(a, 1, { dtype, memoryFormat: 'channelsLast' }));
is<Tensor>()(x.newZeros(2, 3, { dtype: 'bool' }));
// @ts-expect-error neither a size nor a dtype
x.view('1');
// @ts-expect-error a size is needed
x.view();
// @ts-expect-error no such dtype
torch.zeros([2], { dtype: 'floaty' });
// @ts-expect-error no such dtype, spread
torch.zeros(2, 3, { dtype: 'floaty' });
// @ts-expect-error no such device
torch.zeros([2], { device: 'gpu' });
// @ts-expect-error as in PyTorch, a function with further positional arguments takes its list in an array
torch.permute(x, 0, 2, 1);
// @ts-expect-error full needs its value
torch.full([2]);

// Ranges.
is<Tensor>()(torch.arange(5));
is<Tensor>()(torch.arange(0, 10));
is<Tensor>()(torch.arange(0, 10, 2));
is<Tensor>()(torch.arange(0, 1, 0.1, { dtype: 'float64' }));
is<Tensor>()(torch.linspace(0, 1, 11));
is<Tensor>()(torch.eye(3, 4));
// @ts-expect-error linspace needs its number of steps
torch.linspace(0, 1);

// Lists.
is<Tensor>()(torch.cat([a, b], 1));
is<Tensor>()(torch.cat([a, b], { dim: 1, out: c }));
is<Tensor>()(torch.stack([a, b]));
is<Tensor>()(torch.einsum('ij,jk->ik', [a, b]));
is<Tensor[]>()(torch._foreachAdd([a, b], 1));
is<void>()(torch._foreachAdd_([a, b], [1, 2]));
// @ts-expect-error a list of tensors
torch.cat(a);
// @ts-expect-error a list of tensors, not of numbers
torch.cat([1, 2]);

// Layers and namespaces.
is<Tensor>()(torch.conv2d(a, b));
is<Tensor>()(torch.conv2d(a, b, null, { padding: 1 }));
is<Tensor>()(torch.conv2d(a, b, c, [1, 2], 'same', { groups: 2 }));
is<Tensor>()(torch.conv2d(a, b, null, 1, 0, 1, 2));
is<Tensor>()(torch.nn.functional.gelu(a, { approximate: 'tanh' }));
is<Tensor>()(torch.fft.fft(a, { norm: 'ortho' }));
is<Tensor>()(torch.fft.rfft2(a, { s: [4, 4] }));
is<Tensor>()(torch.special.xlogy(a, 2));
is<Tensor>()(torch.linalg.norm(a, 'fro', [0, 1]));
is<Tensor>()(torch.linalg.norm(a, { dim: 0 }));
is<Tensor>()(torch.var(a, 0));
// @ts-expect-error padding is numbers or a word
torch.conv2d(a, b, null, 1, { same: true });
// @ts-expect-error linalg's functions are in their namespace
torch.linalgNorm(a);
// @ts-expect-error the prefix is gone
torch.fft.fftFft(a);

// Plain results.
is<boolean>()(torch.equal(a, b));
is<boolean>()(torch.allclose(a, b, 1e-5, { atol: 1e-8 }));
is<DType>()(torch.resultType(a, 2));
// @ts-expect-error a boolean has no dtype
torch.equal(a, b).dtype;
