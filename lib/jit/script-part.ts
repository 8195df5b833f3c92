import { Module } from '../nn/module';
import type { Tensor } from '../tensor/tensor';

/** A module within a script: it holds tensors and parts, and is run by the script alone. */
export class ScriptPart extends Module {
  readonly #content = new Map<string, Tensor | ScriptPart>();

  /** Puts a tensor at the end of a path of names, making the parts on the way. */
  put([name = '', ...rest]: readonly string[], tensor: Tensor): void {
    if (rest.length === 0) {
      this.#content.set(name, tensor);
      return;
    }
    let part = this.#content.get(name);
    if (!(part instanceof ScriptPart)) {
      part = new ScriptPart();
      this.#content.set(name, part);
    }
    part.put(rest, tensor);
  }

  override forward(): never {
    throw new Error('Expected a whole model of jit.load to be called but this is a part of one');
  }

  override members(): IterableIterator<[key: string, member: Tensor | Module]> {
    return this.#content.entries();
  }
}
