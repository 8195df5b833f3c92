import { getGrads } from '../../autograd/gradients';
import { lanesOf } from '../../optim/lanes';
import { checkedOptions } from '../../tensor/checked';
import { expected } from '../../tensor/expected';
import { _foreachClampMax_, _foreachClampMin_, _foreachMul_, _foreachNorm, stack, zeros } from '../../tensor/generated/root';
import { checkNotNegative } from '../../tensor/numbers';
import { linalg } from '../../tensor/operators';
import { scopedNoGrad } from '../../tensor/scope';
import { Tensor } from '../../tensor/tensor';

export interface NormOptions {
  /** The order of the norm; `Infinity` is the largest absolute element. Default 2. */
  normType?: number;
  /** Throw when the norm is infinite or no number, which waits for a GPU. Default false. */
  errorIfNonfinite?: boolean;
}

/** Added to the norm before it divides. */
const EPS = 1e-6;

function listOf(tensors: Tensor | Iterable<Tensor>, where: string): readonly Tensor[] {
  const list = tensors instanceof Tensor ? [tensors] : [...tensors];
  for (const [position, tensor] of list.entries())
    if (!(tensor instanceof Tensor)) throw expected('a tensor', `${where} at ${position}`, tensor);
  return list;
}

/** The gradients that are there, split by device and dtype. */
function gradients(parameters: Tensor | Iterable<Tensor>, where: string): readonly (readonly Tensor[])[] {
  const present = getGrads(listOf(parameters, where)).grads.filter((grad) => grad !== null);
  return lanesOf(present).map(({ params }) => params);
}

/**
 * The norm of tensors as if they were one vector: `(sum |t|^normType)^(1 / normType)`. Nothing is read: a GPU does not wait.
 *
 * @returns a tensor of no dimensions on the first tensor's device; zero for no tensors
 * @throws for an infinite norm, or one that is no number, with `errorIfNonfinite`
 */
export function getTotalNorm(tensors: Tensor | Iterable<Tensor>, options?: NormOptions): Tensor {
  const { normType = 2, errorIfNonfinite = false } = checkedOptions(options, 'getTotalNorm');
  const lanes = lanesOf(listOf(tensors, 'the tensors of getTotalNorm')).map(({ params }) => params);
  return totalNorm(lanes, normType, errorIfNonfinite);
}

function totalNorm(lanes: readonly (readonly Tensor[])[], normType: number, errorIfNonfinite: boolean): Tensor {
  if (typeof normType !== 'number' || Number.isNaN(normType)) throw expected('a number', 'normType', normType);
  return scopedNoGrad(() => {
    const [first] = lanes;
    if (first === undefined) return zeros([]);
    const device = (first[0] as Tensor).device;
    const norms = lanes.flatMap((list) => _foreachNorm(list, normType));
    const near = norms.map((norm) => (norm.device === device ? norm : norm.to(device)));
    const total = linalg.vectorNorm(stack(sameDtype(near)), normType);
    if (errorIfNonfinite && !total.isfinite().item())
      throw new Error(`Expected a finite norm of order ${normType} of the gradients but it is ${total.item()}`);
    return total;
  });
}

/** Norms of several dtypes in the widest of them. */
function sameDtype(norms: readonly Tensor[]): readonly Tensor[] {
  const dtypes = new Set(norms.map(({ dtype }) => dtype));
  if (dtypes.size === 1) return norms;
  return norms.map((norm) => norm.to(dtypes.has('float64') ? 'float64' : 'float32'));
}

/**
 * Scales the gradients of parameters so that their norm, as one vector, is at most `maxNorm`:
 * `grad <- grad min(1, maxNorm / (norm + 1e-6))`. In place; nothing is read: a GPU does not wait.
 *
 * @returns the norm before, a tensor of no dimensions
 * @throws for an infinite norm, or one that is no number, with `errorIfNonfinite`; the gradients stay then
 */
export function clipGradNorm_(parameters: Tensor | Iterable<Tensor>, maxNorm: number, options?: NormOptions): Tensor {
  const { normType = 2, errorIfNonfinite = false } = checkedOptions(options, 'clipGradNorm_');
  checkNotNegative(maxNorm, 'maxNorm');
  const lanes = gradients(parameters, 'the parameters of clipGradNorm_');
  const total = totalNorm(lanes, normType, errorIfNonfinite);
  scale(lanes, maxNorm, total);
  return total;
}

/**
 * Scales the gradients of parameters by `min(1, maxNorm / (totalNorm + 1e-6))`, in place: `clipGradNorm_` with a norm that is
 * known, of several models say.
 */
export function clipGradsWithNorm_(parameters: Tensor | Iterable<Tensor>, maxNorm: number, totalNorm: Tensor): void {
  checkNotNegative(maxNorm, 'maxNorm');
  scale(gradients(parameters, 'the parameters of clipGradsWithNorm_'), maxNorm, totalNorm);
}

function scale(lanes: readonly (readonly Tensor[])[], maxNorm: number, total: Tensor): void {
  scopedNoGrad(() => {
    const share = total.add(EPS).reciprocal().mul(maxNorm).clamp({ max: 1 });
    for (const list of lanes) {
      const { device } = list[0] as Tensor;
      _foreachMul_(list, share.device === device ? share : share.to(device));
    }
  });
}

/**
 * Clamps every element of the gradients of parameters to `[-clipValue, clipValue]`, in place.
 *
 * @throws for a negative clipValue
 */
export function clipGradValue_(parameters: Tensor | Iterable<Tensor>, clipValue: number): void {
  checkNotNegative(clipValue, 'clipValue');
  const lanes = gradients(parameters, 'the parameters of clipGradValue_');
  scopedNoGrad(() => {
    for (const list of lanes) {
      _foreachClampMin_(list, -clipValue);
      _foreachClampMax_(list, clipValue);
    }
  });
}
