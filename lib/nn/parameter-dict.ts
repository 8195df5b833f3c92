import { expected } from '../tensor/expected';
import type { Tensor } from '../tensor/tensor';
import { asParameter, checkKey, describeParameter, legacyTensorName, noForward } from './containers';
import { Module } from './module';
import type { Parameter } from './parameter';

/**
 * Parameters under names, which are their state dict keys as they stand. Tensors that are none become parameters.
 *
 * @throws for a name that is empty or has a dot in it
 */
export class ParameterDict<K extends string = string> extends Module {
  readonly #parameters = new Map<K, Parameter>();

  constructor(parameters?: Readonly<Record<K, Tensor>>) {
    super();
    for (const [name, parameter] of Object.entries(parameters ?? {})) this.set(name as K, parameter as Tensor);
  }

  get size(): number {
    return this.#parameters.size;
  }

  has(name: string): name is K {
    return this.#parameters.has(name as K);
  }

  /** The parameter of a name. @throws when there is none */
  get(name: K): Parameter {
    const parameter = this.#parameters.get(name);
    if (parameter === undefined) throw expected(`one of the names ${[...this.#parameters.keys()].join(', ')}`, 'a ParameterDict', name);
    return parameter;
  }

  set(name: K, parameter: Tensor): this {
    this.#parameters.set(checkKey(name, 'ParameterDict'), asParameter(parameter));
    return this;
  }

  /** Takes a parameter out. Tells whether it was there. */
  delete(name: K): boolean {
    return this.#parameters.delete(name);
  }

  keys(): IterableIterator<K> {
    return this.#parameters.keys();
  }

  values(): IterableIterator<Parameter> {
    return this.#parameters.values();
  }

  entries(): IterableIterator<[name: K, parameter: Parameter]> {
    return this.#parameters.entries();
  }

  override *members(): IterableIterator<[key: string, parameter: Parameter]> {
    yield* this.#parameters;
  }

  [Symbol.iterator](): IterableIterator<[name: K, parameter: Parameter]> {
    return this.entries();
  }

  /** @throws always: the dictionary does not say what is done with its parameters */
  override forward(..._inputs: never[]): never {
    throw noForward('ParameterDict');
  }

  protected override extraRepr(): string {
    return Array.from(this, ([name, parameter]) => `  (${name}): ${describeParameter(parameter, legacyTensorName(parameter))}`).join('\n');
  }
}
