import { expected } from '../tensor/expected';
import { scope } from '../tensor/scope';
import { Module } from './module';
import { Buffer, isPersistent, Parameter } from './parameter';
import { copyParametrizations, parametrizationsOf } from './utils/parametrize/registration';

/**
 * A module with the same values in parameters, buffers and modules of its own, made without drawing random numbers. What has none of
 * these, such as an activation, is shared; hooks stay behind. `#private` fields cannot be copied.
 *
 * @throws for a module whose content is not in its fields, as a `Sequential`'s
 */
export function copyModule<M extends Module>(module: M): M {
  return scope(() => copied(module, new Map())) as M;
}

function copied(value: unknown, copies: Map<unknown, unknown>): unknown {
  if (Array.isArray(value)) return value.map((element) => copied(element, copies));
  if (!(value instanceof Module || value instanceof Parameter || value instanceof Buffer)) return value;
  const known = copies.get(value);
  if (known !== undefined) return known;
  if (value instanceof Module) return copyFields(value, copies);
  const copy = copyTensor(value);
  copies.set(value, copy);
  return copy;
}

function copyTensor(value: Parameter | Buffer): Parameter | Buffer {
  const data = value.detach().clone();
  if (value instanceof Parameter) return new Parameter(data, { requiresGrad: value.requiresGrad });
  return new Buffer(data, { persistent: isPersistent(value as Buffer) });
}

function copyFields(module: Module, copies: Map<unknown, unknown>): Module {
  if (module.members().next().done === true) return module;
  if (module.members !== Module.prototype.members) throw expected('a module with its content in fields', 'a copy', module);
  const copy = Object.create(Object.getPrototypeOf(module)) as Module;
  copies.set(module, copy);
  const parametrizations = parametrizationsOf(module);
  for (const [field, value] of Object.entries(module)) {
    if (parametrizations === undefined || value !== parametrizations) Reflect.set(copy, field, copied(value, copies));
  }
  copyParametrizations(module, copy, (list) => copied(list, copies) as typeof list);
  return copy;
}
