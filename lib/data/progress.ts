import { Presets, SingleBar } from 'cli-progress';
import { checkedOptions } from '../tensor/checked';
import { expected } from '../tensor/expected';

export interface ProgressOptions {
  /** What is being done, at the start of the line. */
  label?: string;
  /** Number of steps. Default: the iterable's `length`; without one the steps are counted only. */
  total?: number;
  /** Steps that were done before, as when a training goes on. Default 0. */
  initial?: number;
  /** Where the bar is drawn: on a terminal as a bar, else as a plain line now and then. Default `process.stderr`. */
  output?: NodeJS.WriteStream;
}

/** What stands behind the bar. */
export type ProgressStatus = Readonly<Record<string, number | string>>;

const PLAIN_LINE_MS = 5000;

/**
 * The same values, with a progress bar that shows rate, remaining time and what `status` was told.
 *
 * ```ts
 * const bar = progress(loader, { label: 'epoch 1' });
 * for (const [x, y] of bar) {
 *   ...
 *   bar.status({ loss: loss.item() });
 * }
 * ```
 *
 * `for await` works too, and over asynchronous values it is the only way.
 */
export function progress<T>(values: Steps<T>, options?: ProgressOptions): Progress<T> {
  return new Progress(values, checkedOptions(options, 'progress'));
}

/** Steps with a bar where an option asks for one: `true`, or options of its own in place of the label. */
export function shownSteps<T>(steps: readonly T[], asked: boolean | ProgressOptions, label: string): Iterable<T> {
  return asked === false ? steps : progress(steps, asked === true ? { label } : asked);
}

/** What a bar can follow. */
export type Steps<T> = (Iterable<T> | AsyncIterable<T>) & { readonly length?: number };

/** @see progress */
export class Progress<T> implements Iterable<T>, AsyncIterable<T> {
  readonly #values: Steps<T>;
  /** Null when it is not known. */
  readonly #total: number | null;
  readonly #initial: number;
  readonly #label: string;
  readonly #output: NodeJS.WriteStream;
  #status = '';

  constructor(values: Steps<T>, { label = '', total, initial = 0, output = process.stderr }: ProgressOptions) {
    this.#values = values;
    this.#total = total ?? (Number.isFinite(values.length) ? (values.length as number) : null);
    this.#initial = initial;
    this.#label = label;
    this.#output = output;
  }

  /** Shows values behind the bar; numbers with four significant digits. */
  status(values: ProgressStatus): void {
    this.#status = Object.entries(values)
      .map(([name, value]) => `${name} ${typeof value === 'number' ? Number(value.toPrecision(4)) : value}`)
      .join('  ');
  }

  *[Symbol.iterator](): Generator<T, void, undefined> {
    if (!(Symbol.iterator in this.#values))
      throw expected('values that can be had without waiting (use for await)', 'progress', this.#values);
    const display = this.#begin();
    let done = this.#initial;
    try {
      for (const value of this.#values) {
        yield value;
        display.at(++done);
      }
    } finally {
      display.end(done);
    }
  }

  /**
   * By hand and not as a generator: the source's `next` must run in the caller's own asynchronous context, which is where a
   * loader opens the scope of a step.
   */
  [Symbol.asyncIterator](): AsyncIterableIterator<T> {
    const source = Symbol.asyncIterator in this.#values ? this.#values[Symbol.asyncIterator]() : this.#values[Symbol.iterator]();
    const display = this.#begin();
    let done = this.#initial - 1;
    const ended = <R>(result: R): R => {
      display.end(done);
      return result;
    };
    const failed = (problem: unknown): never => {
      throw ended(problem);
    };
    const iterator: AsyncIterableIterator<T> = {
      next: () => {
        if (++done > this.#initial) display.at(done);
        const next = asPromise(() => source.next());
        return next.then((result) => (result.done === true ? ended(result) : result), failed);
      },
      return: () => {
        const finish = asPromise(() => source.return?.() ?? { done: true as const, value: undefined });
        return finish.then(ended, failed) as Promise<IteratorResult<T>>;
      },
      [Symbol.asyncIterator]: () => iterator,
    };
    return iterator;
  }

  #begin(): Display {
    const display = this.#output.isTTY ? this.#bar() : this.#lines();
    display.at(this.#initial);
    return display;
  }

  #bar(): Display {
    const bar = new SingleBar(
      {
        stream: this.#output,
        format: `${this.#label === '' ? '' : '{label} '}${this.#total === null ? '{value} {rate}/s' : '[{bar}] {value}/{total} {rate}/s {eta_formatted}'} {status}`,
        barsize: 24,
        // The loop is synchronous, so that no timer fires in it: the bar is drawn when a step ends.
        synchronousUpdate: true,
        // A handler for Ctrl-C could not run in a synchronous loop either, but would keep the process from ending.
        gracefulExit: false,
      },
      Presets.legacy,
    );
    const since = performance.now();
    const payload = (done: number): object => ({ label: this.#label, status: this.#status, rate: rate(done - this.#initial, since) });
    bar.start(this.#total ?? 0, this.#initial, payload(this.#initial));
    return {
      at: (done) => bar.update(done, payload(done)),
      end: (done) => {
        bar.update(done, payload(done));
        bar.stop();
      },
    };
  }

  #lines(): Display {
    const since = performance.now();
    let last = since;
    const write = (done: number): void => {
      const count = this.#total === null ? `${done}` : `${done}/${this.#total}`;
      const parts = [this.#label, count, `${rate(done - this.#initial, since)}/s`, this.#status];
      this.#output.write(`${parts.filter((part) => part !== '').join(' ')}\n`);
    };
    return {
      at: (done) => {
        if (performance.now() - last < PLAIN_LINE_MS) return;
        last = performance.now();
        write(done);
      },
      end: write,
    };
  }
}

interface Display {
  at(done: number): void;
  end(done: number): void;
}

/** Steps per second, three digits. */
function rate(done: number, since: number): number {
  return Number((done / Math.max((performance.now() - since) / 1000, 1e-3)).toPrecision(3));
}

/** Calls at once; a throw becomes a rejection. */
function asPromise<T>(call: () => T | PromiseLike<T>): Promise<T> {
  try {
    return Promise.resolve(call());
  } catch (problem) {
    return Promise.reject(problem);
  }
}
