/** Positions of pedestrians over time, cut into windows: some steps observed, the following ones to be predicted. */

import { basename } from 'node:path';
import { checkedOptions } from '../tensor/checked';
import { fromTypedArray } from '../tensor/creation';
import { expected } from '../tensor/expected';
import { _unique2, arange, cat, uniqueConsecutive } from '../tensor/generated/root';
import { scope } from '../tensor/scope';
import { Tensor } from '../tensor/tensor';
import type { BatchedDataset } from './dataset';
import { findPath } from './find-files';
import { readMaybeGzip } from './read-file';

/** The A pedestrians of one window, or of all windows of a batch one after the other. Positions are in metres. */
export interface TrajectoryBatch {
  /** float32[A, observed, 2] */
  readonly observed: Tensor;
  /** float32[A, predicted, 2] */
  readonly future: Tensor;
  /** The window of each pedestrian, by its place in the batch: int64[A], 0 in a single sample. */
  readonly scenes: Tensor;
  /** The pedestrians' numbers in the file, int64[A]. */
  readonly pedestrians: Tensor;
}

export interface TrajectoryOptions {
  /** Steps that are seen. Default 8, 3.2 s in ETH/UCY. */
  observed?: number;
  /** Steps that are to be predicted. Default 12, 4.8 s in ETH/UCY. */
  predicted?: number;
  /** Steps from the start of one window to the next. Default 1. */
  stride?: number;
  /** Windows with fewer pedestrians are left out. Default 1. */
  minPedestrians?: number;
}

/**
 * Windows of recordings: a sample is the pedestrians that are there in all of `observed + predicted` successive steps. It has
 * as many as it has, so a batch has them one after the other, with the window of each in `scenes`.
 *
 * A window starts at each `stride`-th step from a recording's first at which there are `minPedestrians` such pedestrians. The
 * step of a recording is the smallest distance of two of its frames; windows do not reach across steps without anyone.
 *
 * With the defaults the test recordings of ETH/UCY give the 364, 1197, 24334, 2356 and 5910 trajectories of the literature
 * (Gupta et al., 2018, "Social GAN: Socially Acceptable Trajectories with Generative Adversarial Networks").
 *
 * @throws unless each recording is float64[n, 4] with rows (frame, pedestrian, x, y), at most one for a frame and pedestrian,
 *   and frames are whole steps apart; or when there is no window
 */
export class TrajectoryWindows implements BatchedDataset<TrajectoryBatch, TrajectoryBatch> {
  /** Number of windows. */
  readonly length: number;
  readonly #observed: number;
  readonly #steps: number;
  /** All windows' pedestrians, [A, steps, 2], and their numbers [A]; of each window how many they are, and the first. */
  readonly #tracks: Tensor;
  readonly #pedestrians: Tensor;
  readonly #counts: Tensor;
  readonly #starts: Tensor;

  constructor(recordings: readonly Tensor[], options?: TrajectoryOptions) {
    const { observed = 8, predicted = 12, stride = 1, minPedestrians = 1 } = checkedOptions(options, 'TrajectoryWindows');
    for (const [name, value] of Object.entries({ observed, predicted, stride, minPedestrians })) {
      if (!Number.isSafeInteger(value) || value < 1) throw expected('a whole number of at least 1', name, value);
    }
    if (!Array.isArray(recordings) || recordings.length === 0) throw expected('at least one recording', 'recordings', recordings);
    const steps = observed + predicted;
    const [tracks, pedestrians, counts, starts] = scope(() => {
      const parts = recordings.map((recording, k) => windowsOf(recording, `recordings[${k}]`, steps, stride, minPedestrians));
      const all = parts.map(({ counts }) => counts);
      const joined = cat(all);
      return [
        cat(parts.map(({ tracks }) => tracks)),
        cat(parts.map(({ pedestrians }) => pedestrians)),
        joined,
        joined.cumsum(0).sub(joined),
      ] as const;
    });
    this.length = counts.numel();
    if (this.length === 0) {
      const who = minPedestrians === 1 ? 'a pedestrian' : `${minPedestrians} pedestrians`;
      throw new Error(`Expected ${who} in ${steps} successive steps of the recordings but found none`);
    }
    this.#observed = observed;
    this.#steps = steps;
    this.#tracks = tracks.keep();
    this.#pedestrians = pedestrians.keep();
    this.#counts = counts.keep();
    this.#starts = starts.keep();
  }

  /**
   * The windows of text files with a line `frame pedestrian x y` for each observation. Relative paths that lead nowhere are
   * looked for below `$TORCHWRIGHT_DATA`.
   *
   * @throws as `readTrajectories` and the constructor do
   */
  static fromFiles(paths: readonly string[], options?: TrajectoryOptions): TrajectoryWindows {
    return scope(() => new TrajectoryWindows(paths.map(readTrajectories), checkedOptions(options, 'fromFiles')));
  }

  get(index: number): TrajectoryBatch {
    if (!Number.isInteger(index) || index < 0 || index >= this.length) {
      throw expected(`a whole number in [0, ${this.length})`, 'index', index);
    }
    return this.getBatch(fromTypedArray(BigInt64Array.of(BigInt(index))));
  }

  getBatch(indices: Tensor): TrajectoryBatch {
    return scope(() => {
      const counts = this.#counts.indexSelect(0, indices);
      const scenes = arange(indices.numel()).repeatInterleave(counts);
      // The k-th pedestrian of a window is k after its first one.
      const before = counts.cumsum(0).sub(counts);
      const rows = arange(scenes.numel()).add(this.#starts.indexSelect(0, indices).sub(before).indexSelect(0, scenes));
      const tracks = this.#tracks.indexSelect(0, rows);
      return {
        observed: tracks.narrow(1, 0, this.#observed),
        future: tracks.narrow(1, this.#observed, this.#steps - this.#observed),
        scenes,
        pedestrians: this.#pedestrians.indexSelect(0, rows),
      };
    });
  }
}

interface Windows {
  readonly tracks: Tensor;
  readonly pedestrians: Tensor;
  readonly counts: Tensor;
}

function windowsOf(recording: Tensor, where: string, steps: number, stride: number, minPedestrians: number): Windows {
  if (!(recording instanceof Tensor) || recording.dtype !== 'float64' || recording.dim() !== 2 || recording.shape[1] !== 4) {
    throw expected('a tensor float64[n, 4]', where, recording);
  }
  if (recording.shape[0] === 0) throw expected('at least one row', where, recording);
  if (recording.isfinite().all().item() !== true) throw expected('finite numbers', where, recording);
  const [frames, people] = [recording.select(1, 0), recording.select(1, 1)];
  const distinct = _unique2(frames)[0];
  const step = distinct.numel() > 1 ? Number(distinct.diff().min().item()) : 1;
  const position = frames.sub(frames.min()).div(step);
  const time = position.round().to('int64');
  if (time.sub(position).abs().max().lt(1e-6).item() !== true)
    throw expected(`frames that are multiples of ${step} apart`, where, recording);
  if (people.eq(people.round()).all().item() !== true) throw expected('whole numbers of pedestrians', where, recording);
  const [numbers, inverse] = _unique2(people, { returnInverse: true });
  // One number for pedestrian and time. Two pedestrians are more than a window apart, so `steps` rows on and `steps - 1`
  // higher means the same pedestrian without a gap.
  const span = Number(time.max().item()) + steps + 1;
  const { values: keys, indices: order } = inverse.mul(span).add(time).sort();
  if (keys.numel() > 1 && Number(keys.diff().min().item()) === 0) throw expected('one row for a frame and a pedestrian', where, recording);
  if (keys.numel() < steps) return noWindows(steps);
  const last = keys.numel() - steps + 1;
  const unbroken = keys
    .narrow(0, steps - 1, last)
    .sub(keys.narrow(0, 0, last))
    .eq(steps - 1);
  const start = keys.narrow(0, 0, last).remainder(span);
  const first = unbroken.logicalAnd(start.remainder(stride).eq(0)).nonzero().select(1, 0);
  const byTime = start.indexSelect(0, first).sort({ stable: true });
  const rows = first.indexSelect(0, byTime.indices);
  const windows = recording.narrow(1, 2, 2).indexSelect(0, order).unfold(0, steps, 1);
  const [, , together] = uniqueConsecutive(byTime.values, { returnCounts: true });
  const enough = together.ge(minPedestrians);
  const kept = rows.maskedSelect(enough.repeatInterleave(together));
  return {
    tracks: windows.indexSelect(0, kept).transpose(1, 2).to('float32').contiguous(),
    pedestrians: numbers
      .round()
      .to('int64')
      .indexSelect(0, inverse.indexSelect(0, order.indexSelect(0, kept))),
    counts: together.maskedSelect(enough),
  };
}

function noWindows(steps: number): Windows {
  const none = fromTypedArray(new BigInt64Array(0));
  return { tracks: fromTypedArray(new Float32Array(0), { shape: [0, steps, 2] }), pedestrians: none, counts: none };
}

/**
 * The observations of a text file, float64[n, 4]: a line `frame pedestrian x y` for each, with blanks or tabs between.
 *
 * @throws when there is no such file, or a line has something else
 */
export function readTrajectories(path: string): Tensor {
  const file = findPath(path);
  const lines = readMaybeGzip(file).toString('utf8').split(/\r?\n/);
  const numbers: number[] = [];
  for (const [k, line] of lines.entries()) {
    const text = line.trim();
    if (text === '') continue;
    const fields = text.split(/\s+/).map(Number);
    if (fields.length !== 4 || !fields.every(Number.isFinite)) {
      throw new Error(`Expected four numbers in line ${k + 1} of ${basename(file)} but received ${JSON.stringify(text.slice(0, 60))}`);
    }
    numbers.push(...fields);
  }
  return fromTypedArray(Float64Array.from(numbers), { shape: [numbers.length / 4, 4] });
}
