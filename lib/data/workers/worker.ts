/** What runs in a worker thread: it makes the batches that the loader asks for, one after the other. */

import { parentPort, workerData } from 'node:worker_threads';
import { fromTypedArray } from '../../tensor/creation';
import { expected } from '../../tensor/expected';
import { scope } from '../../tensor/scope';
import { getNumThreads, setNumThreads } from '../../tensor/settings';
import '../../tensor/callbacks';
import '../../tensor/operators';
import { END } from '../async-steps';
import { withBatchRandom } from '../batch-random';
import { type Dataset, isIndexed, isIterable } from '../dataset';
import { IterationBatches } from '../iteration-batches';
import { batchMaker, sampleMaker } from '../make-batch';
import { setWorkerInfo } from './info';
import { exportOf, functionOf, loadModule } from './load-export';
import { pack, unpack } from './packing';
import { fromPortable } from './portable';
import type { Answer, Close, Failure, Request, WorkerSetup } from './protocol';

const setup = workerData as WorkerSetup;
const port = parentPort;

/** The sample that is being read. */
let reading: number | undefined;

/** Makes the batch of a request; `END` when no sample is left. */
type Maker = (request: Request) => unknown;

async function prepare(): Promise<Maker> {
  setWorkerInfo({ id: setup.id, numWorkers: setup.numWorkers });
  const path = setup.module ?? '';
  const module = setup.module === undefined ? {} : await loadModule(path);
  const named = (name: string | undefined, where: string) => (name === undefined ? undefined : functionOf(module, name, where, path));
  const making = { collate: named(setup.collate, 'worker.collate'), transform: named(setup.transform, 'worker.transform') };
  const dataset = await datasetOf(module, path);
  if (isIndexed(dataset)) return fromPositions(dataset, making);
  if (isIterable(dataset)) return fromIteration(dataset, making);
  throw expected('a dataset, or a function that makes one,', 'worker.dataset', dataset);
}

async function datasetOf(module: Record<string, unknown>, path: string): Promise<unknown> {
  if (typeof setup.dataset !== 'string') return fromPortable(setup.dataset);
  const named = exportOf(module, setup.dataset, 'worker.dataset', path);
  return typeof named === 'function' ? await (named as (...args: unknown[]) => unknown)(...(unpack(setup.args) as unknown[])) : named;
}

type Making = Parameters<typeof batchMaker>[1];

function fromPositions(dataset: Dataset<unknown>, making: Making): Maker {
  const make = batchMaker(dataset, making, (index) => {
    reading = index;
  });
  return ({ indices }) => make(fromTypedArray(indices as BigInt64Array));
}

function fromIteration(dataset: Iterable<unknown>, making: Making): Maker {
  const make = sampleMaker(making);
  let pass: number | undefined;
  let batches: IterationBatches | undefined;
  return (request) => {
    if (batches === undefined || request.pass !== pass) {
      batches?.close();
      batches = new IterationBatches(dataset, request.indices as number, setup.dropLast);
      pass = request.pass;
    }
    const samples = batches.next();
    return samples === undefined ? END : make(samples);
  };
}

function failureOf(error: unknown): Failure {
  const { name, message, stack } = error instanceof Error ? error : new Error(String(error));
  const index = reading;
  reading = undefined;
  return { name, message, stack: stack ?? '', index };
}

// The loader's threads would fight with the workers' over the cores; the loader sets its own number again.
// Asking first makes libtorch initialise this thread, which later would take over the loader's number.
getNumThreads();
setNumThreads(1);
const made = prepare();
made.catch(() => {}); // told with each answer

async function answer(request: Request): Promise<Answer> {
  const { id } = request;
  if (Atomics.load(setup.pass, 0) !== request.pass) return { id, stale: true };
  try {
    const make = await made;
    return scope(() => {
      const batch = withBatchRandom(request.seed, request.batch, make, request);
      return batch === END ? { id, end: true as const } : { id, batch: pack(batch) };
    });
  } catch (error) {
    return { id, failure: failureOf(error) };
  }
}

// One after the other: the samples of an iteration have an order.
let last: Promise<unknown> = Promise.resolve();
port?.on('message', (message: Request | Close) => {
  last = last.then(async () => {
    if ('close' in message) port.close();
    else port.postMessage(await answer(message));
  });
});
