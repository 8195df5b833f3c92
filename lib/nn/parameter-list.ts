import { expected } from '../tensor/expected';
import type { Tensor } from '../tensor/tensor';
import { asParameter, describeParameter, noForward, position } from './containers';
import { Module } from './module';
import type { Parameter } from './parameter';

/** Parameters in a list, named by position in state dicts: `weights.0`. Tensors that are none become parameters. */
export class ParameterList extends Module implements Iterable<Parameter> {
  readonly #parameters: Parameter[] = [];

  constructor(parameters: Iterable<Tensor> = []) {
    super();
    this.extend(parameters);
  }

  get length(): number {
    return this.#parameters.length;
  }

  /** The parameter at a position; negative ones count from the end. @throws when there is none */
  at(index: number): Parameter {
    return this.#parameters[position(index, this.length, 'ParameterList')] as Parameter;
  }

  /** Puts another parameter at a position. */
  set(index: number, parameter: Tensor): this {
    this.#parameters[position(index, this.length, 'ParameterList')] = asParameter(parameter);
    return this;
  }

  append(parameter: Tensor): this {
    this.#parameters.push(asParameter(parameter));
    return this;
  }

  extend(parameters: Iterable<Tensor>): this {
    if (typeof parameters?.[Symbol.iterator] !== 'function') throw expected('an array of tensors', 'ParameterList', parameters);
    for (const parameter of parameters) this.append(parameter);
    return this;
  }

  override *members(): IterableIterator<[key: string, parameter: Parameter]> {
    for (const [index, parameter] of this.#parameters.entries()) yield [`${index}`, parameter];
  }

  [Symbol.iterator](): IterableIterator<Parameter> {
    return this.#parameters.values();
  }

  /** @throws always: the list does not say what is done with its parameters */
  override forward(..._inputs: never[]): never {
    throw noForward('ParameterList');
  }

  protected override extraRepr(): string {
    return this.#parameters
      .map((parameter, index) => `  (${index}): ${describeParameter(parameter, `torch.${parameter.dtype}`)}`)
      .join('\n');
  }
}
