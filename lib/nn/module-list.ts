import { expected } from '../tensor/expected';
import { checkModule, noForward, position, runsOf } from './containers';
import { Module } from './module';

/**
 * Modules in a list, named by position in state dicts: `blocks.0.weight`. Unlike `Sequential` it does not say in which order they
 * are called, so it has no output of its own.
 *
 * A field that holds a plain array of modules has the same state dict keys; this is for lists that grow, and is a module itself.
 */
export class ModuleList<M extends Module = Module> extends Module implements Iterable<M> {
  readonly #modules: M[] = [];

  constructor(modules: Iterable<M> = []) {
    super();
    this.extend(modules);
  }

  get length(): number {
    return this.#modules.length;
  }

  /** The module at a position; negative ones count from the end. @throws when there is none */
  at(index: number): M {
    return this.#modules[position(index, this.length, 'ModuleList')] as M;
  }

  /** Puts another module at a position. */
  set(index: number, module: M): this {
    this.#modules[position(index, this.length, 'ModuleList')] = checkModule(module, `position ${index} of a ModuleList`);
    return this;
  }

  append(module: M): this {
    this.#modules.push(checkModule(module, `position ${this.length} of a ModuleList`));
    return this;
  }

  extend(modules: Iterable<M>): this {
    if (typeof modules?.[Symbol.iterator] !== 'function') throw expected('an array of modules', 'ModuleList', modules);
    for (const module of modules) this.append(module);
    return this;
  }

  /** Puts a module before the one at a position; at `length`, behind all. */
  insert(index: number, module: M): this {
    this.#modules.splice(position(index, this.length + 1, 'ModuleList'), 0, checkModule(module, `position ${index} of a ModuleList`));
    return this;
  }

  override *members(): IterableIterator<[key: string, module: M]> {
    for (const [index, module] of this.#modules.entries()) yield [`${index}`, module];
  }

  [Symbol.iterator](): IterableIterator<M> {
    return this.#modules.values();
  }

  /** @throws always: the list does not say what its modules do */
  override forward(..._inputs: never[]): never {
    throw noForward('ModuleList');
  }

  protected override childrenRepr(): string[] {
    return runsOf(this.#modules);
  }
}
