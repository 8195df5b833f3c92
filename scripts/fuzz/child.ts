/** One worker of the fuzz program: makes the calls it is told to and writes down each one before it is made. */

import fs from 'node:fs';
import * as torch from '../../lib';
import { FINDINGS, type Outcome, outcomeOf } from './outcome';
import { Random } from './random';
import { allTargets, type Target } from './targets';
import { show } from './values';

export interface Order {
  readonly seed: number;
  readonly from: number;
  readonly count: number;
  readonly pattern: string;
  /** The targets in turn, instead of one at random. */
  readonly inTurn: boolean;
  /** Names of targets that have crashed too often already. */
  readonly skip: readonly string[];
  readonly journal: string;
  /** Print the call and do not make it. */
  readonly explain: boolean;
  /** Make all calls so many times and report the memory after each: what grows is a leak. */
  readonly passes: number;
}

export interface Report {
  counts: Partial<Record<Outcome, number>>;
  findings: { at: number; name: string; outcome: Outcome; text: string }[];
  slow: { at: number; name: string; seconds: number }[];
  /** After each pass: resident bytes and live tensors. */
  memory: { rss: number; tensors: number }[];
  done: boolean;
}

const order = JSON.parse(process.argv[2] as string) as Order;
// So that a prompt to the event loop's end does not come from a handle of ours.
const journal = order.journal === '' ? -1 : fs.openSync(order.journal, 'r+');
const entry = new Int32Array(2);

const pattern = new RegExp(order.pattern);
const skipped = new Set(order.skip);
const targets = allTargets().filter(({ name }) => pattern.test(name));

/** The call at a position: which target, and the numbers that its arguments are made of. */
function choose(at: number): { target: Target; random: Random } {
  const random = new Random(order.seed, at);
  return { target: order.inTurn ? (targets[at % targets.length] as Target) : random.pick(targets), random };
}

function emptyReport(): Report {
  return { counts: {}, findings: [], slow: [], memory: [], done: false };
}
let report = emptyReport();

function tell(done: boolean): void {
  report.done = done;
  process.send?.(report);
  report = emptyReport();
}

function count(outcome: Outcome): void {
  report.counts[outcome] = (report.counts[outcome] ?? 0) + 1;
}

async function call(at: number): Promise<void> {
  const { target, random } = choose(at);
  if (skipped.has(target.name)) return;
  if (journal >= 0) {
    entry[0] = at;
    fs.writeSync(journal, entry, 0, 8, 0);
  }
  const started = performance.now();
  const scope = random.chance(0.9) ? torch.scope() : null;
  let args: readonly unknown[] = [];
  try {
    const prepared = target.prepare(random);
    ({ args } = prepared);
    const result = prepared.run();
    if (result instanceof Promise) await result;
    count('ok');
  } catch (error) {
    const outcome = outcomeOf(error);
    count(outcome);
    if (FINDINGS.has(outcome)) {
      report.findings.push({
        at,
        name: target.name,
        outcome,
        text: `${String((error as Error).stack ?? error).slice(0, 1200)}\n    arguments: ${show(args)}`,
      });
    }
  } finally {
    scope?.close();
  }
  const seconds = (performance.now() - started) / 1000;
  if (seconds > 2) report.slow.push({ at, name: target.name, seconds });
}

/** Tensors that the library makes once and keeps: the one that optimizers add to their counts. */
function keptByTheLibrary(): number {
  torch.scope(() => {
    const parameter = torch.ones([1], { requiresGrad: true });
    parameter.sum().backward();
    new torch.optim.Adam([parameter]).step();
  });
  for (let before = Number.POSITIVE_INFINITY; ; ) {
    const { tensors } = torch.memory({ collect: true });
    if (tensors >= before) return tensors;
    before = tensors;
  }
}

/** How many tensors live. Calls that still run elsewhere hold some, on a busy machine for a while: those get two seconds. */
async function liveTensors(kept: number): Promise<number> {
  torch.memory({ collect: true });
  for (let patience = 100; ; patience--) {
    await new Promise((resolve) => setTimeout(resolve, 20));
    const { tensors } = torch.memory({ collect: true });
    if (tensors <= kept || patience === 0) return tensors;
  }
}

async function main(): Promise<void> {
  torch.setNumThreads(1);
  process.on('warning', () => {}); // libtorch's deprecations
  if (order.explain) {
    for (let at = order.from; at < order.from + order.count; at++) {
      const { target, random } = choose(at);
      random.chance(0.9);
      process.stdout.write(`${target.name}\n    ${show(target.prepare(random).args)}\n`);
    }
    return;
  }
  const kept = keptByTheLibrary();
  for (let pass = 0; pass < order.passes; pass++) {
    for (let i = 0; i < order.count; i++) {
      await call(order.from + i);
      if (i % 250 === 249) {
        tell(false);
        await new Promise((resolve) => setImmediate(resolve)); // warnings and finalizers
      }
    }
    const tensors = await liveTensors(kept);
    report.memory.push({ rss: process.memoryUsage().rss, tensors: Math.max(0, tensors - kept) });
  }
  tell(true);
  process.disconnect?.();
}

void main();
