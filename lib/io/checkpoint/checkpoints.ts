import { linkSync, mkdirSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { checkedOptions } from '../../tensor/checked';
import { expected } from '../../tensor/expected';
import { removeLeftovers } from '../atomic';
import { type CheckpointParts, checkParts, metricOf, type SaveCheckpointOptions, writeCheckpoint } from './checkpoint';

export interface CheckpointsOptions {
  /** How many of the latest stay. Default 3. */
  keepLast?: number;
  /** Whether a small or a large metric is good. Default `'min'`. */
  mode?: 'min' | 'max';
}

export interface KeepCheckpointOptions extends SaveCheckpointOptions {
  /** How good the run is here, such as its validation loss: the best checkpoint stays, however old. Default: none. */
  metric?: number;
}

const NAME = /^checkpoint-\d+\.pt$/;
const BEST = 'best.pt';

/**
 * The checkpoints of a run in a folder: the latest few and the best one.
 *
 * ```ts
 * const checkpoints = new io.Checkpoints('runs/a', { keepLast: 2 });
 * const latest = checkpoints.latest();
 * if (latest !== null) io.loadCheckpoint(latest, { model, optimizer });
 * checkpoints.save(step, { model, optimizer, step }, { metric: validationLoss });
 * ```
 *
 * They are called `checkpoint-<step>.pt`; `best.pt` is another name of the best one. Whenever the process is killed, the last
 * checkpoint and the best one are whole.
 */
export class Checkpoints {
  readonly folder: string;
  readonly #keepLast: number;
  readonly #isBetter: (metric: number, than: number) => boolean;

  /** @throws for a folder that cannot be made */
  constructor(folder: string, options?: CheckpointsOptions) {
    const { keepLast = 3, mode = 'min' } = checkedOptions(options, 'Checkpoints');
    if (typeof folder !== 'string') throw expected('the path of a folder', 'Checkpoints', folder);
    if (!Number.isSafeInteger(keepLast) || keepLast < 1) throw expected('a positive whole number', 'keepLast', keepLast);
    if (mode !== 'min' && mode !== 'max') throw expected("'min' or 'max'", 'mode', mode);
    mkdirSync(folder, { recursive: true });
    this.folder = folder;
    this.#keepLast = keepLast;
    this.#isBetter = mode === 'min' ? (metric, than) => metric < than : (metric, than) => metric > than;
  }

  /**
   * Saves a checkpoint and removes those that need not stay.
   *
   * @returns its path
   * @throws as `saveCheckpoint` does
   */
  save(step: number, parts: CheckpointParts, options?: KeepCheckpointOptions): string {
    const { metric, ...rest } = checkedOptions(options, 'save');
    if (!Number.isSafeInteger(step) || step < 0) throw expected('a whole number from 0', 'step', step);
    if (metric !== undefined && typeof metric !== 'number') throw expected('a number', 'metric', metric);
    checkParts(parts, 'Checkpoints');
    removeLeftovers(this.folder, (name) => NAME.test(name));
    const path = join(this.folder, `checkpoint-${step}.pt`);
    writeCheckpoint(path, parts, rest, metric ?? null);
    if (metric !== undefined && this.#isBest(metric)) this.#nameBest(path);
    for (const old of this.#paths().slice(0, -this.#keepLast)) rmSync(old, { force: true });
    return path;
  }

  /** The checkpoint that was saved last, null before the first. */
  latest(): string | null {
    return this.#paths().at(-1) ?? null;
  }

  /** The checkpoint with the best metric, null when none was saved with one. */
  best(): string | null {
    const path = join(this.folder, BEST);
    return statSync(path, { throwIfNoEntry: false }) === undefined ? null : path;
  }

  #isBest(metric: number): boolean {
    if (Number.isNaN(metric)) return false;
    const best = this.best();
    const before = best === null ? null : metricOf(best);
    return before === null || this.#isBetter(metric, before);
  }

  #nameBest(path: string): void {
    const aside = join(this.folder, `.${BEST}.new`);
    rmSync(aside, { force: true });
    linkSync(path, aside);
    renameSync(aside, join(this.folder, BEST));
  }

  /** In the order in which they were saved, which need not be the one of their steps: a run may go on from an earlier one. */
  #paths(): string[] {
    return readdirSync(this.folder)
      .filter((name) => NAME.test(name))
      .map((name) => {
        const path = join(this.folder, name);
        return { path, time: statSync(path, { bigint: true }).mtimeNs, step: Number(/\d+/.exec(name)?.[0]) };
      })
      .sort((a, b) => (a.time === b.time ? a.step - b.step : a.time < b.time ? -1 : 1))
      .map(({ path }) => path);
  }
}
