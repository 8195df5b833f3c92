/** What all recipes share: their command line, and how they tell what they measured. The training is in each recipe. */

import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { Command } from 'commander';
import * as torch from 'torchwright';
import { train } from 'torchwright';
import { wholeNumber } from '../../lib/arguments';
import { Scatter, type ScatterData, type ScatterOptions } from './scatter';
import { Table, type TableData } from './table';
import { told } from './told';

export interface Claim {
  /** What the paper says, as it should show here. */
  readonly text: string;
  readonly shows: boolean;
  /** The numbers behind it. */
  readonly measured: string;
}

/** What a run gave, for machines: `--json FILE`. */
export interface Outcome {
  readonly paper: number;
  readonly title: string;
  readonly size: Size;
  readonly seeds: readonly number[];
  readonly device: string;
  readonly seconds: number;
  readonly notes: readonly string[];
  readonly tables: readonly (TableData & { readonly digits: number })[];
  readonly claims: readonly Claim[];
  readonly curves: readonly { readonly title: string; readonly entries: readonly train.HistoryEntry[] }[];
  /** Not there when the recipe draws none. */
  readonly scatters?: readonly ScatterData[];
}

/** `quick` shows that everything runs, `usual` takes under 90 seconds on two cores, `full` is as large as the paper's. */
export type Size = 'quick' | 'usual' | 'full';

export interface Settings {
  readonly size: Size;
  readonly seeds: readonly number[];
  readonly device: torch.DeviceLike;
  /** The folder of the datasets; undefined leaves it to the loaders. */
  readonly data: string | undefined;
}

/** What a recipe writes its measurements to. */
export class Run implements Settings {
  readonly size: Size;
  readonly seeds: readonly number[];
  readonly device: torch.DeviceLike;
  readonly data: string | undefined;
  readonly tables: Table[] = [];
  readonly claims: Claim[] = [];
  readonly curves: { title: string; history: train.History }[] = [];
  readonly scatters: Scatter[] = [];
  readonly notes: string[] = [];

  constructor({ size, seeds, device, data }: Settings) {
    this.size = size;
    this.seeds = seeds;
    this.device = device;
    this.data = data;
  }

  /** One value for each size of the run; without the last the full run is as large as the usual one. */
  choose<T>(quick: T, usual: T, full: T = usual): T {
    return { quick, usual, full }[this.size];
  }

  table<Column extends string>(title: string, columns: readonly Column[], { digits = 3 } = {}): Table<Column> {
    const table = new Table(title, columns, digits);
    this.tables.push(table as unknown as Table);
    return table;
  }

  /** A picture with a line for each name that entries have values of. */
  curve(title: string): train.History {
    const history = new train.History();
    this.curves.push({ title, history });
    return history;
  }

  /** A picture of points, coloured by class; each `add` is a panel of it. */
  scatter(title: string, options: ScatterOptions): Scatter {
    const scatter = new Scatter(title, options);
    this.scatters.push(scatter);
    return scatter;
  }

  /** Says whether a claim shows, with the numbers behind it. */
  claim(text: string, shows: boolean, measured: string): void {
    this.claims.push({ text, shows, measured });
  }

  /** A sentence below the tables, as where the data come from. */
  note(text: string): void {
    this.notes.push(text);
  }
}

export interface Recipe {
  /** 0 for what several papers stand on. */
  readonly paper: number;
  /** The paper's title. */
  readonly title: string;
  /** In a sentence or two, what is trained and compared. */
  readonly about: string;
  /** Default: 0, 1 and 2. */
  readonly seeds?: readonly number[];
  run(run: Run): Promise<void>;
}

/** Runs a recipe when its file is what Node was started with: `recipe(module, {...})`. */
export function recipe(module: NodeModule, what: Recipe): Recipe {
  if (require.main === module)
    main(what).catch((error: Error) => {
      console.error(error.message);
      process.exitCode = 1;
    });
  return what;
}

async function main(what: Recipe): Promise<void> {
  const name = what.paper === 0 ? path.parse(process.argv[1] ?? '').name : String(what.paper).padStart(2, '0');
  const options = new Command(`npm run paper -- ${name}`)
    .description(`${what.title}. ${what.about}`)
    .option('--seeds <n>', 'number of seeds', wholeNumber)
    .option('--quick', 'one seed and a short training: that it runs, no result')
    .option('--full', "as large as the paper's, as far as one machine goes")
    .option('--device <name>', 'where to compute (default: cuda when there is one, else cpu)')
    .option('--data <folder>', 'where datasets are (default: $TORCHWRIGHT_DATA, then the cache, then download)')
    .option('--json <file>', 'write what was measured to this file too')
    .parse()
    .opts<{ seeds?: number; quick?: boolean; full?: boolean; device?: string; data?: string; json?: string }>();
  const size = options.quick ? 'quick' : options.full ? 'full' : 'usual';
  const all = what.seeds ?? [0, 1, 2];
  const seeds =
    options.seeds === undefined ? (size === 'quick' ? all.slice(0, 1) : all) : Array.from({ length: options.seeds }, (_, k) => k);
  const device = (options.device ?? (torch.cuda.isAvailable() ? 'cuda' : 'cpu')) as torch.DeviceLike;
  const outcome = await measure(what, { size, seeds, device, data: options.data });
  console.log(told(outcome));
  if (options.json === undefined) return;
  mkdirSync(path.dirname(path.resolve(options.json)), { recursive: true });
  // JSON has no word for infinity.
  const text = JSON.stringify(outcome, (_, value) => (typeof value === 'number' && !Number.isFinite(value) ? String(value) : value), 1)
    // Numbers of an array in one line.
    .replace(/\[\n\s+([-+\d.e,\s]+?)\n\s*\]/g, (_, numbers: string) => `[${numbers.split(/,\s+/).join(', ')}]`);
  writeFileSync(options.json, `${text}\n`);
}

async function measure(what: Recipe, settings: Settings): Promise<Outcome> {
  const run = new Run(settings);
  const start = performance.now();
  await what.run(run);
  return {
    paper: what.paper,
    title: what.title,
    size: run.size,
    seeds: run.seeds,
    device: String(run.device),
    seconds: Math.round((performance.now() - start) / 100) / 10,
    notes: run.notes,
    tables: run.tables.map((table) => ({ ...table.data(), digits: table.digits })),
    claims: run.claims,
    curves: run.curves.map(({ title, history }) => ({ title, entries: history.entries })),
    ...(run.scatters.length > 0 && { scatters: run.scatters.map((scatter) => scatter.data()) }),
  };
}
