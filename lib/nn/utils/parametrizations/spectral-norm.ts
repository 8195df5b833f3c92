import { checkedOptions } from '../../../tensor/checked';
import { expected } from '../../../tensor/expected';
import { scopedNoGrad } from '../../../tensor/scope';
import type { Tensor } from '../../../tensor/tensor';
import { ConvTranspose1d, ConvTranspose2d, ConvTranspose3d } from '../../conv-transpose';
import { normalize } from '../../functional';
import { Module } from '../../module';
import { Buffer } from '../../parameter';
import { checkSize } from '../../sizes';
import { type Parametrized, registerParametrization } from '../parametrize';
import { namedTensor } from './named-tensor';

export interface SpectralNormOptions {
  /** The parameter's name. Default `'weight'`. */
  name?: string;
  /** Steps of the power iteration each time the weight is computed while training. Default 1. */
  nPowerIterations?: number;
  /** Norms of vectors below it count as it. Default 1e-12. */
  eps?: number;
  /** The dimension of the outputs; the others together are the inputs. Default 0, for transposed convolutions 1. */
  dim?: number;
}

/** Steps that the random vectors start with. */
const WARM_UP = 15;

/** `W / sigma`, with estimates `_u` and `_v` of the first singular vectors. A vector is divided by its norm and needs none. */
class SpectralNorm extends Module {
  readonly _u: Buffer | null = null;
  readonly _v: Buffer | null = null;

  constructor(
    weight: Tensor,
    readonly nPowerIterations: number,
    readonly dim: number,
    readonly eps: number,
  ) {
    super();
    if (weight.dim() < 2) return;
    scopedNoGrad(() => {
      const matrix = this.matrix(weight);
      const [u, v] = matrix.shape.map((length) => matrix.newEmpty([length]).normal_(0, 1)) as [Tensor, Tensor];
      Object.assign(this, { _u: new Buffer(this.unit(u)), _v: new Buffer(this.unit(v)) });
      this.iterate(matrix, WARM_UP);
    });
  }

  override forward(weight: Tensor): Tensor {
    if (this._u === null || this._v === null) return this.unit(weight);
    const matrix = this.matrix(weight);
    if (this.training) this.iterate(matrix, this.nPowerIterations);
    // Copies, so that backward through two forward passes finds the vectors of each.
    const [u, v] = [this._u.clone(), this._v.clone()];
    return weight.div(u.vdot(matrix.mv(v)));
  }

  rightInverse(value: Tensor): Tensor {
    return value;
  }

  /** The power method: `v = W^H u / |W^H u|`, `u = W v / |W v|`. In place, so that the buffers stay the module's. */
  private iterate(matrix: Tensor, steps: number): void {
    const [u, v] = [this._u as Tensor, this._v as Tensor];
    scopedNoGrad(() => {
      for (let step = 0; step < steps; step++) {
        u.copy_(this.unit(matrix.mv(v)));
        v.copy_(this.unit(matrix.mH.mv(u)));
      }
    });
  }

  private unit(vector: Tensor): Tensor {
    return normalize(vector, { dim: 0, eps: this.eps });
  }

  /** The weight as outputs by inputs. */
  private matrix(weight: Tensor): Tensor {
    return (this.dim === 0 ? weight : weight.movedim(this.dim, 0)).flatten(1);
  }

  protected override typeName(): string {
    return '_SpectralNorm';
  }
}

/**
 * Spectral normalisation: `W / sigma(W)`, sigma the largest singular value, so that a layer stretches no input by more than 1 (Miyato
 * et al., 2018).
 *
 * Sigma is `u^H W v`, where the power iteration `u = W v / |W v|`, `v = W^H u / |W^H u|` brings `u` and `v` closer to the
 * singular vectors each time the weight is computed while training; in evaluation they stay. They are buffers,
 * `parametrizations.weight.0._u` and `_v`, and start at random. A weight of more dimensions is a matrix of `dim` by all
 * others; a vector is divided by its norm. Layers that use the weight several times in one pass make several steps of it, unless within
 * `parametrize.cached`.
 *
 * @returns the module
 * @throws when it has no parameter of this name, for a dimension that the parameter does not have, and for iterations that are no
 *   positive whole number
 */
export function spectralNorm<M extends Module>(module: M, options?: SpectralNormOptions): Parametrized<M> {
  const { name = 'weight', nPowerIterations = 1, eps = 1e-12, dim = outputDim(module) } = checkedOptions(options, 'spectralNorm');
  const weight = namedTensor(module, name, 'spectralNorm');
  const ndim = weight.dim();
  if (!Number.isSafeInteger(dim) || dim < -ndim || dim >= ndim) throw expected(`a dimension from ${-ndim} to ${ndim - 1}`, 'dim', dim);
  checkSize(nPowerIterations, 'nPowerIterations');
  if (typeof eps !== 'number' || !(eps >= 0)) throw expected('a number from 0', 'eps', eps);
  return registerParametrization(module, name, new SpectralNorm(weight, nPowerIterations, dim < 0 ? dim + ndim : dim, eps));
}

function outputDim(module: Module): number {
  return [ConvTranspose1d, ConvTranspose2d, ConvTranspose3d].some((type) => module instanceof type) ? 1 : 0;
}
