/** `torch.nn.utils.parametrize`: tensors of a module that are computed from others, which are trained instead. */

export { cached } from './cached';
export type { Parametrization } from './parametrization';
export { ParametrizationList } from './parametrization-list';
export {
  isParametrized,
  type ParametrizationDict,
  type Parametrized,
  type RegisterParametrizationOptions,
  type RemoveParametrizationsOptions,
  registerParametrization,
  removeParametrizations,
} from './registration';
