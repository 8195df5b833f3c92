/**
 * Listens for Ctrl-C (SIGINT) and for SIGTERM: the first asks to stop at the next good moment, the second ends the process.
 *
 * ```ts
 * using interrupts = listenForInterrupts();
 * for (const batch of loader) {
 *   ...
 *   if (interrupts.requested) break;
 * }
 * ```
 *
 * Signals are delivered between turns of the event loop: a loop that never awaits gets none.
 */
export function listenForInterrupts(output: { write(text: string): unknown } = process.stderr): Interrupts {
  return new Interrupts(output);
}

const SIGNALS = { SIGINT: 2, SIGTERM: 15 } as const;

/** @see listenForInterrupts */
export class Interrupts {
  #requested: keyof typeof SIGNALS | null = null;
  readonly #output: { write(text: string): unknown };
  readonly #listener: (signal: NodeJS.Signals) => void;

  /** @internal Use `listenForInterrupts`. */
  constructor(output: { write(text: string): unknown }) {
    this.#output = output;
    this.#listener = (signal) => {
      const name = signal as keyof typeof SIGNALS;
      if (this.#requested !== null) process.exit(128 + SIGNALS[name]);
      this.#requested = name;
      this.#output.write(`\n${name === 'SIGINT' ? 'Ctrl-C' : name}: stopping after this step; once more stops at once\n`);
    };
    for (const name of Object.keys(SIGNALS)) process.on(name, this.#listener);
  }

  /** Whether a signal came. */
  get requested(): boolean {
    return this.#requested !== null;
  }

  /** Gives the signals back. */
  close(): void {
    for (const name of Object.keys(SIGNALS)) process.off(name, this.#listener);
  }

  [Symbol.dispose](): void {
    this.close();
  }
}
