/** Results as a Markdown table, and as JSON with every round. */

import os from 'node:os';
import type { Rounds } from './interleaved';
import { NAMES } from './languages';
import type { Measure, Target } from './measures';
import { ratios, type Spread, spread } from './statistics';

export interface Result {
  readonly measure: string;
  readonly what: string;
  readonly unit: 'ratio' | 'MiB';
  readonly value: Spread;
  readonly atMost?: number;
  readonly reached?: boolean;
}

/** One result for each target whose languages were measured. */
export function resultsOf(measure: Measure, rounds: Rounds): Result[] {
  return measure.targets.flatMap((target) => {
    const value = measured(measure, target, rounds);
    if (value === null) return [];
    const { of, over, atMost } = target;
    const what = over === undefined ? NAMES[of] : `${NAMES[of]} / ${NAMES[over]}`;
    const reached = atMost === undefined ? undefined : judged(measure, target, value) <= atMost;
    return [{ measure: measure.title, what, unit: over === undefined ? 'MiB' : 'ratio', value, atMost, reached }];
  });
}

function measured(measure: Measure, { of, over }: Target, rounds: Rounds): Spread | null {
  const values = rounds[of];
  if (values === undefined) return null;
  if (over !== undefined) return rounds[over] === undefined ? null : ratios(values, rounds[over]);
  // Memory as it grows: the last look, between its lowest and its highest.
  if (measure.kind === 'growth') return { median: values.at(-1) as number, lower: Math.min(...values), upper: Math.max(...values) };
  return spread(values);
}

/** What is held against the target: the median, and of growing memory the highest look. */
function judged(measure: Measure, { over }: Target, value: Spread): number {
  return measure.kind === 'growth' && over === undefined ? value.upper : value.median;
}

export function table(results: readonly Result[]): string {
  const rows = results.map(({ measure, what, unit, value, atMost, reached }) => {
    const show = (n: number): string => (unit === 'MiB' ? n.toFixed(1) : n.toFixed(3));
    const suffix = unit === 'MiB' ? ' MiB' : '';
    return [
      measure,
      what,
      `${show(value.median)}${suffix}`,
      `${show(value.lower)} to ${show(value.upper)}`,
      atMost === undefined ? '' : `<= ${atMost}${suffix}`,
      reached === undefined ? '' : reached ? 'yes' : 'no',
    ];
  });
  return markdown(['measure', 'compared', 'median', 'spread', 'to reach', 'reached'], rows);
}

function markdown(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((title, column) => Math.max(title.length, ...rows.map((row) => (row[column] as string).length)));
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] as number)).join(' | ')} |`;
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line)].join('\n');
}

/** What the numbers come from. */
export function machine(): Record<string, string | number> {
  return { cpu: os.cpus()[0]?.model.trim() ?? 'unknown', cores: os.availableParallelism(), system: `${os.type()} ${os.arch()}` };
}
