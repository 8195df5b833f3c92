/** A table of what each seed gave: rows are what is compared, columns what was measured. */

export interface Cell {
  readonly mean: number;
  /** Standard deviation over the seeds. */
  readonly spread: number;
  /** One for each seed. */
  readonly values: readonly number[];
}

export interface TableData {
  readonly title: string;
  readonly columns: readonly string[];
  readonly rows: readonly { readonly name: string; readonly cells: Readonly<Record<string, Cell>> }[];
}

export class Table<Column extends string = string> {
  readonly #rows = new Map<string, Map<Column, number[]>>();

  constructor(
    readonly title: string,
    readonly columns: readonly Column[],
    /** Digits after the point. */
    readonly digits: number,
  ) {}

  /** Adds what one seed gave for a row. */
  add(row: string, values: Partial<Record<Column, number>>): void {
    const cells = this.#rows.get(row) ?? new Map<Column, number[]>();
    this.#rows.set(row, cells);
    for (const column of this.columns) {
      const value = values[column];
      if (value !== undefined) cells.set(column, [...(cells.get(column) ?? []), value]);
    }
  }

  /** The mean over the seeds. */
  mean(row: string, column: Column): number {
    return summary(this.values(row, column)).mean;
  }

  /** What each seed gave. */
  values(row: string, column: Column): readonly number[] {
    const values = this.#rows.get(row)?.get(column);
    if (values === undefined) throw new Error(`Expected a value in row ${row}, column ${column} of "${this.title}" but there is none`);
    return values;
  }

  data(): TableData {
    const rows = [...this.#rows].map(([name, cells]) => ({
      name,
      cells: Object.fromEntries([...cells].map(([column, values]) => [column, summary(values)])),
    }));
    return { title: this.title, columns: this.columns, rows };
  }

  /** As Markdown, with columns that line up. */
  toString(): string {
    return markdown(this.data(), this.digits);
  }
}

function summary(values: readonly number[]): Cell {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const spread = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / Math.max(1, values.length - 1));
  return { mean, spread, values };
}

/** A table of what was measured, in Markdown: `mean ± standard deviation` where there is more than one seed. */
export function markdown({ columns, rows }: TableData, digits: number): string {
  const text = (cell: Cell | undefined): string => {
    if (cell === undefined) return '';
    // From a file an infinity is a word.
    const mean = Number(cell.mean).toFixed(digits);
    return cell.values.length > 1 ? `${mean} ± ${Number(cell.spread).toFixed(digits)}` : mean;
  };
  return aligned([['', ...columns], ...rows.map(({ name, cells }) => [name, ...columns.map((column) => text(cells[column]))])]);
}

/** A Markdown table with columns that line up; the first line is its head. */
export function aligned(lines: readonly (readonly string[])[]): string {
  const widths = (lines[0] ?? []).map((_, k) => Math.max(3, ...lines.map((line) => (line[k] as string).length)));
  const line = (cells: readonly string[]): string => `| ${cells.map((cell, k) => cell.padEnd(widths[k] as number)).join(' | ')} |`;
  const [head = '', ...body] = lines.map(line);
  return [head, line(widths.map((width) => '-'.repeat(width))), ...body].join('\n');
}
