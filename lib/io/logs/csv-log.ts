import { checkedOptions } from '../../tensor/checked';
import { expected } from '../../tensor/expected';
import { type LogEntry, type LogOptions, MOMENT, rowOf } from './entry';
import { LineFile } from './line-file';

/**
 * A table of comma-separated values (RFC 4180) with the columns step, epoch and one for each name, which any spreadsheet and
 * `pandas.read_csv` read. A value that an entry lacks is empty. A name that comes for the first time becomes a new last column: the
 * file is then written anew, whole, with the rows before left empty there.
 *
 * ```ts
 * using log = new io.CsvLog('runs/first.csv');
 * const trainer = new train.Trainer({ model, optimizer, loss, onLog: log.append });
 * ```
 *
 * A file that is there goes on. Each row is handed to the system at once: a killed run has lost none.
 *
 * @throws when the file cannot be written or holds something else
 */
export class CsvLog {
  readonly #file: LineFile;
  #columns: readonly string[] = [];

  constructor(path: string, options?: LogOptions) {
    const { purgeStep = Number.POSITIVE_INFINITY } = checkedOptions(options, 'CsvLog');
    this.#file = new LineFile(path, ([header, ...rows]) => {
      if (header === undefined) return [];
      const columns = columnsOf(header);
      if (columns === null || MOMENT.some((name, k) => columns[k] !== name))
        throw expected(`a table with the columns ${MOMENT.join(', ')}, ...`, path, header);
      this.#columns = columns;
      return [header, ...rows.filter((row) => !(Number.parseFloat(row) >= purgeStep))];
    });
  }

  /** Adds a row. Needs no `this`. @throws for what is no number, for values named step or epoch, and for names of several lines */
  readonly append = (entry: LogEntry): void => {
    const row = rowOf(entry, 'CsvLog');
    const added = [...row.keys()].filter((name) => !this.#columns.includes(name));
    for (const name of added) if (/[\r\n]/.test(name)) throw expected('a name of one line', 'CsvLog', name);
    if (added.length > 0) this.#widen(added);
    this.#file.append(this.#columns.map((name) => row.get(name) ?? '').join(','));
  };

  close(): void {
    this.#file.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #widen(added: readonly string[]): void {
    const columns = [...this.#columns, ...added];
    const empty = ','.repeat(added.length);
    this.#file.rewrite(([, ...rows]) => [columns.map(quoted).join(','), ...rows.map((row) => row + empty)]);
    this.#columns = columns;
  }
}

const quoted = (name: string): string => (/[",]|^\s|\s$|^$/.test(name) ? `"${name.replaceAll('"', '""')}"` : name);

const FIELD = /(?:"((?:[^"]|"")*)"|([^",]*))(,|$)/y;

/** The names in a header, null when it is none. */
function columnsOf(header: string): string[] | null {
  const names: string[] = [];
  FIELD.lastIndex = 0;
  for (;;) {
    const match = FIELD.exec(header);
    if (match === null) return null;
    names.push(match[1]?.replaceAll('""', '"') ?? (match[2] as string));
    if (match[3] === '') return names;
  }
}
