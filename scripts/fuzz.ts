/**
 * Calls random operators with random good and bad arguments, in child processes, and reports what should not happen:
 * crashes, hangs, leaks, and errors that are the JavaScript engine's and not ours.
 *
 *     npm run fuzz -- --calls 200000 --seed 1 --jobs 2 --op 'ops.aten::add'
 *     npm run fuzz -- --each 300                       so many calls of every operator, in turn
 *     npm run fuzz -- --guard-pages                    slower; ends at the first byte behind a tensor (Linux, needs cc)
 *     npm run fuzz -- --seed 1 --at 4711 --explain     the arguments of one call; without --explain, the call alone
 */

import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { Command } from 'commander';
import type { Order, Report } from './fuzz/child';
import { FINDINGS, type Outcome } from './fuzz/outcome';
import { allTargets } from './fuzz/targets';

const HANG_SECONDS = 10;
/** Calls that one child process makes: damage that a call does silently shows within its own process. */
const PER_CHILD = 2_500;
/** Data a child may allocate, in KiB: what asks for more is an error that it must survive. */
const DATA_LIMIT = 1536 << 10;
const CRASHES_TO_SKIP = 2;

interface Options {
  calls: string;
  each?: string;
  guardPages?: boolean;
  seed: string;
  jobs: string;
  op: string;
  at?: string;
  explain?: boolean;
  json?: string;
}

/** What decides the call at a position. */
type Choice = Pick<Order, 'seed' | 'pattern' | 'inTurn'>;

interface Crash {
  at: number;
  seed: number;
  kind: 'crash' | 'hang';
  how: string;
  stderr: string;
  call: string;
  /** Whether the call alone does it too; otherwise an earlier one did the damage. */
  alone: boolean;
}

interface End {
  /** The call during which the process ended; null when it did all. */
  lastCall: number | null;
  kind: 'crash' | 'hang' | null;
  how: string;
  stderr: string;
}

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'torchwright-fuzz-'));
const running = new Set<ChildProcess>();
let journals = 0;
/** What the environment of the children has in addition. */
let extraEnv: NodeJS.ProcessEnv = {};

/** Runs a child to its end, or until it hangs. */
function runChild(part: Choice & Partial<Order> & Pick<Order, 'from' | 'count'>, onReport: (report: Report) => void): Promise<End> {
  const journal = path.join(folder, `journal-${journals++}`);
  fs.writeFileSync(journal, new Int32Array([-1, 0]));
  const order: Order = { skip: [], explain: false, passes: 1, journal, ...part };
  const node = [process.execPath, ...process.execArgv, path.join(__dirname, 'fuzz', 'child.ts'), JSON.stringify(order)];
  // The limit counts memory that is written to, not the address space that the engine reserves.
  const child = spawn('sh', ['-c', `ulimit -c 0; ulimit -d ${DATA_LIMIT}; exec "$0" "$@"`, ...node], {
    cwd: folder,
    env: { ...process.env, OMP_NUM_THREADS: '1', TORCH_SHOW_CPP_STACKTRACES: '0', ...extraEnv },
    stdio: ['ignore', order.explain ? 'inherit' : 'ignore', 'pipe', 'ipc'],
  });
  running.add(child);
  let stderr = '';
  child.stderr?.on('data', (data: Buffer) => {
    stderr = (stderr + data.toString()).slice(-3000);
  });
  let done = false;
  child.on('message', (report: Report) => {
    done ||= report.done;
    onReport(report);
  });
  return new Promise((resolve) => {
    let last = -1;
    let since = Date.now();
    let hung = false;
    const watch = setInterval(() => {
      const now = readJournal(journal);
      if (now !== last) {
        last = now;
        since = Date.now();
      } else if (Date.now() - since > (last < 0 ? 6 : 1) * HANG_SECONDS * 1000) {
        hung = true;
        child.kill('SIGKILL');
      }
    }, 250);
    child.on('close', (code, signal) => {
      clearInterval(watch);
      running.delete(child);
      const lastCall = readJournal(journal);
      fs.rmSync(journal, { force: true });
      const bad = hung || signal !== null || code !== 0;
      resolve({
        lastCall: bad && !done ? lastCall : null,
        kind: bad ? (hung ? 'hang' : 'crash') : null,
        how: `${hung ? `no progress for ${HANG_SECONDS} s` : (signal ?? `exit code ${code}`)}${done ? ', at exit' : ''}`,
        stderr,
      });
    });
  });
}

function readJournal(file: string): number {
  try {
    return fs.readFileSync(file).readInt32LE(0);
  } catch {
    return -1;
  }
}

/** The name and the arguments of a call, as text. */
function explain(choice: Choice, at: number): Promise<string> {
  const order: Order = { ...choice, from: at, count: 1, skip: [], explain: true, passes: 1, journal: '' };
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [...process.execArgv, path.join(__dirname, 'fuzz', 'child.ts'), JSON.stringify(order)], {
      cwd: folder,
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    let text = '';
    child.stdout.on('data', (data: Buffer) => {
      text += data.toString();
    });
    child.on('close', () => resolve(text.trim() || 'unknown'));
  });
}

class Tally {
  readonly counts = new Map<Outcome, number>();
  readonly findings: Report['findings'] = [];
  readonly slow: Report['slow'] = [];
  readonly crashes: Crash[] = [];
  readonly leaks: string[] = [];
  readonly crashCounts = new Map<string, number>();
  calls = 0;

  /** @param calls which calls the child that reports was to make */
  add(report: Report, calls: string): void {
    for (const [outcome, count] of Object.entries(report.counts) as [Outcome, number][]) {
      this.counts.set(outcome, (this.counts.get(outcome) ?? 0) + count);
      this.calls += count;
    }
    this.findings.push(...report.findings);
    this.slow.push(...report.slow);
    for (const { tensors } of report.memory)
      if (tensors > 0) this.leaks.push(`${tensors} tensors live when everything of ${calls} was let go of`);
  }

  get skip(): string[] {
    return [...this.crashCounts].filter(([, count]) => count >= CRASHES_TO_SKIP).map(([name]) => name);
  }
}

/** One child's share of the calls, and the rest of it again after each crash. */
async function share(tally: Tally, choice: Choice, from: number, count: number): Promise<void> {
  let next = from;
  const end = from + count;
  while (next < end) {
    const result = await runChild({ ...choice, from: next, count: end - next, skip: tally.skip }, (report) =>
      tally.add(report, `calls ${next} to ${end - 1}`),
    );
    if (result.kind === null) return;
    const { lastCall, kind, how, stderr } = result;
    const at = lastCall ?? end - 1;
    const [call, again] = await Promise.all([explain(choice, at), runChild({ ...choice, from: at, count: 1 }, () => {})]);
    const crash: Crash = { at, seed: choice.seed, kind, how, stderr, call, alone: again.kind !== null };
    tally.crashes.push(crash);
    const name = call.split('\n')[0] as string;
    tally.crashCounts.set(name, (tally.crashCounts.get(name) ?? 0) + 1);
    console.log(
      `\n${kind} at --seed ${choice.seed}${choice.inTurn ? ' --each 1' : ''} --at ${at} (${how}${crash.alone ? '' : '; not when called alone'}):\n  ${call}\n${indent(stderr.slice(-600))}`,
    );
    if (lastCall === null || lastCall < 0) return;
    next = lastCall + 1;
  }
}

/** The same calls again and again: resident memory must not grow from pass to pass. */
async function leakCheck(tally: Tally, choice: Choice, from: number): Promise<string> {
  const memory: Report['memory'] = [];
  const result = await runChild({ ...choice, from, count: 1_500, skip: [...tally.crashCounts.keys()], passes: 5 }, (report) => {
    for (const finding of report.findings) finding.at = -1; // seen before
    memory.push(...report.memory);
  });
  if (result.kind !== null || memory.length < 5) return `leak check ended early: ${result.how}`;
  const mib = memory.map(({ rss }) => Math.round(rss / (1 << 20)));
  const growth = (mib[4] as number) - (mib[2] as number);
  if (growth > 40) tally.leaks.push(`RSS grew by ${growth} MiB while the same 1,500 calls were made two more times`);
  return `RSS after five passes over the same 1,500 calls: ${mib.join(', ')} MiB; live tensors: ${memory.map(({ tensors }) => tensors).join(', ')}`;
}

function indent(text: string): string {
  return text
    .split('\n')
    .map((line) => `    ${line}`)
    .join('\n');
}

function print(tally: Tally, seconds: number): void {
  console.log(`\n${tally.calls} calls in ${seconds.toFixed(0)} s`);
  for (const [outcome, count] of [...tally.counts].sort((a, b) => b[1] - a[1])) {
    console.log(
      `  ${outcome.padEnd(18)} ${String(count).padStart(8)}  ${((100 * count) / tally.calls).toFixed(2).padStart(6)} %${FINDINGS.has(outcome) ? '  <-' : ''}`,
    );
  }
  const of = (kind: string) => tally.crashes.filter((crash) => crash.kind === kind).length;
  console.log(`  ${'crashes'.padEnd(18)} ${String(of('crash')).padStart(8)}`);
  console.log(`  ${'hangs'.padEnd(18)} ${String(of('hang')).padStart(8)}`);
  for (const slow of tally.slow.slice(0, 10)) console.log(`  slow: ${slow.name} at ${slow.at}: ${slow.seconds.toFixed(1)} s`);
  for (const leak of new Set(tally.leaks)) console.log(`  leak: ${leak}`);
  const shown = new Set<string>();
  for (const finding of tally.findings) {
    const key = `${finding.outcome} ${finding.text.split('\n')[0]}`;
    if (shown.has(key) || shown.size >= 40) continue;
    shown.add(key);
    console.log(`\n${finding.outcome} at --at ${finding.at} ${finding.name}:\n${indent(finding.text)}`);
  }
}

/** Compiles the library that puts a forbidden page behind each tensor. */
function guardPages(): string {
  const library = path.join(folder, 'guard-pages.so');
  execFileSync('cc', ['-O2', '-shared', '-fPIC', '-o', library, path.join(__dirname, 'fuzz', 'guard-pages.c'), '-ldl'], {
    stdio: 'inherit',
  });
  return library;
}

function targets(pattern: string): number {
  return allTargets().filter(({ name }) => new RegExp(pattern).test(name)).length;
}

async function main(): Promise<void> {
  const program = new Command('fuzz')
    .description('Calls random operators with random arguments and reports crashes, hangs and leaks.')
    .option('--calls <count>', 'calls to make', '200000')
    .option('--each <count>', 'so many calls of each target in turn, instead of --calls of random ones')
    .option('--guard-pages', 'end a process at the first byte that it touches behind a tensor')
    .option('--seed <number>', 'seed of the first call', String(Date.now() % 1_000_000))
    .option('--jobs <count>', 'child processes at a time', String(Math.max(1, Math.min(4, os.availableParallelism()))))
    .option('--op <regex>', 'only targets whose name matches, such as ops.aten::add or Tensor.index', '')
    .option('--at <position>', 'only the call at this position')
    .option('--explain', 'with --at: print the call and do not make it')
    .option('--json <file>', 'also write the result here');
  const options = program.parse().opts<Options>();
  const seed = Number(options.seed);
  const jobs = Math.max(1, Number(options.jobs));
  const choice: Choice = { seed, pattern: options.op, inTurn: options.each !== undefined };
  if (options.at !== undefined && options.explain === true) {
    console.log(await explain(choice, Number(options.at)));
    return;
  }
  if (options.guardPages === true) extraEnv = { LD_PRELOAD: guardPages(), TORCHWRIGHT_CPU_MEMORY: '0' };
  console.log(`seed ${seed}, ${jobs} processes`);
  const tally = new Tally();
  const started = Date.now();
  const first = options.at === undefined ? 0 : Number(options.at);
  const calls =
    options.at !== undefined ? 1 : options.each === undefined ? Number(options.calls) : Number(options.each) * targets(options.op);
  let next = first;
  const worker = async (): Promise<void> => {
    while (next < first + calls) {
      const from = next;
      next = Math.min(first + calls, from + PER_CHILD);
      await share(tally, choice, from, next - from);
      if (process.stdout.isTTY) process.stdout.write(`\r${tally.calls} calls, ${tally.crashes.length} crashes and hangs `);
    }
  };
  await Promise.all(Array.from({ length: jobs }, worker));
  const leaks = options.at === undefined ? await leakCheck(tally, choice, first) : '';
  print(tally, (Date.now() - started) / 1000);
  if (leaks !== '') console.log(leaks);
  console.log(`seed ${seed}`);
  if (options.json !== undefined) {
    const { counts, findings, crashes, slow, leaks: grown } = tally;
    fs.writeFileSync(
      path.resolve(options.json),
      JSON.stringify({ seed, counts: Object.fromEntries(counts), findings, crashes, slow, leaks: grown }, null, 2),
    );
  }
  const bad = tally.crashes.length + tally.findings.length + tally.leaks.length;
  process.exitCode = bad > 0 ? 1 : 0;
}

process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
  fs.rmSync(folder, { recursive: true, force: true });
});
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(130));
void main();
