/** Tables in CSV files: columns of numbers, categories and texts, with what is missing. */

import { createRequire } from 'node:module';
import { basename } from 'node:path';
import { checkedOptions } from '../tensor/checked';
import { fromTypedArray } from '../tensor/creation';
import { describe, expected } from '../tensor/expected';
import { stack } from '../tensor/generated/root';
import { scope } from '../tensor/scope';
import type { Tensor } from '../tensor/tensor';
import { findPath } from './find-files';
import { readMaybeGzip } from './read-file';

/** What a column holds: numbers, categories (found in the file, or given with their order), or texts. */
export type CsvColumnKind = 'float32' | 'float64' | 'int64' | 'category' | 'text' | { readonly categories: readonly string[] };

export interface NumberColumn {
  /** The numbers, of the type asked for; what is missing is NaN, and 0 in int64. */
  readonly values: Tensor;
  /** bool[n]: true where nothing was given. */
  readonly missing: Tensor;
}

export interface CategoryColumn {
  /** Positions in `categories`, int64[n]; -1 for what is missing. */
  readonly values: Tensor;
  /** bool[n]: true where nothing was given. */
  readonly missing: Tensor;
  /** The categories by their codes; sorted when they were found in the file. */
  readonly categories: readonly string[];
}

export interface TextColumn {
  /** The texts; null for what is missing. */
  readonly values: readonly (string | null)[];
  /** bool[n]: true where nothing was given. */
  readonly missing: Tensor;
}

/** The column that a kind leads to. */
export type CsvColumn<Kind> = Kind extends 'text'
  ? TextColumn
  : Kind extends 'float32' | 'float64' | 'int64'
    ? NumberColumn
    : CategoryColumn;

export interface CsvOptions<Kinds> {
  /** The columns to read and what each holds, by name; by position (0, 1, ...) for a table without names. */
  columns: Kinds;
  /** True: the first row names the columns. False: there are no names. A list: the names, for a file without. Default true. */
  header?: boolean | readonly string[];
  /** What stands between two fields. Default `','`. */
  delimiter?: string;
  /** What surrounds a field that holds delimiters. Default `'"'`. */
  quote?: string;
  /** Lines before the table. Default 0. */
  skipLines?: number;
  /** Fields that mean that nothing was given. Default `['', '?', 'NA', 'N/A', 'NaN', 'nan', 'null']`. */
  missing?: readonly string[];
}

const MISSING = ['', '?', 'NA', 'N/A', 'NaN', 'nan', 'null'] as const;

/** Columns of one length. */
export class CsvTable<Kinds extends Readonly<Record<string | number, CsvColumnKind>>> {
  /** Number of rows. */
  readonly length: number;
  readonly columns: { readonly [Name in keyof Kinds]: CsvColumn<Kinds[Name]> };

  constructor(length: number, columns: { readonly [Name in keyof Kinds]: CsvColumn<Kinds[Name]> }) {
    this.length = length;
    this.columns = columns;
  }

  /**
   * Columns side by side, [n, names.length]: numbers as they are, categories as their codes; what is missing is NaN.
   *
   * @param options `dtype`: default float32
   * @throws for columns of texts, and names that the table does not have
   */
  matrix(names: readonly (keyof Kinds & (string | number))[], options?: { dtype?: 'float32' | 'float64' }): Tensor {
    if (!Array.isArray(names) || names.length === 0) throw expected('at least one column', 'names', names);
    const { dtype = 'float32' } = checkedOptions(options, 'matrix');
    return scope(() => {
      const parts = names.map((name) => {
        const column = columnOf<CsvColumn<CsvColumnKind>>(this.columns, String(name));
        if (Array.isArray(column.values)) throw expected('a column of numbers or categories', 'names', name);
        return (column.values as Tensor).to(dtype).maskedFill(column.missing, Number.NaN);
      });
      return stack(parts, { dim: 1 });
    });
  }
}

function columnOf<Column>(columns: object, name: string): Column {
  if (!Object.hasOwn(columns, name)) throw expected(`one of the columns ${shortList(Object.keys(columns))}`, 'names', name);
  return (columns as Record<string, Column>)[name] as Column;
}

/**
 * The columns asked for of a CSV file, gzip-compressed or not. Blanks around fields do not count.
 *
 * A relative path that leads nowhere is looked for below `$TORCHWRIGHT_DATA`.
 *
 * @throws when there is no such file or column, rows have different numbers of fields, or a field is not what its column
 *   holds (the message names the column and the row, from 1)
 */
export function csvTable<const Kinds extends Readonly<Record<string | number, CsvColumnKind>>>(
  path: string,
  options: CsvOptions<Kinds>,
): CsvTable<Kinds> {
  const kinds = options?.columns;
  if (typeof kinds !== 'object' || kinds === null) throw expected('an object of columns and their kinds', 'columns', kinds);
  const { header = true, delimiter = ',', quote = '"', skipLines = 0, missing = MISSING } = options;
  if (typeof header !== 'boolean' && !isTexts(header)) throw expected('true, false or the names of the columns', 'header', header);
  if (typeof delimiter !== 'string' || delimiter === '') throw expected('a text', 'delimiter', delimiter);
  if (typeof quote !== 'string') throw expected('a text', 'quote', quote);
  if (!Number.isSafeInteger(skipLines) || skipLines < 0) throw expected('a whole number of at least 0', 'skipLines', skipLines);
  if (!isTexts(missing)) throw expected('a list of texts', 'missing', missing);
  for (const [name, kind] of Object.entries(kinds)) checkKind(name, kind);

  const file = findPath(path);
  const rows = readRows(file, { delimiter, quote, skipLines });
  const first = rows[0];
  if (first === undefined) throw new Error(`Expected rows in ${basename(file)} but found none`);
  const names = header === true ? first : header === false ? first.map((_, k) => String(k)) : header;
  if (names.length !== first.length) {
    throw new Error(`Expected ${names.length} fields in each row of ${basename(file)} but received ${first.length}`);
  }
  const body = header === true ? rows.slice(1) : rows;
  const isMissing = new Set(missing);
  const columns = Object.fromEntries(
    Object.entries(kinds).map(([name, kind]) => {
      const position = names.indexOf(name);
      if (position < 0) throw new Error(`Expected a column ${JSON.stringify(name)} in ${basename(file)} but found ${shortList(names)}`);
      const fields = body.map((row) => row[position] as string);
      return [name, makeColumn(fields, kind, isMissing, `column ${name} of ${basename(file)}`)];
    }),
  );
  return new CsvTable(body.length, columns as { [Name in keyof Kinds]: CsvColumn<Kinds[Name]> });
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((element) => typeof element === 'string');
}

const KINDS: readonly unknown[] = ['float32', 'float64', 'int64', 'category', 'text'];

function checkKind(name: string, kind: unknown): void {
  const categories = typeof kind === 'object' && kind !== null ? (kind as { categories?: unknown }).categories : undefined;
  if (KINDS.includes(kind) || (isTexts(categories) && new Set(categories).size === categories.length)) return;
  throw expected(`one of ${KINDS.join(', ')} or { categories } without repetitions`, `column ${name}`, kind);
}

function shortList(names: readonly string[]): string {
  return `${names.slice(0, 12).join(', ')}${names.length > 12 ? ', ...' : ''}`;
}

function readRows(file: string, options: { delimiter: string; quote: string; skipLines: number }): string[][] {
  const { delimiter, quote, skipLines } = options;
  // Loaded when a table is: it would be a good part of the time that the package takes to load.
  const { parse } = createRequire(__filename)('csv-parse/sync') as typeof import('csv-parse/sync');
  try {
    return parse(readMaybeGzip(file), {
      bom: true,
      delimiter,
      quote: quote === '' ? null : quote,
      from_line: skipLines + 1,
      skip_empty_lines: true,
      trim: true,
    });
  } catch (error) {
    throw new Error(`Expected a table in ${basename(file)} but reading it failed: ${(error as Error).message}`);
  }
}

function makeColumn(
  fields: readonly string[],
  kind: CsvColumnKind,
  isMissing: ReadonlySet<string>,
  where: string,
): CsvColumn<CsvColumnKind> {
  // Columns outlive the scope that they are read in.
  const missing = fromTypedArray(
    Uint8Array.from(fields, (field) => (isMissing.has(field) ? 1 : 0)),
    { dtype: 'bool' },
  ).keep();
  /** Each field through `read`, unless it is missing. */
  const each = <Value>(absent: Value, read: (field: string) => Value | undefined, what: string): Value[] =>
    fields.map((field, row) => {
      if (isMissing.has(field)) return absent;
      const value = read(field);
      if (value === undefined) throw new Error(`Expected ${what} in row ${row + 1} of ${where} but received ${describe(field)}`);
      return value;
    });
  if (kind === 'text') return { values: each<string | null>(null, (field) => field, 'a text'), missing };
  if (kind === 'int64') return { values: fromTypedArray(BigInt64Array.from(each(0n, readWhole, 'a whole number'))).keep(), missing };
  if (kind === 'float32' || kind === 'float64') {
    const numbers = Float64Array.from(each(Number.NaN, readNumber, 'a number'));
    return { values: fromTypedArray(kind === 'float32' ? Float32Array.from(numbers) : numbers).keep(), missing };
  }
  const categories = kind === 'category' ? [...new Set(fields)].filter((field) => !isMissing.has(field)).sort() : kind.categories;
  const codes = new Map(categories.map((category, code) => [category, BigInt(code)]));
  const values = each(-1n, (field) => codes.get(field), `one of ${shortList(categories)}`);
  return { values: fromTypedArray(BigInt64Array.from(values)).keep(), missing, categories };
}

const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;
const INFINITE = /^([+-]?)inf(inity)?$/i;

function readNumber(field: string): number | undefined {
  if (NUMBER.test(field)) return Number(field);
  const infinite = INFINITE.exec(field);
  if (infinite !== null) return infinite[1] === '-' ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  return undefined;
}

const WHOLE = /^([+-]?\d+)(\.0*)?$/;

/** `3.0` is whole too: tables with gaps are often written that way. */
function readWhole(field: string): bigint | undefined {
  const digits = WHOLE.exec(field)?.[1];
  if (digits === undefined) return undefined;
  const value = BigInt(digits);
  return BigInt.asIntN(64, value) === value ? value : undefined;
}
