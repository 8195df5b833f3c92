/** Groups the samples of a dataset without positions. */
export class IterationBatches {
  readonly #iterator: Iterator<unknown>;
  readonly #size: number;
  readonly #dropLast: boolean;
  #done = false;

  constructor(dataset: Iterable<unknown>, size: number, dropLast: boolean) {
    this.#iterator = dataset[Symbol.iterator]();
    this.#size = size;
    this.#dropLast = dropLast;
  }

  /** The next samples; undefined when none are left, or too few for `dropLast`. */
  next(): unknown[] | undefined {
    const samples: unknown[] = [];
    while (!this.#done && samples.length < this.#size) {
      const next = this.#iterator.next();
      if (next.done === true) this.#done = true;
      else samples.push(next.value);
    }
    return samples.length < (this.#dropLast ? this.#size : 1) ? undefined : samples;
  }

  close(): void {
    if (!this.#done) this.#iterator.return?.();
    this.#done = true;
  }
}
