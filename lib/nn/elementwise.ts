import { checkedOptions } from '../tensor/checked';
import { expected } from '../tensor/expected';
import type { Tensor } from '../tensor/tensor';
import { Module } from './module';
import { float, python } from './repr';
import { stateKey } from './state-key';

type Option = number | boolean | string;

/** A layer without parameters that computes its output from the input alone. */
export abstract class Elementwise extends Module {
  abstract override forward(input: Tensor): Tensor;
}

/** A layer made by `elementwise`. */
interface ElementwiseLayer extends Elementwise {
  forward(input: Tensor): Tensor;
}

/** A class of layers that have their options, if there are any, as fields. */
export type ElementwiseClass<Options> = new (
  ...args: keyof Options extends never ? [] : [options?: Options]
) => ElementwiseLayer & Readonly<Required<Options>>;

/**
 * Makes the class of an activation: its options, with their defaults, become fields, and the layer itself is the options of
 * the function that it computes.
 *
 * ```ts
 * class ELU extends elementwise<ELUOptions>({ alpha: 1, inplace: false }, elu) {}
 * ```
 *
 * @param describe what `toString` shows; by default the options by PyTorch's names, and `inplace` only where it is true
 */
export function elementwise<Options extends object>(
  defaults: Readonly<Required<Options>>,
  compute: (input: Tensor, options: Readonly<Required<Options>> & { readonly training: boolean }) => Tensor,
  describe: (options: Readonly<Required<Options>>) => string = describeOptions,
): ElementwiseClass<Options> {
  class Layer extends Elementwise {
    constructor(options: Options = {} as Options) {
      super();
      Object.assign(this, chosen(defaults, options, this.constructor.name));
    }

    override forward(input: Tensor): Tensor {
      return compute(input, this as unknown as Readonly<Required<Options>> & Layer);
    }

    protected override extraRepr(): string {
      const fields = this as unknown as Required<Options>;
      return describe(Object.fromEntries(Object.keys(defaults).map((key) => [key, fields[key as keyof Options]])) as Required<Options>);
    }
  }
  return Layer as unknown as ElementwiseClass<Options>;
}

/** The options, with defaults for those not given. */
function chosen<Options extends object>(defaults: Required<Options>, options: Options, where: string): Required<Options> {
  checkedOptions(options, where);
  const entries = Object.entries(defaults).map(([key, usual]) => {
    const value = options[key as keyof Options] ?? usual;
    if (typeof value !== typeof usual) throw expected(`a ${typeof usual}`, key, value);
    return [key, value];
  });
  return Object.fromEntries(entries) as Required<Options>;
}

function describeOptions(options: object): string {
  const shown = Object.entries(options as Record<string, Option>).filter(([key, value]) => key !== 'inplace' || value === true);
  return shown
    .map(([key, value]) => {
      if (typeof value === 'string') return `${stateKey(key)}='${value}'`;
      return `${stateKey(key)}=${typeof value === 'number' && key !== 'dim' ? float(value) : python(value)}`;
    })
    .join(', ');
}
