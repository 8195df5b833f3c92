import { noGrad } from '../../autograd/modes';
import { flattened, shapedLike } from '../../optim/flat';
import { checkedTensor } from '../../tensor/checked';
import { expected } from '../../tensor/expected';
import { _foreachCopy_ } from '../../tensor/generated/root';
import { scope } from '../../tensor/scope';
import type { Tensor } from '../../tensor/tensor';

/**
 * All parameters as one vector, in their order.
 *
 * @throws for no parameters, and for parameters of several devices
 */
export function parametersToVector(parameters: Iterable<Tensor>): Tensor {
  const list = [...parameters];
  if (list.length === 0) throw expected('at least one parameter', 'parametersToVector', list);
  const devices = new Set(list.map(({ device }) => device));
  if (devices.size > 1) throw expected('parameters of one device', 'parametersToVector', [...devices]);
  return flattened(list);
}

/**
 * Writes a vector into parameters, in their order.
 *
 * @throws unless the vector has as many elements as the parameters; nothing is written then
 */
export function vectorToParameters(vector: Tensor, parameters: Iterable<Tensor>): void {
  checkedTensor(vector, 'vector');
  const list = [...parameters];
  const count = list.reduce((sum, parameter) => sum + parameter.numel(), 0);
  if (vector.dim() !== 1 || vector.numel() !== count) throw expected(`a vector of ${count} elements`, 'vectorToParameters', vector);
  scope(() => noGrad(() => _foreachCopy_(list, shapedLike(vector, list))));
}
