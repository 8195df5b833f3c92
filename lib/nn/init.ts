/** Initial values of parameters, with PyTorch's formulas and, under the same seed, PyTorch's numbers. All work in place. */

import { noGrad } from '../autograd/modes';
import { checkedOptions, checkedTensor } from '../tensor/checked';
import { tensor as fromNumber } from '../tensor/creation';
import { expected } from '../tensor/expected';
import { empty, emptyLike, eye, full, randperm, stack } from '../tensor/generated/root';
import type { Generator } from '../tensor/generator';
import { linalg } from '../tensor/operators';
import { scope } from '../tensor/scope';
import type { Tensor } from '../tensor/tensor';

export type Nonlinearity =
  | 'linear'
  | 'conv1d'
  | 'conv2d'
  | 'conv3d'
  | 'convTranspose1d'
  | 'convTranspose2d'
  | 'convTranspose3d'
  | 'sigmoid'
  | 'tanh'
  | 'relu'
  | 'leakyRelu'
  | 'selu';

export interface RandomOptions {
  /** Default: the global generator. */
  generator?: Generator | null;
}

export interface UniformOptions extends RandomOptions {
  /** Lower bound. Default 0. */
  a?: number;
  /** Upper bound. Default 1. */
  b?: number;
}

export interface NormalOptions extends RandomOptions {
  /** Default 0. */
  mean?: number;
  /** Default 1. */
  std?: number;
}

export interface XavierOptions extends RandomOptions {
  /** Default 1. */
  gain?: number;
}

export interface KaimingOptions extends RandomOptions {
  /** Negative slope of the rectifier that follows, for `'leakyRelu'`. Default 0. */
  a?: number;
  /** Keep the variance of the forward or of the backward pass. Default `'fanIn'`. */
  mode?: 'fanIn' | 'fanOut';
  /** Default `'leakyRelu'`. */
  nonlinearity?: Nonlinearity;
}

/** Uniform on [a, b). */
export function uniform_(tensor: Tensor, options?: UniformOptions): Tensor {
  const { a = 0, b = 1, generator = null } = checkedOptions(options, 'uniform_');
  return noGrad(() => checkedTensor(tensor, 'uniform_').uniform_(a, b, { generator }));
}

/** Normal with the given mean and standard deviation. */
export function normal_(tensor: Tensor, options?: NormalOptions): Tensor {
  const { mean = 0, std = 1, generator = null } = checkedOptions(options, 'normal_');
  return noGrad(() => checkedTensor(tensor, 'normal_').normal_(mean, std, { generator }));
}

export function constant_(tensor: Tensor, value: number): Tensor {
  return noGrad(() => checkedTensor(tensor, 'constant_').fill_(value));
}

export function zeros_(tensor: Tensor): Tensor {
  return noGrad(() => checkedTensor(tensor, 'zeros_').zero_());
}

export function ones_(tensor: Tensor): Tensor {
  return constant_(tensor, 1);
}

/** Uniform on +-gain sqrt(6 / (fanIn + fanOut)): keeps the variance in both directions (Glorot and Bengio, 2010). */
export function xavierUniform_(tensor: Tensor, options?: XavierOptions): Tensor {
  const { gain = 1, generator } = checkedOptions(options, 'xavierUniform_');
  const { fanIn, fanOut } = calculateFanInAndFanOut(tensor);
  const bound = Math.sqrt(3) * (gain * Math.sqrt(2 / (fanIn + fanOut)));
  return uniform_(tensor, { a: -bound, b: bound, generator });
}

/** Normal with standard deviation gain sqrt(2 / (fanIn + fanOut)) (Glorot and Bengio, 2010). */
export function xavierNormal_(tensor: Tensor, options?: XavierOptions): Tensor {
  const { gain = 1, generator } = checkedOptions(options, 'xavierNormal_');
  const { fanIn, fanOut } = calculateFanInAndFanOut(tensor);
  return normal_(tensor, { std: gain * Math.sqrt(2 / (fanIn + fanOut)), generator });
}

/** Uniform on +-gain sqrt(3 / fan), with the gain of the nonlinearity that follows (He et al., 2015). */
export function kaimingUniform_(tensor: Tensor, options: KaimingOptions = {}): Tensor {
  checkedTensor(tensor, 'tensor');
  if (tensor.numel() === 0) return tensor;
  const bound = Math.sqrt(3) * kaimingStd(tensor, checkedOptions(options, 'kaimingUniform_'));
  return uniform_(tensor, { a: -bound, b: bound, generator: options.generator });
}

/** Normal with standard deviation gain / sqrt(fan), with the gain of the nonlinearity that follows (He et al., 2015). */
export function kaimingNormal_(tensor: Tensor, options: KaimingOptions = {}): Tensor {
  checkedTensor(tensor, 'tensor');
  if (tensor.numel() === 0) return tensor;
  return normal_(tensor, { std: kaimingStd(tensor, checkedOptions(options, 'kaimingNormal_')), generator: options.generator });
}

function kaimingStd(tensor: Tensor, { a = 0, mode = 'fanIn', nonlinearity = 'leakyRelu' }: KaimingOptions): number {
  if (mode !== 'fanIn' && mode !== 'fanOut') throw expected("'fanIn' or 'fanOut'", 'mode', mode);
  return calculateGain(nonlinearity, { param: a }) / Math.sqrt(calculateFanInAndFanOut(tensor)[mode]);
}

/**
 * Normal with the given mean and standard deviation, limited to [a, b]. Default: mean 0, standard deviation 1, [-2, 2].
 *
 * Where the interval holds a good part of the distribution (0.3), normal numbers are drawn until all fit; else uniform ones, each kept
 * with the probability that its density has relative to the interval's highest.
 *
 * @throws for bounds that do not rise, and for a standard deviation that is not positive
 */
export function truncNormal_(tensor: Tensor, options?: NormalOptions & UniformOptions): Tensor {
  const { mean = 0, std = 1, a = -2, b = 2, generator = null } = checkedOptions(options, 'truncNormal_');
  checkedTensor(tensor, 'tensor');
  if (typeof a !== 'number' || typeof b !== 'number' || !(a < b)) throw expected('bounds a < b', 'truncNormal_', [a, b]);
  if (typeof std !== 'number' || !(std > 0)) throw expected('a positive number', 'std', std);
  scope(() =>
    noGrad(() => {
      const share = normalCdf((b - mean) / std) - normalCdf((a - mean) / std);
      if (share > 0.3) untilWithin(tensor, { mean, std, a, b, generator });
      else byRejection(tensor, { mean, std, a, b, generator });
    }),
  );
  return tensor;
}

type TruncatedNormal = Required<NormalOptions & UniformOptions>;

function untilWithin(tensor: Tensor, { mean, std, a, b, generator }: TruncatedNormal): void {
  // The bounds as the tensor's dtype has them, so that a number on them is not drawn again for ever.
  const bounds = full([2], 0, { dtype: tensor.dtype, device: tensor.device });
  const [low, high] = [bounds.select(0, 0).fill_(a), bounds.select(0, 1).fill_(b)];
  let result = tensor.normal_(mean, std, { generator });
  for (;;) {
    const outside = result.lt(low).logicalOr(result.gt(high));
    if (outside.any().item() === false) break;
    result = emptyLike(result).normal_(mean, std, { generator }).where(outside, result);
  }
  tensor.copy_(result);
}

function byRejection(tensor: Tensor, { mean, std, a, b, generator }: TruncatedNormal): void {
  const peak = -0.5 * ((Math.max(a, Math.min(mean, b)) - mean) / std) ** 2;
  const tooUnlikely = (candidates: Tensor): Tensor => {
    const logDensity = candidates.sub(mean).div_(std).pow_(2).mul_(-0.5).sub_(peak);
    return emptyLike(candidates).uniform_(0, 1, { generator }).log_().gt(logDensity);
  };
  let result = tensor.uniform_(a, b, { generator });
  let pending = tooUnlikely(result);
  while (pending.any().item() === true) {
    const candidates = emptyLike(tensor).uniform_(a, b, { generator });
    result = candidates.where(pending, result);
    pending = pending.logicalAnd(tooUnlikely(candidates));
  }
  tensor.copy_(result);
}

function normalCdf(x: number): number {
  return Number(
    fromNumber(x / Math.SQRT2, { dtype: 'float64' })
      .erf()
      .add(1)
      .div(2)
      .item(),
  );
}

/**
 * The identity matrix, as far as the shape allows: a `Linear` layer then keeps its inputs.
 *
 * @throws for a tensor that has not two dimensions
 */
export function eye_(tensor: Tensor): Tensor {
  checkedTensor(tensor, 'tensor');
  const [rows, columns] = matrix(tensor, 'eye_');
  return noGrad(() => scope(() => tensor.copy_(eye(rows, columns, { dtype: tensor.dtype, device: tensor.device }))));
}

/**
 * One in the middle of the kernel from each input channel to the output channel of its number: a convolution then keeps its inputs.
 * With groups, in each group.
 *
 * @throws for a tensor that has not three to five dimensions, and for output channels that `groups` does not divide
 */
export function dirac_(tensor: Tensor, options?: { groups?: number }): Tensor {
  checkedTensor(tensor, 'tensor');
  const { groups = 1 } = checkedOptions(options, 'dirac_');
  const [outputs, , ...kernel] = tensor.shape;
  if (kernel.length < 1 || kernel.length > 3) throw expected('a tensor of three to five dimensions', 'dirac_', tensor);
  const each = (outputs as number) / groups;
  if (!Number.isSafeInteger(each) || groups < 1) throw expected(`a divisor of the ${outputs} output channels`, 'groups', groups);
  scope(() =>
    noGrad(() => {
      tensor.zero_();
      const centre = kernel.reduceRight((view, size) => view.select(-1, Math.floor(size / 2)), tensor.detach());
      for (let group = 0; group < groups; group++)
        centre
          .narrow(0, group * each, each)
          .diagonal()
          .fill_(1);
    }),
  );
  return tensor;
}

/**
 * A matrix with orthogonal rows or columns, whichever are fewer, times `gain`; dimensions from the second on count as one (Saxe et al.,
 * 2014).
 *
 * @throws for a tensor with fewer than two dimensions
 */
export function orthogonal_(tensor: Tensor, options?: XavierOptions): Tensor {
  checkedTensor(tensor, 'tensor');
  const { gain = 1, generator = null } = checkedOptions(options, 'orthogonal_');
  if (tensor.dim() < 2) throw expected('a tensor with at least two dimensions', 'orthogonal_', tensor);
  if (tensor.numel() === 0) return tensor;
  scope(() =>
    noGrad(() => {
      const rows = tensor.size(0);
      const columns = tensor.numel() / rows;
      const drawn = empty([rows, columns], { dtype: tensor.dtype, device: tensor.device }).normal_(0, 1, { generator });
      const { Q, R } = linalg.qr(rows < columns ? drawn.t() : drawn);
      const uniform = Q.mul(R.diagonal().sign()); // Mezzadri, 2007: QR alone prefers some matrices
      tensor.copy_((rows < columns ? uniform.t() : uniform).reshape(tensor.shape)).mul_(gain);
    }),
  );
  return tensor;
}

export interface SparseOptions extends RandomOptions {
  /** Standard deviation of the numbers that are not zero. Default 0.01. */
  std?: number;
}

/**
 * Normal numbers, of which in each column a share `sparsity`, rounded up, is zero (Martens, 2010).
 *
 * @throws for a tensor that has not two dimensions, and for a share outside [0, 1]
 */
export function sparse_(tensor: Tensor, sparsity: number, options?: SparseOptions): Tensor {
  checkedTensor(tensor, 'tensor');
  const { std = 0.01, generator = null } = checkedOptions(options, 'sparse_');
  const [rows, columns] = matrix(tensor, 'sparse_');
  if (typeof sparsity !== 'number' || !(sparsity >= 0 && sparsity <= 1)) throw expected('a share in [0, 1]', 'sparsity', sparsity);
  scope(() =>
    noGrad(() => {
      tensor.normal_(0, std, { generator });
      // One permutation for each column, because PyTorch draws so.
      const orders = Array.from({ length: columns }, () => randperm(rows).narrow(0, 0, Math.ceil(sparsity * rows)));
      if (orders.length > 0) tensor.scatter_(0, stack(orders, 1).to(tensor.device), 0);
    }),
  );
  return tensor;
}

function matrix(tensor: Tensor, where: string): [rows: number, columns: number] {
  const [rows, columns, ...rest] = tensor.shape;
  if (rows === undefined || columns === undefined || rest.length > 0) throw expected('a tensor of two dimensions', where, tensor);
  return [rows, columns];
}

/** The recommended gain for the nonlinearity behind a layer. `param` is the negative slope of `'leakyRelu'`, default 0.01. */
export function calculateGain(nonlinearity: Nonlinearity, options?: { param?: number }): number {
  const { param = 0.01 } = checkedOptions(options, 'calculateGain');
  switch (nonlinearity) {
    case 'tanh':
      return 5 / 3;
    case 'relu':
      return Math.sqrt(2);
    case 'leakyRelu':
      return Math.sqrt(2 / (1 + param ** 2));
    case 'selu':
      return 3 / 4;
    case 'linear':
    case 'conv1d':
    case 'conv2d':
    case 'conv3d':
    case 'convTranspose1d':
    case 'convTranspose2d':
    case 'convTranspose3d':
    case 'sigmoid':
      return 1;
    default:
      throw expected('the name of a nonlinearity', 'nonlinearity', nonlinearity);
  }
}

/**
 * How many inputs an output of a weight [out, in, ...kernel] depends on, and how many outputs an input reaches.
 *
 * @throws for a tensor with fewer than two dimensions
 */
export function calculateFanInAndFanOut(tensor: Tensor): { fanIn: number; fanOut: number } {
  const [outputs, inputs, ...kernel] = checkedTensor(tensor, 'tensor').shape;
  if (outputs === undefined || inputs === undefined)
    throw expected('a tensor with at least two dimensions', 'initialisation by fan', tensor);
  const receptiveField = kernel.reduce((product, size) => product * size, 1);
  return { fanIn: inputs * receptiveField, fanOut: outputs * receptiveField };
}
