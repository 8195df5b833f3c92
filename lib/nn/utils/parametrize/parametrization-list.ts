import { noGrad } from '../../../autograd/modes';
import { expected } from '../../../tensor/expected';
import { scope } from '../../../tensor/scope';
import { Tensor } from '../../../tensor/tensor';
import { position, runsOf } from '../../containers';
import { Module } from '../../module';
import { Buffer, isPersistent, Parameter } from '../../parameter';
import { dataReplaced } from '../../placement';
import type { Parametrization } from './parametrization';

/** One of the tensors that stand for a parametrized one. */
type Original = Parameter | Buffer;

/**
 * The parametrizations of one tensor in their order, and its originals: `original` where the first has one, else `original0`,
 * `original1` and so on. Its fields are named as PyTorch's, so that state dict keys are.
 */
export class ParametrizationList extends Module implements Iterable<Parametrization> {
  /** The only original; missing where there are several. */
  declare readonly original?: Original;
  readonly [several: `original${number}`]: Original;
  readonly [position: number]: Parametrization;

  /** How many parametrizations there are. */
  length = 0;

  /**
   * @internal Use `registerParametrization`.
   * @throws when the first parametrization does not give a tensor of the same kind for what its inverse gives; `original` stays then
   */
  constructor(
    first: Parametrization,
    original: Original,
    /** Whether dtype and shape may change. */
    public unsafe: boolean,
    /** The tensor's name, for messages. */
    name: string,
  ) {
    super();
    scope(() =>
      noGrad(() => {
        const inverse: unknown = first.rightInverse === undefined ? original : first.rightInverse(original);
        const originals = tensorsOf(inverse, first);
        if (originals === inverse) {
          if (!unsafe) checkLike(first.forward(...originals), original, `the output of ${nameOf(first)} on ${name}`);
          for (const [k, value] of originals.entries()) Reflect.set(this, `original${k}`, sameKind(original, value));
        } else {
          const [value] = originals as [Tensor];
          checkPlace(value, original, `rightInverse of ${nameOf(first)}`);
          if (!unsafe) checkLike(first.forward(value), original, `the output of ${nameOf(first)} on ${name}`);
          replace(original, value);
          Reflect.set(this, 'original', original);
        }
      }),
    );
    this.append(first);
  }

  /** Whether there is one original, and not several. */
  get isTensor(): boolean {
    return Object.hasOwn(this, 'original');
  }

  /** The originals: one, or several in their order. */
  get originals(): readonly Tensor[] {
    if (this.isTensor) return [this.original as Tensor];
    const originals: Tensor[] = [];
    for (let k = 0; Object.hasOwn(this, `original${k}`); k++) originals.push(this[`original${k}`] as Tensor);
    return originals;
  }

  /** The parametrization at a position; negative ones count from the end. @throws when there is none */
  at(index: number): Parametrization {
    return this[position(index, this.length, 'ParametrizationList')] as Parametrization;
  }

  /** @internal Use `registerParametrization`, which checks. */
  append(parametrization: Parametrization): void {
    Reflect.set(this, `${this.length}`, parametrization);
    this.length++;
  }

  /** The parametrized tensor. */
  override forward(): Tensor {
    let value = this.at(0).forward(...this.originals);
    for (let k = 1; k < this.length; k++) value = this.at(k).forward(value);
    return value;
  }

  /**
   * Gives the originals the values for which the parametrized tensor is `value`. They stay the same parameters.
   *
   * @throws for a parametrization without a `rightInverse`, or one that gives other dtypes or another number of tensors than before; the
   *   originals stay then
   */
  rightInverse(value: Tensor): void {
    if (!(value instanceof Tensor)) throw expected('a tensor', 'a parametrized tensor', value);
    scope(() =>
      noGrad(() => {
        let inverse: unknown = value;
        for (const parametrization of [...this].reverse()) {
          if (parametrization.rightInverse === undefined)
            throw expected(`rightInverse of ${nameOf(parametrization)}`, 'assigning the tensor', undefined);
          inverse = parametrization.rightInverse(inverse as Tensor);
        }
        const [values, originals] = [tensorsOf(inverse, this.at(0)), this.originals];
        const where = `rightInverse of ${nameOf(this.at(0))}`;
        if ((values === inverse) === this.isTensor || values.length !== originals.length)
          throw expected(this.isTensor ? 'a tensor' : `an array of ${originals.length} tensors`, where, inverse);
        for (const [k, original] of originals.entries()) checkPlace(values[k] as Tensor, original, where);
        for (const [k, original] of originals.entries()) replace(original, values[k] as Tensor);
      }),
    );
  }

  *[Symbol.iterator](): IterableIterator<Parametrization> {
    for (let k = 0; k < this.length; k++) yield this.at(k);
  }

  protected override childrenRepr(): string[] {
    return runsOf([...this]);
  }
}

function nameOf(parametrization: Parametrization): string {
  return parametrization.constructor.name;
}

/** The tensors that `rightInverse` gave: its array as it is, or one in an array. */
function tensorsOf(inverse: unknown, parametrization: Parametrization): readonly Tensor[] {
  const tensors = inverse instanceof Tensor ? [inverse] : inverse;
  if (!Array.isArray(tensors) || tensors.length === 0 || !tensors.every((tensor) => tensor instanceof Tensor))
    throw expected('a tensor or an array of tensors', `rightInverse of ${nameOf(parametrization)}`, inverse);
  return tensors;
}

/** That a value can take the place of a tensor, which keeps its identity. */
function checkPlace(value: Tensor, like: Tensor, where: string): void {
  if (value.dtype !== like.dtype || value.device !== like.device) throw expected(`a tensor ${like.dtype} ${like.device}`, where, value);
}

/** That a value has the dtype and the shape of a tensor. */
export function checkLike(value: unknown, like: Tensor, where: string): void {
  if (!(value instanceof Tensor)) throw expected('a tensor', where, value);
  if (value.dtype !== like.dtype || value.shape.join() !== like.shape.join())
    throw expected(`a tensor ${like.dtype}[${like.shape.join(', ')}], or { unsafe: true },`, where, value);
}

/** A parameter or a buffer with these values, as `original` is one; it shares no memory with what a program may hold. */
export function sameKind(original: Original, value: Tensor, requiresGrad = original.requiresGrad): Original {
  const data = value.detach().clone();
  return original instanceof Parameter
    ? new Parameter(data, { requiresGrad })
    : new Buffer(data, { persistent: isPersistent(original as Buffer) });
}

/** Gives a parameter or buffer other values, of whatever shape; optimizers go on with it. */
export function replace(original: Tensor, value: Tensor): void {
  if (value === original) return;
  if (value.shape.join() === original.shape.join()) {
    original.copy_(value.clone()); // it may be a view of the original
    return;
  }
  original.data = value.detach().clone();
  dataReplaced();
}
