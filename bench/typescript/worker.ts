/**
 * worker.js <workload> <threads> <size>: says "ready", then for each line with a count runs that many iterations and
 * answers with nanoseconds per iteration.
 */

import { createInterface } from 'node:readline';
import * as torch from 'torchwright';
import { WORKLOADS } from './workloads';

async function main([name, threads, size]: readonly string[]): Promise<void> {
  const workload = WORKLOADS[name ?? ''];
  if (workload === undefined) throw new Error('Expected: worker.js <workload> <threads> <size>');
  torch.setNumThreads(Number(threads));
  torch.manualSeed(1);
  const run = workload(Number(size));
  console.log('ready');
  for await (const line of createInterface({ input: process.stdin })) {
    const count = Number(line);
    const start = process.hrtime.bigint();
    await run(count);
    console.log(Number(process.hrtime.bigint() - start) / count);
  }
}

void main(process.argv.slice(2));
