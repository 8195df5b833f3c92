import { expected } from '../../tensor/expected';

/** Values at one moment of a training, as `Trainer` gives them to `onLog`. */
export interface LogEntry {
  /** Number of steps done. */
  readonly step: number;
  /** Passes over the data; within one as a fraction where the loader has a length, else only those that are complete. */
  readonly epoch: number;
  /** By name. */
  readonly values: Readonly<Record<string, number>>;
}

export interface LogOptions {
  /** Lines of the file at this step and later ones are removed first: for a run that goes on from a checkpoint. Default: all stay. */
  purgeStep?: number;
}

/** Columns that every line has. */
export const MOMENT = ['step', 'epoch'] as const;

/** The entry as one row: step, epoch, and the values. @throws for what is no number, and names that are taken */
export function rowOf(entry: LogEntry, where: string): Map<string, number> {
  if (typeof entry !== 'object' || entry === null || typeof entry.values !== 'object' || entry.values === null)
    throw expected('an entry with step, epoch and values', where, entry);
  const row = new Map<string, number>([
    ['step', entry.step],
    ['epoch', entry.epoch],
  ]);
  for (const [name, value] of Object.entries(entry.values)) {
    if (row.has(name)) throw expected('a name other than step and epoch', where, name);
    row.set(name, value);
  }
  for (const [name, value] of row) if (typeof value !== 'number') throw expected('a number', `${name} of ${where}`, value);
  return row;
}
