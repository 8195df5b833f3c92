import { expected } from '../tensor/expected';
import { checkKey, checkModule, noForward } from './containers';
import { Module } from './module';

/**
 * Modules under names, which are their state dict keys as they stand: `heads.left.weight`.
 *
 * ```ts
 * const heads = new nn.ModuleDict({ digits: new nn.Linear(64, 10), parity: new nn.Linear(64, 2) });
 * heads.get('digits').forward(features);
 * ```
 *
 * @throws for a name that is empty or has a dot in it
 */
export class ModuleDict<D extends Record<string, Module> = Record<string, Module>> extends Module {
  readonly #modules = new Map<keyof D & string, D[keyof D & string]>();

  constructor(modules?: D) {
    super();
    for (const [name, module] of Object.entries(modules ?? {})) this.set(name, module as D[keyof D & string]);
  }

  get size(): number {
    return this.#modules.size;
  }

  has(name: string): name is keyof D & string {
    return this.#modules.has(name);
  }

  /** The module of a name. @throws when there is none */
  get<K extends keyof D & string>(name: K): D[K] {
    const module = this.#modules.get(name);
    if (module === undefined) throw expected(`one of the names ${[...this.#modules.keys()].join(', ')}`, 'a ModuleDict', name);
    return module as D[K];
  }

  set<K extends keyof D & string>(name: K, module: D[K]): this {
    this.#modules.set(checkKey(name, 'ModuleDict'), checkModule(module, `${name} of a ModuleDict`));
    return this;
  }

  /** Takes a module out. Tells whether it was there. */
  delete(name: keyof D & string): boolean {
    return this.#modules.delete(name);
  }

  keys(): IterableIterator<keyof D & string> {
    return this.#modules.keys();
  }

  values(): IterableIterator<D[keyof D & string]> {
    return this.#modules.values();
  }

  entries(): IterableIterator<[name: keyof D & string, module: D[keyof D & string]]> {
    return this.#modules.entries();
  }

  override *members(): IterableIterator<[key: string, module: Module]> {
    yield* this.#modules;
  }

  [Symbol.iterator](): IterableIterator<[name: keyof D & string, module: D[keyof D & string]]> {
    return this.entries();
  }

  /** @throws always: the dictionary does not say what its modules do */
  override forward(..._inputs: never[]): never {
    throw noForward('ModuleDict');
  }
}
