/** One JavaScript name and the overloads it stands for. */

import { Overload } from './overload';
import type { Remembered } from './remembered';

export class Operation {
  readonly name: string;
  readonly method: boolean;
  readonly #table: string;
  #overloads: { overload: Overload; needsOut: boolean }[] | null = null;
  // The call seen last, then all others.
  key = -1;
  id = 0;
  readonly seen = new Map<number, number>();
  /** The calls with options, lists or strings that were seen, the latest last; and the one that came last. */
  readonly remembered: Remembered[] = [];
  last: Remembered | null = null;

  constructor(name: string, table: string, method: boolean) {
    this.name = name;
    this.#table = table;
    this.method = method;
  }

  get overloads(): { overload: Overload; needsOut: boolean }[] {
    if (this.#overloads === null) {
      this.#overloads = [];
      for (const entry of this.#table.split(' ')) {
        const needsOut = entry.startsWith('>');
        const [name, overload = ''] = (needsOut ? entry.slice(1) : entry).split('.') as [string, string?];
        const found = Overload.find(`aten::${name}`, overload);
        if (found !== null) this.#overloads.push({ overload: found, needsOut }); // an older libtorch may lack some
      }
    }
    return this.#overloads;
  }
}
