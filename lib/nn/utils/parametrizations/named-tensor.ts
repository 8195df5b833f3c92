import { expected } from '../../../tensor/expected';
import { Tensor } from '../../../tensor/tensor';
import { checkModule } from '../../containers';
import type { Module } from '../../module';
import { stateKey } from '../../state-key';

/** The tensor in a field of a module, parametrized or not. @throws when there is none */
export function namedTensor(module: Module, name: string, where: string): Tensor {
  checkModule(module, where);
  const field = Object.getOwnPropertyNames(module).find((field) => stateKey(field) === stateKey(`${name}`));
  const tensor: unknown = field === undefined ? undefined : Reflect.get(module, field);
  if (!(tensor instanceof Tensor))
    throw expected(`the name of a parameter or buffer in a field of ${module.constructor.name}`, where, name);
  return tensor;
}
