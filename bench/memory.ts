/** Resident memory of processes that run a workload. Read from /proc, so on Linux only. */

import type { Rounds } from './interleaved';
import type { Language, Toolbox } from './languages';
import type { MemoryGrowth, PeakMemory } from './measures';
import { Worker } from './worker';

async function withWorker<R>(
  measure: PeakMemory | MemoryGrowth,
  language: Language,
  tools: Toolbox,
  use: (worker: Worker) => Promise<R>,
): Promise<R | null> {
  const command = tools.command.get(language);
  if (command === undefined) return null;
  const worker = await Worker.start(command(measure.workload, measure.threads, measure.size), measure.threads);
  try {
    return await use(worker);
  } finally {
    await worker.stop();
  }
}

/** The highest resident memory in MiB, of a new process in each round. */
export async function measurePeak(measure: PeakMemory, languages: readonly Language[], tools: Toolbox, rounds: number): Promise<Rounds> {
  const values = new Map<Language, number[]>(languages.filter((language) => tools.command.has(language)).map((language) => [language, []]));
  for (let round = 0; round < rounds; round++) {
    for (const [language, peaks] of values) {
      const peak = await withWorker(measure, language, tools, async (worker) => {
        await worker.run(measure.iterations);
        return worker.memory().peak;
      });
      if (peak !== null) peaks.push(peak);
    }
  }
  return Object.fromEntries(values);
}

/** MiB above the settled memory, at each of fifty looks. */
export async function measureGrowth(measure: MemoryGrowth, languages: readonly Language[], tools: Toolbox): Promise<Rounds> {
  const values: Rounds = {};
  for (const language of languages) {
    const growth = await withWorker(measure, language, tools, async (worker) => {
      await worker.run(measure.settled);
      const settled = worker.memory().resident;
      const seen: number[] = [];
      const step = Math.max(1, Math.floor((measure.iterations - measure.settled) / 50));
      for (let done = measure.settled; done < measure.iterations; done += step) {
        await worker.run(Math.min(step, measure.iterations - done));
        seen.push(worker.memory().resident - settled);
      }
      return seen;
    });
    if (growth !== null) values[language] = growth;
  }
  return values;
}
