import { checkedOptions } from '../../../tensor/checked';
import { expected } from '../../../tensor/expected';
import { _weightNorm, normExceptDim } from '../../../tensor/generated/root';
import type { Tensor } from '../../../tensor/tensor';
import { Module, type StateDict } from '../../module';
import { type Parametrized, registerParametrization } from '../parametrize';
import { namedTensor } from './named-tensor';

export interface WeightNormOptions {
  /** The parameter's name. Default `'weight'`. */
  name?: string;
  /** The dimension along which each slice has a norm of its own; null: one norm for all. Default 0, the outputs. */
  dim?: number | null;
}

/** `g v / |v|`, the norm over all dimensions but `dim`. */
class WeightNorm extends Module {
  constructor(readonly dim: number) {
    super();
  }

  override forward(g: Tensor, v: Tensor): Tensor {
    return _weightNorm(v, g, this.dim);
  }

  rightInverse(weight: Tensor): [g: Tensor, v: Tensor] {
    return [normExceptDim(weight, 2, this.dim), weight];
  }

  /** State dicts of PyTorch's older weight norm have `weight_g` and `weight_v`. */
  protected override upgradeState(state: Readonly<StateDict>, path: string): Readonly<StateDict> {
    const [, prefix, name] = /^(.*\.)?parametrizations\.([^.]+)\.0$/.exec(path) ?? [];
    const [g, v] = [`${prefix ?? ''}${name}_g`, `${prefix ?? ''}${name}_v`];
    if (name === undefined || !Object.hasOwn(state, g) || !Object.hasOwn(state, v)) return state;
    const { [g]: original0, [v]: original1, ...others } = state;
    const list = `${prefix ?? ''}parametrizations.${name}`;
    return { ...others, [`${list}.original0`]: original0 as Tensor, [`${list}.original1`]: original1 as Tensor };
  }

  protected override typeName(): string {
    return '_WeightNorm';
  }
}

/**
 * Weight normalisation: `w = g v / |v|`, where the magnitude `g` and the direction `v` are trained apart (Salimans and Kingma, 2016).
 *
 * The norm is over all dimensions but `dim`. `g`, of size 1 but along `dim`, is `original0`, `v`, of the weight's shape, is `original1`;
 * they start where `w` is what it was. Both are new parameters: make the optimizer behind it.
 *
 * @returns the module
 * @throws when it has no parameter of this name, and for a dimension that it does not have
 */
export function weightNorm<M extends Module>(module: M, options?: WeightNormOptions): Parametrized<M> {
  const { name = 'weight', dim = 0 } = checkedOptions(options, 'weightNorm');
  const ndim = namedTensor(module, name, 'weightNorm').dim();
  if (dim !== null && (!Number.isSafeInteger(dim) || dim < -ndim || dim >= ndim))
    throw expected(`a dimension from ${-ndim} to ${ndim - 1}, or null,`, 'dim', dim);
  return registerParametrization(module, name, new WeightNorm(dim ?? -1), { unsafe: true });
}
