/** Asks the languages in turn, for many rounds, so that whatever else the machine does meets all of them alike. */

import { spawn } from 'node:child_process';
import type { Language, Toolbox } from './languages';
import type { Duration, ImportTime, Scaling } from './measures';
import { type Command, environment, Worker } from './worker';

/** Per language one value for each round. */
export type Rounds = Partial<Record<Language, number[]>>;

/** Short enough that a disturbance seldom hits two languages unevenly, long enough for the clock. */
const BATCH_MILLISECONDS = 25;
const WARM_UP_MILLISECONDS = 500;
/** On a machine that is busy with other things a measure ends early, but not before so many rounds. */
const ENOUGH_MILLISECONDS = 60_000;
const FEWEST_ROUNDS = 10;

/** Nanoseconds per iteration. */
export async function measureDuration(measure: Duration, languages: readonly Language[], tools: Toolbox, rounds: number): Promise<Rounds> {
  const workers = new Map<Language, Worker>();
  try {
    for (const language of languages) {
      const command = tools.command.get(language);
      if (command === undefined) continue;
      workers.set(language, await Worker.start(command(measure.workload, measure.threads, measure.size), measure.threads));
    }
    let slowest = 0;
    for (const worker of workers.values()) slowest = Math.max(slowest, await warmUp(worker));
    const iterations = Math.max(1, Math.round((BATCH_MILLISECONDS * 1e6) / slowest));
    const run = (language: Language): Promise<number> => (workers.get(language) as Worker).run(iterations);
    return Object.fromEntries(await inTurn([...workers.keys()], rounds, run, measure.fewestRounds));
  } finally {
    for (const worker of workers.values()) await worker.stop();
  }
}

/** Nanoseconds per iteration at each size, `typescript 1000`: every worker is asked for as many iterations as take it a while. */
export async function measureScaling(measure: Scaling, tools: Toolbox, rounds: number): Promise<Map<string, number[]>> {
  const workers = new Map<string, { worker: Worker; iterations: number }>();
  try {
    for (const language of ['typescript', 'cpp'] as const) {
      const command = tools.command.get(language) as NonNullable<ReturnType<Toolbox['command']['get']>>;
      for (const size of measure.sizes) {
        const worker = await Worker.start(command(measure.workload, measure.threads, size), measure.threads);
        const iterations = Math.max(1, Math.round((BATCH_MILLISECONDS * 1e6) / (await warmUp(worker))));
        workers.set(`${language} ${size}`, { worker, iterations });
      }
    }
    return await inTurn([...workers.keys()], rounds, (key) => {
      const { worker, iterations } = workers.get(key) as { worker: Worker; iterations: number };
      return worker.run(iterations);
    });
  } finally {
    for (const { worker } of workers.values()) await worker.stop();
  }
}

/** Runs until caches are full and the code is compiled; nanoseconds per iteration at the end. */
async function warmUp(worker: Worker): Promise<number> {
  const start = performance.now();
  let iterations = 1;
  let nanoseconds = Number.POSITIVE_INFINITY;
  while (performance.now() - start < WARM_UP_MILLISECONDS) {
    nanoseconds = await worker.run(iterations);
    iterations = Math.max(1, Math.min(iterations * 4, Math.round((BATCH_MILLISECONDS * 1e6) / nanoseconds)));
  }
  return nanoseconds;
}

/** Nanoseconds of the whole process. */
export async function measureImport(_measure: ImportTime, languages: readonly Language[], tools: Toolbox, rounds: number): Promise<Rounds> {
  const present = languages.filter((language) => tools.importing.has(language));
  const run = (language: Language): Promise<number> => lifetime(tools.importing.get(language) as Command);
  for (const language of present) await run(language); // files come from the page cache from here on
  return Object.fromEntries(await inTurn(present, rounds, run));
}

function lifetime(command: Command): Promise<number> {
  return new Promise((resolve, reject) => {
    const start = process.hrtime.bigint();
    const child = spawn(command.program, command.args, { stdio: ['ignore', 'ignore', 'inherit'], env: environment(1) });
    child.once('error', reject);
    child.once('exit', (code) => {
      if (code === 0) resolve(Number(process.hrtime.bigint() - start));
      else reject(new Error(`${command.program} ${command.args.join(' ')} ended with ${code}`));
    });
  });
}

/** With another one first and another step through the list each round, so that none always follows the same one. */
async function inTurn<K>(
  all: readonly K[],
  rounds: number,
  run: (one: K) => Promise<number>,
  fewest = FEWEST_ROUNDS,
): Promise<Map<K, number[]>> {
  const values = new Map<K, number[]>(all.map((one) => [one, []]));
  const steps = all.map((_, step) => step).filter((step) => meetsAll(step, all.length));
  const start = performance.now();
  for (let round = 0; round < rounds; round++) {
    if (round >= fewest && performance.now() - start > ENOUGH_MILLISECONDS) break;
    const step = steps[round % steps.length] as number;
    for (let k = 0; k < all.length; k++) {
      const one = all[(round + k * step) % all.length] as K;
      values.get(one)?.push(await run(one));
    }
  }
  return values;
}

/** Whether going on by `step` around a circle of `count` comes to every place. */
function meetsAll(step: number, count: number): boolean {
  return count === 1 || new Set(Array.from({ length: count }, (_, k) => (k * step) % count)).size === count;
}
