import { Presets, SingleBar } from 'cli-progress';

export interface ProgressOptions {
  /** What is being done, at the start of the line. */
  label?: string;
  /** Number of steps. Default: the iterable's `length`. */
  total?: number;
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
 */
export function progress<T>(values: Iterable<T> & { readonly length?: number }, options: ProgressOptions = {}): Progress<T> {
  return new Progress(values, options);
}

/** @see progress */
export class Progress<T> implements Iterable<T> {
  readonly #values: Iterable<T>;
  readonly #total: number;
  readonly #label: string;
  readonly #output: NodeJS.WriteStream;
  #status = '';

  constructor(
    values: Iterable<T> & { readonly length?: number },
    { label = '', total = Number.isFinite(values.length) ? values.length : 0, output = process.stderr }: ProgressOptions,
  ) {
    this.#values = values;
    this.#total = total ?? 0;
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
    const draw = this.#output.isTTY ? this.#bar() : this.#lines();
    let done = 0;
    draw.at(done);
    try {
      for (const value of this.#values) {
        yield value;
        draw.at(++done);
      }
    } finally {
      draw.end(done);
    }
  }

  #bar(): Display {
    const bar = new SingleBar(
      {
        stream: this.#output,
        format: `${this.#label === '' ? '' : '{label} '}[{bar}] {value}/{total} {rate}/s {eta_formatted} {status}`,
        barsize: 24,
        // The loop is synchronous, so that no timer fires in it: the bar is drawn when a step ends.
        synchronousUpdate: true,
        // A handler for Ctrl-C could not run in a synchronous loop either, but would keep the process from ending.
        gracefulExit: false,
      },
      Presets.legacy,
    );
    const since = performance.now();
    const payload = (done: number): object => ({ label: this.#label, status: this.#status, rate: rate(done, since) });
    bar.start(this.#total, 0, payload(0));
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
      const parts = [this.#label, `${done}/${this.#total}`, `${rate(done, since)}/s`, this.#status];
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
