import { expected } from '../tensor/expected';
import { Module } from './module';

/** The last layer; where their number is open, any of them. */
type Last<Layers extends readonly unknown[]> = Layers extends readonly [...unknown[], infer Tail] ? Tail : Layers[number];
type Input<Layer> = Layer extends { forward(...inputs: infer Inputs): unknown } ? Inputs : never;
type Output<Layer> = Layer extends { forward(...inputs: never[]): infer Result } ? Result : never;

/** The layers, where each accepts what the one before gives; at the first that does not, what it should accept. */
type Linked<Layers extends readonly Module[], Checked extends readonly Module[] = []> = Layers extends readonly [
  infer First extends Module,
  infer Second extends Module,
  ...infer Rest extends readonly Module[],
]
  ? [Output<First>] extends Input<Second>
    ? Linked<[Second, ...Rest], [...Checked, First]>
    : [...Checked, First, Module & { forward(input: Output<First>): unknown }, ...Rest]
  : [...Checked, ...Layers];

/**
 * Layers one after the other: the output of each is the input of the next.
 *
 * ```ts
 * const net = new nn.Sequential(new nn.Linear(784, 128), new nn.ReLU(), new nn.Linear(128, 10));
 * ```
 *
 * Its `forward` takes what the first layer takes and gives what the last gives; layers that do not fit each other are a type
 * error. Its parameters are named by position: `0.weight`.
 */
export class Sequential<const Layers extends readonly [Module, ...Module[]]> extends Module {
  readonly #layers: Layers;

  constructor(...layers: Layers & Linked<Layers>) {
    super();
    for (const [position, layer] of layers.entries())
      if (!(layer instanceof Module)) throw expected('a module', `layer ${position}`, layer);
    if (layers.length === 0) throw expected('at least one layer', 'Sequential', undefined);
    this.#layers = layers;
  }

  /** The layers in order. */
  get layers(): Layers {
    return this.#layers;
  }

  get length(): number {
    return this.#layers.length;
  }

  override *members(): IterableIterator<[key: string, layer: Module]> {
    for (const [position, layer] of this.#layers.entries()) yield [`${position}`, layer];
  }

  override forward(...inputs: Input<Layers[0]>): Output<Last<Layers>> {
    const [first, ...rest] = this.#layers as unknown as readonly [Callable, ...Callable[]];
    return rest.reduce((value, layer) => layer.forward(value), first.forward(...inputs)) as Output<Last<Layers>>;
  }

  [Symbol.iterator](): IterableIterator<Module> {
    return this.#layers.values();
  }
}

/** What the constructor's type has checked. */
interface Callable {
  forward(...inputs: readonly unknown[]): unknown;
}
