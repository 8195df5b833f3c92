import type { Tensor } from '../tensor/tensor';

/** The state of each parameter, and how often entries came and went: lists that were made of them are good until the next change. */
export class StateMap<State> extends Map<Tensor, State> {
  version = 0;

  override set(param: Tensor, state: State): this {
    this.version++;
    return super.set(param, state);
  }

  override delete(param: Tensor): boolean {
    this.version++;
    return super.delete(param);
  }

  override clear(): void {
    this.version++;
    super.clear();
  }
}
