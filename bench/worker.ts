/** A process that stays alive and runs a workload when asked, by lines on its standard input and output. */

import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createInterface, type Interface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';

export interface Command {
  readonly program: string;
  readonly args: readonly string[];
}

/** The environment of every process that is measured: the same allocator and threads for all languages. */
export function environment(threads: number): NodeJS.ProcessEnv {
  const env: NodeJS.ProcessEnv = { ...process.env, OMP_NUM_THREADS: String(threads) };
  for (const name of Object.keys(env)) if (/^(MALLOC_|LD_PRELOAD$|NODE_OPTIONS$|PYTHON(PATH|HOME)$)/.test(name)) delete env[name];
  return env;
}

export class Worker {
  readonly #process: ChildProcessByStdio<Writable, Readable, null>;
  readonly #lines: Interface;
  readonly #command: Command;

  private constructor(command: Command, threads: number) {
    this.#command = command;
    this.#process = spawn(command.program, command.args, { stdio: ['pipe', 'pipe', 'inherit'], env: environment(threads) });
    this.#lines = createInterface({ input: this.#process.stdout });
  }

  /** Resolves when the worker is ready to run. */
  static async start(command: Command, threads: number): Promise<Worker> {
    const worker = new Worker(command, threads);
    await worker.#line((line) => line === 'ready');
    return worker;
  }

  /** Runs so many iterations; nanoseconds per iteration. */
  async run(iterations: number): Promise<number> {
    this.#process.stdin.write(`${iterations}\n`);
    return Number(await this.#line((line) => Number(line) > 0));
  }

  /** Resident memory now and at its highest, in MiB. */
  memory(): { resident: number; peak: number } {
    const status = readFileSync(`/proc/${this.#process.pid}/status`, 'utf8');
    const kilobytes = (name: string): number => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)?.[1]);
    return { resident: kilobytes('VmRSS') / 1024, peak: kilobytes('VmHWM') / 1024 };
  }

  async stop(): Promise<void> {
    const gone = new Promise((resolve) => this.#process.once('close', resolve));
    this.#process.stdin.end();
    await gone;
  }

  /** The next line, which must be what was agreed. */
  #line(fits: (line: string) => boolean): Promise<string> {
    return new Promise((resolve, reject) => {
      const name = [this.#command.program, ...this.#command.args].join(' ');
      const ended = (code: number | null): void => reject(new Error(`${name} ended with ${code} instead of answering`));
      this.#process.once('close', ended);
      this.#process.once('error', reject);
      this.#lines.once('line', (line) => {
        this.#process.off('close', ended);
        this.#process.off('error', reject);
        if (fits(line)) resolve(line);
        else reject(new Error(`${name} answered ${JSON.stringify(line)}`));
      });
    });
  }
}
