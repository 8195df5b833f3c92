import { noGrad } from '../../../autograd/modes';
import { checkedOptions } from '../../../tensor/checked';
import { isComplexDType } from '../../../tensor/dtype';
import { expected } from '../../../tensor/expected';
import { allclose, cat, eye, matrixExp, randn, zerosLike } from '../../../tensor/generated/root';
import { linalg } from '../../../tensor/operators';
import type { Tensor } from '../../../tensor/tensor';
import type { DType } from '../../../tensor/types';
import { Module } from '../../module';
import { Buffer } from '../../parameter';
import { type Parametrized, registerParametrization } from '../parametrize';
import { namedTensor } from './named-tensor';

/** How an orthogonal matrix is made of one without constraints. */
export type OrthogonalMap = 'matrix_exp' | 'cayley' | 'householder';

export interface OrthogonalOptions {
  /** The parameter's name. Default `'weight'`. */
  name?: string;
  /** Default: `'matrix_exp'` for square and for complex matrices, else `'householder'`. */
  orthogonalMap?: OrthogonalMap | null;
  /** Start at the orthogonal matrix that the weight is or is made into, kept in a buffer `base`. Default true. */
  useTrivialization?: boolean;
}

const MAPS: readonly OrthogonalMap[] = ['matrix_exp', 'cayley', 'householder'];

/** An orthogonal matrix, or a batch of them, by one of the maps. */
class Orthogonal extends Module {
  constructor(
    readonly shape: readonly number[],
    readonly orthogonalMap: OrthogonalMap,
  ) {
    super();
  }

  override forward(x: Tensor): Tensor {
    const wide = x.size(-2) < x.size(-1);
    const q = this.placed(this.mapped(wide ? x.mT : x));
    return wide ? q.mT : q;
  }

  /** Orthonormal columns, for an x that is not wider than high. */
  private mapped(x: Tensor): Tensor {
    const { orthogonalMap } = this;
    if (orthogonalMap === 'householder') return reflected(x);
    const skew = skewSymmetric(x);
    const q = orthogonalMap === 'cayley' ? cayley(skew) : matrixExp(skew);
    return q.narrow(-1, 0, x.size(-1));
  }

  /** Where the matrix is turned to. */
  protected placed(q: Tensor): Tensor {
    return q;
  }

  protected checkShape(q: Tensor): void {
    if (q.shape.join() !== this.shape.join()) throw expected(`a tensor [${this.shape.join(', ')}]`, 'an orthogonal weight', q);
  }

  protected override typeName(): string {
    return '_Orthogonal';
  }
}

/** Householder reflectors are found for a given matrix; an argument of the other maps is not. */
class HouseholderOrthogonal extends Orthogonal {
  rightInverse(given: Tensor): Tensor {
    this.checkShape(given);
    const wide = given.size(-2) < given.size(-1);
    const { a, tau } = (wide ? given.mT : given).geqrf();
    const diagonal = a.diagonal(0, -2, -1);
    // Signs such that R has a positive diagonal. tau is exactly zero where no reflector is needed.
    diagonal.copy_(diagonal.sign().mul(tau.eq(0).mul(-2).add(1)));
    return wide ? a.mT : a;
  }
}

/** `B Q(x)`, which starts at the given matrix B: the map is only used near the identity (Lezcano-Casado, 2019). */
class TrivializedOrthogonal extends Orthogonal {
  readonly base: Buffer | null = null;

  protected override placed(q: Tensor): Tensor {
    return this.base === null ? q : this.base.matmul(q);
  }

  rightInverse(given: Tensor): Tensor {
    this.checkShape(given);
    const tall = given.size(-2) < given.size(-1) ? given.mT : given;
    Object.assign(this, { base: new Buffer(noGrad(() => completed(tall))) });
    // With -1 on the diagonal the Householder map, too, gives the identity.
    const start = zerosLike(given);
    start.diagonal(0, -2, -1).fill_(-1);
    return start;
  }
}

/** `x - x^H` of the lower triangle, filled up with zeros to a square. */
function skewSymmetric(x: Tensor): Tensor {
  const lower = x.tril();
  const [rows, columns] = [x.size(-2), x.size(-1)];
  const square = rows === columns ? lower : cat([lower, x.newZeros([...x.shape.slice(0, -1), rows - columns])], -1);
  return square.sub(square.mH);
}

/** `(I + A/2) (I - A/2)^-1`. */
function cayley(skew: Tensor): Tensor {
  const identity = eye(skew.size(-1), { dtype: skew.dtype, device: skew.device });
  return linalg.solve(identity.add(skew, { alpha: -0.5 }), identity.add(skew, { alpha: 0.5 }));
}

/** The product of the reflectors below the diagonal, with the diagonal's signs. */
function reflected(x: Tensor): Tensor {
  const vectors = x.tril(-1);
  const tau = vectors.mul(vectors).sum(-2).add(1).reciprocal().mul(2);
  // Signs are not trained. PyTorch cuts the diagonal to whole numbers, so that weight decay makes the whole matrix zero there.
  const signs = x.detach().diagonal(0, -2, -1).sign();
  return linalg.householderProduct(vectors, tau).mul(signs.unsqueeze(-2));
}

/** A square orthogonal matrix that begins with these columns, made orthogonal where they are not. */
function completed(columns: Tensor): Tensor {
  const [rows, count] = [columns.size(-2), columns.size(-1)];
  if (rows === count) return isOrthogonal(columns) ? columns.clone() : factorQ(columns);
  const { dtype, device } = columns;
  const others = randn([...columns.shape.slice(0, -1), rows - count], { dtype, device });
  return factorQ(cat([columns, others], -1));
}

function isOrthogonal(q: Tensor): boolean {
  const [rows, columns] = [q.size(-2), q.size(-1)];
  const identity = eye(columns, { dtype: q.dtype, device: q.device });
  return allclose(q.mH.matmul(q), identity.expand(q.shape), { atol: 10 * rows * epsilon(q.dtype) });
}

/** The Q of the QR decomposition whose R has a positive diagonal. */
function factorQ(matrix: Tensor): Tensor {
  const { a, tau } = matrix.geqrf();
  return linalg.householderProduct(a, tau).mul(a.diagonal(0, -2, -1).sgn().unsqueeze(-2));
}

/** The distance from 1 to the next number; LAPACK has no smaller dtypes. */
function epsilon(dtype: DType): number {
  return dtype === 'float64' || dtype === 'complex128' ? 2 ** -52 : 2 ** -23;
}

/**
 * An orthogonal weight, or a unitary one where it is complex: orthonormal columns, or rows where these are fewer. With more than two
 * dimensions, a batch of matrices [*, m, n].
 *
 * - `'matrix_exp'`: `exp(A)`, and `'cayley'`: `(I + A/2) (I - A/2)^-1`, with the skew-symmetric `A = X - X^H` of a lower triangle X;
 * - `'householder'`: the product of the reflectors `I - 2 v v^T / |v|^2` whose vectors are the columns below the diagonal.
 *
 * With `useTrivialization` the weight is `B Q(X)`, where `B` is the buffer `parametrizations.weight.0.base` (Lezcano-Casado, 2019): it
 * starts at what it was where that is orthogonal, else at the Q of its QR decomposition, and it can be assigned. Without, that
 * holds for `'householder'` alone; with the other maps it starts at their value for X = weight, and cannot be assigned.
 *
 * @returns the module
 * @throws when it has no parameter of this name, for one of fewer than two dimensions, for a map of another name, and for
 *   `'householder'` on a complex weight
 */
export function orthogonal<M extends Module>(module: M, options?: OrthogonalOptions): Parametrized<M> {
  const { name = 'weight', orthogonalMap = null, useTrivialization = true } = checkedOptions(options, 'orthogonal');
  const weight = namedTensor(module, name, 'orthogonal');
  if (weight.dim() < 2) throw expected('a tensor of at least two dimensions', 'orthogonal', weight);
  const complex = isComplexDType(weight.dtype);
  const map = orthogonalMap ?? (complex || weight.size(-2) === weight.size(-1) ? 'matrix_exp' : 'householder');
  if (!MAPS.includes(map)) throw expected("'matrix_exp', 'cayley' or 'householder'", 'orthogonalMap', orthogonalMap);
  if (complex && map === 'householder') throw expected('a real tensor', "orthogonalMap 'householder'", weight);
  const kind = useTrivialization ? TrivializedOrthogonal : map === 'householder' ? HouseholderOrthogonal : Orthogonal;
  return registerParametrization(module, name, new kind(weight.shape, map), { unsafe: true });
}
