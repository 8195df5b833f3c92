/**
 * npm run bench [-- NAME ...] [--rounds N] [--threads N] [--quick] [--json FILE] [--plot FILE]
 *
 * The same work in C++, TypeScript and Python, asked for in turn; prints ratios with their spread, never bare times.
 */

import { mkdirSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { Command } from 'commander';
import { checkAgreement } from './agreement';
import { measureDuration, measureImport, measureScaling, type Rounds } from './interleaved';
import { type Language, prepareLanguages, type Toolbox } from './languages';
import { checkLosses, LOSS_MEASURES, withLibraries } from './losses';
import { EVALUATION_MEASURES, HEAD_MEASURES, languagesOf, MEASURES, type Measure, SCALING_MEASURES, type Scaling } from './measures';
import { measureGrowth, measurePeak } from './memory';
import { growthPlot } from './plot';
import { machine, type Result, resultsOf, table } from './report';
import { scalingPlot, scalingResults } from './scaling';

const RESULTS = path.join(__dirname, '..', 'build', 'bench');

interface Options {
  readonly rounds: string;
  readonly threads?: string;
  readonly quick: boolean;
  readonly json: string;
  readonly plot: string | boolean;
}

async function main(names: readonly string[], options: Options): Promise<void> {
  const rounds = options.quick ? 15 : positive('--rounds', options.rounds);
  const threads = options.threads === undefined ? undefined : positive('--threads', options.threads);
  const named = measuresOf(names);

  progress('building the C++ and TypeScript sides');
  const tools = prepareLanguages();
  const chosen = withLibraries(named, tools);
  progress('comparing what the languages compute');
  checkAgreement(tools);
  checkLosses(
    tools,
    chosen.map(({ name }) => name),
  );
  const results: Result[] = [];
  const values: Record<string, Rounds> = {};
  for (const measure of chosen) {
    progress(measure.title);
    if (measure.kind === 'scaling') {
      const scaled = await measureScaling(threads === undefined ? measure : { ...measure, threads }, tools, rounds);
      results.push(...scalingResults(measure, scaled));
      for (const [key, one] of scaled) values[`${measure.name} ${key}`] = Object.fromEntries([[key.split(' ')[0], one]]) as Rounds;
      write(path.join(RESULTS, `${measure.name}.svg`), scalingPlot(measure, scaled));
      continue;
    }
    const measured = await take(adapted(measure, options.quick, threads), tools, rounds);
    values[measure.name] = measured;
    results.push(...resultsOf(measure, measured));
  }
  progress('');
  console.log(table(results));

  write(
    options.json,
    `${JSON.stringify({ date: new Date().toISOString(), machine: machine(), versions: tools.versions, results, values }, null, 1)}\n`,
  );
  if (options.plot !== false) {
    const file = options.plot === true ? path.join(RESULTS, 'add-over-size.svg') : (options.plot as string);
    progress('the cost of an addition as tensors grow');
    write(file, await growthPlot(tools, options.quick ? 5 : 30));
    progress('');
  }
}

/** What stands for many measures. */
const GROUPS: Readonly<Record<string, readonly Measure[]>> = {
  losses: LOSS_MEASURES,
  evaluation: EVALUATION_MEASURES,
  heads: HEAD_MEASURES,
};

/** The measures by name, or by the name of a group. Without names all but the groups, which are many, and what takes gigabytes. */
function measuresOf(names: readonly string[]): (Measure | Scaling)[] {
  if (names.length === 0) return [...MEASURES];
  const all = [...MEASURES, ...SCALING_MEASURES, ...Object.values(GROUPS).flat()];
  const known = [...Object.keys(GROUPS), ...all.map(({ name }) => name)];
  const unknown = names.find((name) => !known.includes(name));
  if (unknown !== undefined) throw new Error(`Expected one of ${known.join(', ')} but received ${unknown}`);
  const grouped = new Set(names.flatMap((name) => GROUPS[name] ?? []));
  return all.filter((measure) => names.includes(measure.name) || grouped.has(measure as Measure));
}

function take(measure: Measure, tools: Toolbox, rounds: number): Promise<Rounds> {
  const languages: Language[] = languagesOf(measure);
  switch (measure.kind) {
    case 'duration':
      return measureDuration(measure, languages, tools, rounds);
    case 'import':
      return measureImport(measure, languages, tools, Math.min(rounds, 15));
    case 'peak':
      return measurePeak(measure, languages, tools, rounds < 20 ? 1 : 3);
    case 'growth':
      return measureGrowth(measure, languages, tools);
  }
}

/** The measure with other threads, and with a tenth of the iterations where those are what takes long. */
function adapted(measure: Measure, quick: boolean, threads: number | undefined): Measure {
  const withThreads = threads !== undefined && measure.kind === 'duration' && measure.threads > 1 ? { ...measure, threads } : measure;
  return quick && withThreads.kind === 'growth' ? { ...withThreads, iterations: withThreads.iterations / 10 } : withThreads;
}

function positive(option: string, text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new Error(`Expected a positive integer for ${option} but received ${text}`);
  return value;
}

function write(file: string, text: string): void {
  mkdirSync(path.dirname(path.resolve(file)), { recursive: true });
  writeFileSync(file, text);
  console.log(`written: ${path.relative(process.cwd(), file)}`);
}

/** What is being done: on the last line of a terminal, else a line each. */
function progress(what: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${what}`);
  else if (what !== '') process.stderr.write(`${what}\n`);
}

new Command('npm run bench --')
  .description('The same work in C++, TypeScript and Python, asked for in turn; prints ratios with their spread.')
  .argument(
    '[names...]',
    `which measures: ${MEASURES.map(({ name }) => name).join(', ')}, ${SCALING_MEASURES.map(({ name }) => name).join(', ')} (several GiB), losses (each paper's, forward and backward), evaluation (of embeddings), heads (over a million classes); all but these when none is named`,
  )
  .option('--rounds <n>', 'rounds of each measure', '100')
  .option('--threads <n>', `threads of the networks, in all languages (default: ${availableParallelism()}, one for each core)`)
  .option('--quick', 'fewer rounds and steps: a look, not a result', false)
  .option('--json <file>', 'where every round goes', path.join(RESULTS, 'latest.json'))
  .option('--plot [file]', 'also plot the cost of an addition as tensors grow, as SVG', false)
  .action(main)
  .parseAsync()
  .catch((error: Error) => {
    console.error(error.message);
    process.exitCode = 1;
  });
