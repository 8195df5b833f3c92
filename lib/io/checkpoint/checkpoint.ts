/** The whole state of a run in one file. */

import { basename, dirname } from 'node:path';
import { checkedOptions } from '../../tensor/checked';
import { expected } from '../../tensor/expected';
import { Generator } from '../../tensor/generator';
import { scope } from '../../tensor/scope';
import { Tensor } from '../../tensor/tensor';
import type { DeviceLike } from '../../tensor/types';
import { removeLeftovers } from '../atomic';
import { type LoadPtOptions, loadPt } from '../pt/load';
import { savePt } from '../pt/save';
import { loadRng, saveRng } from './rng';

/** Modules, optimizers, schedules, scalers, loaders: whatever gives its state and takes it back. */
export interface Stateful {
  stateDict(): unknown;
  // biome-ignore lint/suspicious/noConfusingVoidType: modules tell which keys fitted, others tell nothing
  loadStateDict(state: never): unknown | void;
}

/** What goes into a checkpoint, by name: objects with a state, generators, and plain values such as the number of the epoch. */
export type CheckpointParts = Readonly<Record<string, unknown>>;

/** The parts of a checkpoint that come back as values: all but objects with a state and generators. */
export type CheckpointValues = Record<string, unknown>;

const FORMAT = 'torchwright checkpoint';
const VERSION = 1;

export interface SaveCheckpointOptions {
  /** Save the state of the default random generators, of the CPU and of CUDA. Default true. */
  rng?: boolean;
}

export interface LoadCheckpointOptions {
  /** Bring the default random generators to where they were. Default true. */
  rng?: boolean;
  /** Where the values that are tensors are put; states go to where their owners are. Default `'cpu'`. */
  mapLocation?: DeviceLike;
}

/**
 * Writes the whole state of a run to one file. The file is a state dict that Python's `torch.load(path, weights_only=True)` reads too. It appears under its name only
 * when it is whole and on disk: whenever the process is killed, the last checkpoint is there.
 *
 * ```ts
 * io.saveCheckpoint('run.ckpt', { model, optimizer, scheduler, scaler, epoch, step });
 * const { epoch, step } = io.loadCheckpoint('run.ckpt', { model, optimizer, scheduler, scaler });
 * ```
 *
 * @param parts by name: objects with `stateDict` and `loadStateDict`, generators, and whatever `savePt` takes.
 * @throws as `savePt` does
 */
export function saveCheckpoint(path: string, parts: CheckpointParts, options?: SaveCheckpointOptions): void {
  if (typeof path !== 'string') throw expected('a path', 'saveCheckpoint', path);
  checkParts(parts, 'saveCheckpoint');
  removeLeftovers(dirname(path), (name) => name === basename(path));
  writeCheckpoint(path, parts, checkedOptions(options, 'saveCheckpoint'), null);
}

/** @param metric kept in the file, for those who ask for it alone */
export function writeCheckpoint(path: string, parts: CheckpointParts, { rng = true }: SaveCheckpointOptions, metric: number | null): void {
  scope(() => {
    const states = Object.entries(parts).map(([name, part]) => [name, stateOf(part)]);
    savePt({ format: FORMAT, version: VERSION, metric, parts: Object.fromEntries(states), rng: rng ? saveRng() : null }, path);
  });
}

/** The metric that a checkpoint was saved with. */
export function metricOf(path: string): number | null {
  return scope(() => {
    const { metric } = readCheckpoint(path, { mmap: true });
    return typeof metric === 'number' ? metric : null;
  });
}

/**
 * Brings a run back to where `saveCheckpoint` left it: gives their states to the objects in `parts`, the same names as it was given,
 * and the default random generators theirs.
 *
 * @returns the parts that are not in `parts`: plain values as they were, and the states of objects
 * @throws when the file cannot be read or is no checkpoint, when a part is not in it, and when a state does not fit its object
 */
export function loadCheckpoint<Values extends object = CheckpointValues>(
  path: string,
  parts: Readonly<Record<string, Stateful | Generator>> = {},
  options?: LoadCheckpointOptions,
): Values {
  const { rng = true, mapLocation } = checkedOptions(options, 'loadCheckpoint');
  if (typeof path !== 'string') throw expected('a path', 'loadCheckpoint', path);
  checkParts(parts, 'loadCheckpoint');
  return scope(() => {
    const { parts: states, rng: generators } = readCheckpoint(path, { mapLocation });
    for (const [name, part] of Object.entries(parts)) {
      if (!isStateful(part) && !(part instanceof Generator))
        throw expected('an object with stateDict and loadStateDict, or a generator,', name, part);
      if (!Object.hasOwn(states, name))
        throw new Error(`Expected ${name} in the checkpoint ${path} but received one of ${Object.keys(states).join(', ')}`);
    }
    for (const [name, part] of Object.entries(parts)) giveState(part, states[name], name);
    if (rng && generators !== null) loadRng(generators);
    return Object.fromEntries(Object.entries(states).filter(([name]) => !Object.hasOwn(parts, name))) as Values;
  });
}

interface CheckpointFile {
  readonly metric: unknown;
  readonly parts: Readonly<Record<string, unknown>>;
  readonly rng: unknown;
}

function readCheckpoint(path: string, options: LoadPtOptions): CheckpointFile {
  const file = loadPt<unknown>(path, options);
  const { format, version, metric, parts, rng } = isRecord(file) ? file : {};
  const fail = (what: string, received: string): Error => new Error(`Expected ${what} in ${path} but received ${received}`);
  if (format !== FORMAT) throw fail('a checkpoint', 'another file of torch.save');
  if (version !== VERSION) throw fail(`version ${VERSION} of checkpoints`, String(version));
  if (!isRecord(parts)) throw fail('the parts of a checkpoint', 'none');
  return { metric, parts, rng };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !(value instanceof Tensor) && !(value instanceof Map) && !Array.isArray(value);
}

function stateOf(part: unknown): unknown {
  if (part instanceof Generator) return part.getState();
  return isStateful(part) ? part.stateDict() : part;
}

function giveState(part: Stateful | Generator, state: unknown, name: string): void {
  if (!(part instanceof Generator)) {
    part.loadStateDict(state as never);
    return;
  }
  if (!(state instanceof Tensor)) throw expected('the state of a generator', name, state);
  part.setState(state.cpu());
}

function isStateful(part: unknown): part is Stateful {
  return (
    typeof part === 'object' && part !== null && 'stateDict' in part && typeof part.stateDict === 'function' && 'loadStateDict' in part
  );
}

export function checkParts(parts: unknown, where: string): void {
  if (typeof parts !== 'object' || parts === null || parts instanceof Tensor || isStateful(parts))
    throw expected('an object of parts by name', where, parts);
}
