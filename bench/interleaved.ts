/** Asks the languages in turn, for many rounds, so that whatever else the machine does meets all of them alike. */

import { spawn } from 'node:child_process';
import type { Language, Toolbox } from './languages';
import type { Duration, ImportTime } from './measures';
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
    return await inTurn([...workers.keys()], rounds, run, measure.fewestRounds);
  } finally {
    for (const worker of workers.values()) await worker.stop();
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
  return inTurn(present, rounds, run);
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

/** With another language first and another step through the list each round, so that none always follows the same one. */
async function inTurn(
  languages: readonly Language[],
  rounds: number,
  run: (language: Language) => Promise<number>,
  fewest = FEWEST_ROUNDS,
): Promise<Rounds> {
  const values: Rounds = {};
  for (const language of languages) values[language] = [];
  const steps = languages.map((_, step) => step).filter((step) => meetsAll(step, languages.length));
  const start = performance.now();
  for (let round = 0; round < rounds; round++) {
    if (round >= fewest && performance.now() - start > ENOUGH_MILLISECONDS) break;
    const step = steps[round % steps.length] as number;
    for (let k = 0; k < languages.length; k++) {
      const language = languages[(round + k * step) % languages.length] as Language;
      values[language]?.push(await run(language));
    }
  }
  return values;
}

/** Whether going on by `step` around a circle of `count` comes to every place. */
function meetsAll(step: number, count: number): boolean {
  return count === 1 || new Set(Array.from({ length: count }, (_, k) => (k * step) % count)).size === count;
}
