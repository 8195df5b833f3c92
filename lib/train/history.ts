import { expected } from '../tensor/expected';

/** Values at one moment of a training. */
export interface HistoryEntry {
  /** Number of steps done. */
  readonly step: number;
  /** Passes over the data; within one as a fraction where the loader has a length, else only those that are complete. */
  readonly epoch: number;
  /** By name, such as `'loss'` and `'validation.accuracy'`. */
  readonly values: Readonly<Record<string, number>>;
}

/** What was measured in the course of a training. */
export class History {
  readonly #entries: HistoryEntry[];

  constructor(entries: readonly HistoryEntry[] = []) {
    this.#entries = [...entries];
  }

  get entries(): readonly HistoryEntry[] {
    return this.#entries;
  }

  add(entry: HistoryEntry): void {
    if (!(entry.step >= (this.#entries.at(-1)?.step ?? 0))) throw expected('steps that do not go back', 'History', entry.step);
    this.#entries.push(entry);
  }

  /** Takes the entries of another history instead of its own. */
  replace(entries: readonly HistoryEntry[]): void {
    this.#entries.splice(0, this.#entries.length, ...entries);
  }

  /** The names of all that was measured, in the order of their first appearance. */
  get names(): string[] {
    return [...new Set(this.#entries.flatMap(({ values }) => Object.keys(values)))];
  }

  /** One value over the steps: points [step, value]. */
  series(name: string): [step: number, value: number][] {
    return this.#entries.flatMap(({ step, values }) => {
      const value = values[name];
      return value === undefined ? [] : [[step, value] as [number, number]];
    });
  }

  /** The last value of a name, undefined when it was never measured. */
  last(name: string): number | undefined {
    return this.series(name).at(-1)?.[1];
  }

  toJSON(): readonly HistoryEntry[] {
    return this.#entries;
  }
}
