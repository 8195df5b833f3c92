import { checkedOptions } from '../../tensor/checked';
import { expected } from '../../tensor/expected';
import { type LogEntry, type LogOptions, rowOf } from './entry';
import { LineFile } from './line-file';

/**
 * A file with one JSON object a line (https://jsonlines.org): `{"step":10,"epoch":0.5,"loss":0.25}`. NaN and the infinities, which
 * JSON lacks, are the texts `"NaN"`, `"Infinity"` and `"-Infinity"`.
 *
 * ```ts
 * using log = new io.JsonlLog('runs/first.jsonl');
 * const trainer = new train.Trainer({ model, optimizer, loss, onLog: log.append });
 * ```
 *
 * A file that is there goes on. Each line is handed to the system at once: a killed run has lost none.
 *
 * @throws when the file cannot be written or holds something else
 */
export class JsonlLog {
  readonly #file: LineFile;

  constructor(path: string, options?: LogOptions) {
    const { purgeStep = Number.POSITIVE_INFINITY } = checkedOptions(options, 'JsonlLog');
    this.#file = new LineFile(path, (lines) =>
      lines.filter((line, k) => {
        const step = stepOf(line);
        if (step === null) throw expected('a JSON object with a step', `line ${k + 1} of ${path}`, line);
        return step < purgeStep;
      }),
    );
  }

  /** Adds a line. Needs no `this`. @throws for what is no number, and for values named step or epoch */
  readonly append = (entry: LogEntry): void => {
    const row = rowOf(entry, 'JsonlLog');
    this.#file.append(
      JSON.stringify(Object.fromEntries([...row].map(([name, value]) => [name, Number.isFinite(value) ? value : String(value)]))),
    );
  };

  close(): void {
    this.#file.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }
}

function stepOf(line: string): number | null {
  try {
    const { step } = JSON.parse(line) as { step?: unknown };
    return typeof step === 'number' ? step : null;
  } catch {
    return null;
  }
}
