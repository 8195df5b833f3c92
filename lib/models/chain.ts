import { type Module, Sequential } from '../nn';
import { expected } from '../tensor/expected';
import type { Tensor } from '../tensor/tensor';

/** A module from one tensor to one tensor. */
export type TensorModule = Module & { forward(input: Tensor): Tensor };

/** Any number of such modules one after the other. */
export type Chain = Sequential<readonly [TensorModule, ...TensorModule[]]>;

/** A `Sequential` of modules whose number is known only when it runs. @throws for none */
export function chain(modules: readonly TensorModule[]): Chain {
  return new Sequential(...atLeastOne(modules));
}

/** @throws for an empty list */
export function atLeastOne(modules: readonly TensorModule[]): readonly [TensorModule, ...TensorModule[]] {
  const [first, ...rest] = modules;
  if (first === undefined) throw expected('at least one module', 'a chain', modules);
  return [first, ...rest];
}
