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

/**
 * Modules one after the other under names of their own, which their state dict keys have: PyTorch's `Sequential` of an `OrderedDict`.
 * Names that are whole numbers would come first, as in every object.
 */
export class NamedChain extends Sequential<readonly [TensorModule, ...TensorModule[]]> {
  readonly #names: readonly string[];

  constructor(modules: Readonly<Record<string, TensorModule>>) {
    super(...atLeastOne(Object.values(modules)));
    this.#names = Object.keys(modules);
  }

  override *members(): IterableIterator<[key: string, module: Module]> {
    for (const [position, module] of this.layers.entries()) yield [this.#names[position] as string, module];
  }

  /** PyTorch has no class of its own for it. */
  protected override typeName(): string {
    return 'Sequential';
  }
}

/** @throws for an empty list */
export function atLeastOne(modules: readonly TensorModule[]): readonly [TensorModule, ...TensorModule[]] {
  const [first, ...rest] = modules;
  if (first === undefined) throw expected('at least one module', 'a chain', modules);
  return [first, ...rest];
}
