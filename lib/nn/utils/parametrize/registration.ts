import { noGrad } from '../../../autograd/modes';
import { checkedOptions } from '../../../tensor/checked';
import { expected } from '../../../tensor/expected';
import { scope } from '../../../tensor/scope';
import type { Tensor } from '../../../tensor/tensor';
import { checkModule } from '../../containers';
import type { Module } from '../../module';
import { ModuleDict } from '../../module-dict';
import { Buffer, Parameter } from '../../parameter';
import { stateKey } from '../../state-key';
import { forget, remembered } from './cached';
import type { Parametrization } from './parametrization';
import { checkLike, ParametrizationList, replace, sameKind } from './parametrization-list';

/** The parametrizations of a module by the names of its tensors. */
export type ParametrizationDict = ModuleDict<Record<string, ParametrizationList>>;

/** A module with parametrized tensors: `layer.parametrizations.get('weight').original`. */
export type Parametrized<M extends Module = Module> = M & { readonly parametrizations: ParametrizationDict };

export interface RegisterParametrizationOptions {
  /** Let the parametrization change dtype and shape, without a look at what it gives. Default false. */
  unsafe?: boolean;
}

export interface RemoveParametrizationsOptions {
  /** Leave the parametrized values in the tensor, and not the original's. Default true. */
  leaveParametrized?: boolean;
}

/**
 * Puts a parametrization in the place of a parameter or buffer: from then on `module.weight` is what the parametrization computes each
 * time from the original, which is trained instead. A tensor that has parametrizations gets this one behind them.
 *
 * The original is `module.parametrizations.get('weight').original`, or `original0`, `original1` and so on where `rightInverse` gives
 * several, and starts at what `rightInverse` gives for the tensor. One original is the parameter itself, so that optimizers
 * go on with it; several are new. An assignment to `module.weight` goes through `rightInverse`. `train`, `to`, state dicts and
 * `freeze` reach the originals and the parametrizations as any module's. Other modules pay nothing.
 *
 * @param tensorName the name of the field, or of the tensor in state dicts
 * @returns the module
 * @throws when there is no such parameter or buffer; unless `unsafe`, when the parametrization gives another dtype or shape; when
 *   `rightInverse` gives what cannot be an original. The module is what it was then
 */
export function registerParametrization<M extends Module>(
  module: M,
  tensorName: string,
  parametrization: Parametrization,
  options?: RegisterParametrizationOptions,
): Parametrized<M> {
  const { unsafe = false } = checkedOptions(options, 'registerParametrization');
  checkModule(module, 'registerParametrization');
  checkModule(parametrization, 'the parametrization');
  const { field, value } = findTensor(module, tensorName);
  const name = stateKey(field);
  const dict = parametrizationsOf(module);
  const list = dict?.has(name) ? dict.get(name) : undefined;
  parametrization.train(module.training);
  if (list !== undefined) {
    if (!unsafe) checkChained(parametrization, Reflect.get(module, field) as Tensor, name);
    list.append(parametrization);
    forget(list);
    list.unsafe ||= unsafe;
    return module as Parametrized<M>;
  }
  if (dict === undefined && 'parametrizations' in module)
    throw expected('a module without a field parametrizations of its own', 'registerParametrization', module);
  const added = new ParametrizationList(parametrization, value as Parameter | Buffer, unsafe, name);
  (dict ?? addDict(module)).set(name, added);
  compute(module, field, added);
  return module as Parametrized<M>;
}

/** That a parametrization and its inverse map tensors like this one to tensors like this one. */
function checkChained(parametrization: Parametrization, like: Tensor, name: string): void {
  const { name: type } = parametrization.constructor;
  scope(() =>
    noGrad(() => {
      const value = parametrization.forward(like);
      checkLike(value, like, `the output of ${type} on ${name}`);
      if (parametrization.rightInverse !== undefined)
        checkLike(parametrization.rightInverse(value), like, `rightInverse of ${type} on ${name}`);
    }),
  );
}

/** Whether a module has a parametrized tensor of this name; without a name, whether it has any. */
export function isParametrized<M extends Module>(module: M, tensorName?: string): module is Parametrized<M> {
  const dict = parametrizationsOf(checkModule(module, 'isParametrized'));
  return dict !== undefined && (tensorName === undefined || dict.has(stateKey(`${tensorName}`)));
}

/**
 * Makes a parametrized tensor a parameter or buffer again, of its present values, or of the original's with
 * `leaveParametrized: false`. With one original it is the same parameter as ever; with several it is a new one, which an optimizer has
 * to be told of.
 *
 * @returns the module
 * @throws for a tensor that is not parametrized, for `leaveParametrized: false` where there are several originals, and for values of
 *   another dtype than the original's
 */
export function removeParametrizations<M extends Module>(module: M, tensorName: string, options?: RemoveParametrizationsOptions): M {
  const { leaveParametrized = true } = checkedOptions(options, 'removeParametrizations');
  const dict = parametrizationsOf(checkModule(module, 'removeParametrizations'));
  const name = stateKey(`${tensorName}`);
  if (dict?.has(name) !== true)
    throw expected(`the name of a parametrized tensor of ${module.constructor.name}`, 'removeParametrizations', tensorName);
  const tensor = scope(() => noGrad(() => left(dict.get(name), leaveParametrized, name)));
  const { field } = findTensor(module, tensorName);
  // Taken away and added, it is the last of the module's tensors, as in PyTorch.
  Reflect.deleteProperty(module, field);
  Object.defineProperty(module, field, { value: tensor, configurable: true, enumerable: true, writable: true });
  dict.delete(name);
  if (dict.size === 0) {
    Reflect.deleteProperty(module, 'parametrizations');
    Reflect.deleteProperty(module, 'typeName');
  }
  return module;
}

/** The tensor that stays. */
function left(list: ParametrizationList, leaveParametrized: boolean, name: string): Tensor {
  const { isTensor, originals } = list;
  const first = originals[0] as Parameter;
  if (!leaveParametrized) {
    if (!isTensor) throw expected(`true, as ${name} has ${originals.length} originals,`, 'leaveParametrized', false);
    return first;
  }
  const value = list.forward();
  if (!isTensor) {
    const trains = originals.some(({ requiresGrad }) => requiresGrad);
    return sameKind(first, value, trains);
  }
  if (value.dtype !== first.dtype) throw expected(`values of dtype ${first.dtype}`, 'leaveParametrized', value);
  replace(first, value);
  return first;
}

/** The parametrizations of a module, where it has some. */
export function parametrizationsOf(module: Module): ParametrizationDict | undefined {
  const dict: unknown = Reflect.get(module, 'parametrizations');
  if (!(dict instanceof ModuleDict) || dict.size === 0) return undefined;
  for (const list of dict.values()) if (!(list instanceof ParametrizationList)) return undefined;
  return dict as ParametrizationDict;
}

/** Gives a copy of a module the parametrizations of the module. */
export function copyParametrizations(module: Module, copy: Module, copied: (list: ParametrizationList) => ParametrizationList): void {
  const dict = parametrizationsOf(module);
  if (dict === undefined) return;
  const own = addDict(copy);
  for (const [name, list] of dict) {
    const added = copied(list);
    own.set(name, added);
    compute(copy, findTensor(module, name).field, added);
  }
}

function findTensor(module: Module, tensorName: string): { field: string; value: Tensor | undefined } {
  const key = typeof tensorName === 'string' ? stateKey(tensorName) : undefined;
  const dict = parametrizationsOf(module);
  for (const field of Object.getOwnPropertyNames(module)) {
    if (stateKey(field) !== key) continue;
    const value: unknown = Object.getOwnPropertyDescriptor(module, field)?.value;
    if (value instanceof Parameter || value instanceof Buffer) return { field, value };
    if (dict?.has(key) === true) return { field, value: undefined };
  }
  throw expected(`the name of a parameter or buffer in a field of ${module.constructor.name}`, 'the tensor', tensorName);
}

/** Gives a module its dictionary, and a name to print that tells so. */
function addDict(module: Module): ParametrizationDict {
  const dict: ParametrizationDict = new ModuleDict();
  Object.defineProperty(module, 'parametrizations', { value: dict, configurable: true, enumerable: true });
  function typeName(this: Module): string {
    return `Parametrized${Reflect.get(Object.getPrototypeOf(this), 'typeName').call(this)}`;
  }
  Object.defineProperty(module, 'typeName', { value: typeName, configurable: true, enumerable: false, writable: true });
  return dict;
}

/** Puts the computed tensor in the place of the field. It is not enumerable, so that it is no member and walks do not compute it. */
function compute(module: Module, field: string, list: ParametrizationList): void {
  Object.defineProperty(module, field, {
    get: () => remembered(list, () => list.forward()),
    set: (value: Tensor) => {
      forget(list);
      list.rightInverse(value);
    },
    configurable: true,
    enumerable: false,
  });
}
